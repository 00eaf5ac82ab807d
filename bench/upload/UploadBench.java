import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Uploads beside curl's, in one run: the same files to the same sink at 1 and at 4 connections, alternating, medians. The
 * sink does what a server of the contract must before it answers 201: it writes the image and syncs it. curl reads files and
 * sends them; Howdah besides claims rows, verifies every digest, looks message ids up, and records every outcome durably.
 * The sink's own limit is measured as well: the same bytes written and synced by as many threads with no network at all.
 *
 * <p>Usage: java UploadBench.java HOWDAH_JAR WORK_DIRECTORY IMAGES BYTES ROUNDS
 */
public final class UploadBench {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final AtomicInteger RECEIVED = new AtomicInteger();
  private static final String SCHEMA =
      "CREATE TABLE stored_instances (sop_instance_uid TEXT PRIMARY KEY, storage_path TEXT NOT NULL UNIQUE, file_size INTEGER NOT NULL,"
          + " storage_hash TEXT NOT NULL, patient_id TEXT, patient_name TEXT, accession_number TEXT, status TEXT DEFAULT 'STORED',"
          + " upload_status TEXT DEFAULT 'PENDING', upload_error TEXT, upload_attempt_count INTEGER DEFAULT 0, last_upload_attempt TEXT,"
          + " uploaded_at TEXT, created_at TEXT DEFAULT CURRENT_TIMESTAMP, source_aet TEXT)";

  private static Path work;
  private static int images;
  private static byte[] image;

  public static void main(String[] args) throws Exception {
    Path jar = Path.of(args[0]).toAbsolutePath();
    work = Path.of(args[1]).toAbsolutePath();
    images = Integer.parseInt(args[2]);
    image = new byte[Integer.parseInt(args[3])];
    new Random(1).nextBytes(image);
    int rounds = Integer.parseInt(args[4]);
    Files.createDirectories(work.resolve("sink"));
    prepare();
    try (ServerSocket server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
      Thread thread = new Thread(() -> accept(server));
      thread.setDaemon(true);
      thread.start();
      String url = "http://127.0.0.1:" + server.getLocalPort() + "/api/dicom/upload/";
      System.out.printf("%d images of %d bytes, %d rounds after one to warm up%n", images, image.length, rounds);
      for (int connections : new int[] {1, 4}) {
        Process howdah = howdah(jar, url, connections);
        try {
          measure(connections, rounds, url);
        } finally {
          howdah.destroy();
          howdah.waitFor();
        }
      }
    }
  }

  private static void measure(int connections, int rounds, String url) throws Exception {
    List<double[]> rates = new ArrayList<>();
    for (int round = 0; round <= rounds; round++) {
      double limit = images / seconds(() -> sinkLimit(connections));
      double curl = images / seconds(() -> curl(connections, url));
      double ours = images / seconds(() -> requeueAndWait());
      if (round > 0) {
        rates.add(new double[] {limit, curl, ours});
      }
    }
    double limit = median(rates, 0);
    double curl = median(rates, 1);
    double ours = median(rates, 2);
    double mb = image.length / 1e6;
    System.out.printf(
        Locale.ROOT,
        "%d connection%s: sink limit %5.0f/s | curl %5.0f/s %5.0f MB/s | Howdah %5.0f/s %5.0f MB/s = %.2f x curl (goal 0.9) = %.2f x the sink's limit%n",
        connections, connections == 1 ? " " : "s", limit, curl, curl * mb, ours, ours * mb, ours / curl, ours / limit);
  }

  private interface Task {
    void run() throws Exception;
  }

  private static double seconds(Task task) throws Exception {
    long began = System.nanoTime();
    task.run();
    return (System.nanoTime() - began) / 1e9;
  }

  private static double median(List<double[]> rates, int column) {
    double[] sorted = rates.stream().mapToDouble(rate -> rate[column]).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static void prepare() throws Exception {
    Path store = Files.createDirectories(work.resolve("storage"));
    String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(image));
    try (Connection pacs = DriverManager.getConnection("jdbc:sqlite:" + work.resolve("pacs.db"));
        Connection worklist = DriverManager.getConnection("jdbc:sqlite:" + work.resolve("worklist.db"));
        Statement one = pacs.createStatement();
        Statement two = worklist.createStatement()) {
      one.execute("PRAGMA journal_mode = WAL");
      one.execute(SCHEMA);
      one.execute("CREATE INDEX idx_upload_status ON stored_instances(upload_status)");
      two.execute("CREATE TABLE worklist_items (accession_number TEXT PRIMARY KEY, source_message_id TEXT)");
      pacs.setAutoCommit(false);
      worklist.setAutoCommit(false);
      for (int i = 0; i < images; i++) {
        Files.write(store.resolve(i + ".dcm"), image);
        try (PreparedStatement row =
            pacs.prepareStatement(
                "INSERT INTO stored_instances (sop_instance_uid, storage_path, file_size, storage_hash, accession_number, upload_status) VALUES (?, ?, ?, ?, ?, 'COMPLETE')")) {
          row.setString(1, "1.2.3." + i);
          row.setString(2, i + ".dcm");
          row.setInt(3, image.length);
          row.setString(4, hash);
          row.setString(5, "A" + i);
          row.execute();
        }
        try (PreparedStatement row = worklist.prepareStatement("INSERT INTO worklist_items VALUES (?, ?)")) {
          row.setString(1, "A" + i);
          row.setString(2, "message-" + i);
          row.execute();
        }
      }
      pacs.commit();
      worklist.commit();
    }
  }

  private static Process howdah(Path jar, String url, int connections) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("java", "-jar", jar.toString(), "run")
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("howdah.log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "HOWDAH_ROLES", "pacs-upload",
                "HOWDAH_DATA", work.resolve("data-" + connections).toString(),
                "HOWDAH_MANAGEMENT_PORT", Integer.toString(freePort()),
                "CLOUD_API_ENDPOINT", url,
                "PACS_DB_PATH", work.resolve("pacs.db").toString(),
                "PACS_STORAGE_PATH", work.resolve("storage").toString(),
                "MWL_DB_PATH", work.resolve("worklist.db").toString(),
                "UPLOAD_POLL_INTERVAL", "0.05",
                "UPLOAD_BATCH_SIZE", "100",
                "HOWDAH_PACS_UPLOAD_CONCURRENCY", Integer.toString(connections)));
    builder.environment().put("LOG_LEVEL", "WARN");
    return builder.start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** All rows are set PENDING at once; ends when the last says COMPLETE. */
  private static void requeueAndWait() throws Exception {
    RECEIVED.set(0);
    try (Connection pacs = DriverManager.getConnection("jdbc:sqlite:" + work.resolve("pacs.db"));
        Statement statement = pacs.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 30000");
      statement.execute("UPDATE stored_instances SET upload_status = 'PENDING', upload_attempt_count = 0");
      long end = System.nanoTime() + 300_000_000_000L;
      for (String left = "?"; !left.equals("0"); ) {
        Thread.sleep(RECEIVED.get() < images ? 20 : 2);
        try (ResultSet row =
            statement.executeQuery("SELECT COUNT(*) FROM stored_instances WHERE upload_status <> 'COMPLETE'")) {
          left = row.getString(1);
        }
        if (System.nanoTime() > end) {
          throw new IllegalStateException(left + " images left after 300 s");
        }
      }
    }
    if (RECEIVED.get() != images) {
      throw new IllegalStateException("the sink received " + RECEIVED.get() + " images");
    }
  }

  private static void curl(int connections, String url) throws Exception {
    List<Process> running = new ArrayList<>();
    for (int c = 0; c < connections; c++) {
      StringBuilder config = new StringBuilder();
      for (int i = c; i < images; i += connections) {
        config
            .append(config.length() == 0 ? "" : "next\n")
            .append("url = \"" + url + "\"\nsilent\noutput = /dev/null\nheader = \"Expect:\"\n")
            .append("header = \"X-Source-Message-ID: message-" + i + "\"\n")
            .append("form = \"file=@" + work.resolve("storage/" + i + ".dcm") + ";filename=1.2.3." + i + ".dcm\"\n");
      }
      Path file = Files.writeString(work.resolve("curl-" + c), config);
      running.add(new ProcessBuilder("curl", "--noproxy", "*", "--config", file.toString()).inheritIO().start());
    }
    for (Process process : running) {
      if (process.waitFor() != 0) {
        throw new IllegalStateException("curl ended with " + process.exitValue());
      }
    }
  }

  /** The bytes written and synced as the sink does, by as many threads, with no network: what no sender can pass. */
  private static void sinkLimit(int threads) throws Exception {
    AtomicInteger left = new AtomicInteger(images);
    CountDownLatch done = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      new Thread(
              () -> {
                try {
                  while (left.getAndDecrement() > 0) {
                    keep(image, 0, image.length);
                  }
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                } finally {
                  done.countDown();
                }
              })
          .start();
    }
    done.await();
  }

  private static void keep(byte[] bytes, int from, int length) throws IOException {
    Path file = work.resolve("sink/" + NUMBER.incrementAndGet() % 1000);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes, from, length));
      channel.force(true);
    }
  }

  private static void accept(ServerSocket server) {
    while (true) {
      try {
        Socket socket = server.accept();
        Thread thread = new Thread(() -> serve(socket));
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 256 * 1024);
      OutputStream out = socket.getOutputStream();
      byte[] body = new byte[image.length + 4096];
      while (true) {
        int length = -1;
        String line = line(in);
        if (line == null) {
          return;
        }
        for (; !line.isEmpty(); line = line(in)) {
          if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
            length = Integer.parseInt(line.substring(15).strip());
          }
        }
        if (in.readNBytes(body, 0, length) < length) {
          return;
        }
        keep(body, length - image.length - 100, image.length);
        RECEIVED.incrementAndGet();
        out.write("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}".getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException e) {
      // the sender has gone
    }
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        return null;
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }
}
