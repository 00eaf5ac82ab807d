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
import java.util.concurrent.locks.LockSupport;

/**
 * Uploads beside curl's, in one run: the same files to the same sink at 1 and at 4 connections, alternating, medians. The
 * sink does what a server of the contract must before it answers 201: it writes the image and syncs it. curl reads files and
 * sends them; Howdah besides claims rows, verifies every digest, looks message ids up, and records every outcome durably.
 * The sink's own limit is measured as well: the same bytes written and synced by as many threads with no network at all.
 *
 * <p>On two cores sender and sink share the CPU: curl and sink together take 1.39 ms an image (curl 0.44), and to read and hash
 * 0.5 MB takes 0.45 ms more whoever does it: 0.76 x curl is the most that a sender which verifies can reach there once both cores
 * are busy. So the same is measured over a line as well, whose bytes all connections share (LINE=… MB/s, 118 is what 1 Gbit/s
 * carries, 0 leaves it out): there the sender has what it has in a hospital, a core that is not the receiver's.
 *
 * Several jars are measured in turn in every round, each with a pacs.db of its own, so that a change can be seen beside what
 * was before it. Settings are Howdah's defaults but for the poll interval (2 s would be measured, not the upload).
 *
 * <p>Usage: java UploadBench.java WORK_DIRECTORY IMAGES BYTES ROUNDS HOWDAH_JAR...
 */
public final class UploadBench {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final AtomicInteger RECEIVED = new AtomicInteger();
  private static final String SCHEMA =
      "CREATE TABLE stored_instances (sop_instance_uid TEXT PRIMARY KEY, storage_path TEXT NOT NULL UNIQUE, file_size INTEGER NOT NULL,"
          + " storage_hash TEXT NOT NULL, patient_id TEXT, patient_name TEXT, accession_number TEXT, status TEXT DEFAULT 'STORED',"
          + " upload_status TEXT DEFAULT 'PENDING', upload_error TEXT, upload_attempt_count INTEGER DEFAULT 0, last_upload_attempt TEXT,"
          + " uploaded_at TEXT, created_at TEXT DEFAULT CURRENT_TIMESTAMP, source_aet TEXT)";

  /** Rounds not counted. */
  private static final int WARM = number("WARM", 2);

  /**
   * Small images sent before those: a gateway runs for months, and its JVM has compiled what each image needs after some ten
   * thousand. Sink and harness are warmed by them as well.
   */
  private static final int WARM_IMAGES = number("WARM_IMAGES", 18_000);

  private static final int WARM_BYTES = 160 * 1024;

  /** Megabytes a second. */
  private static final int LINE = number("LINE", 118);

  private static volatile double lineBytesPerSecond;
  private static long lineFreeAt;

  private static final int[] CONNECTIONS =
      Arrays.stream(System.getenv().getOrDefault("CONNECTIONS", "1 4").split(" ")).mapToInt(Integer::parseInt).toArray();

  /** So many different files; the rows share them by hard links, as the page cache would hold them in any case. */
  private static final int FILES = 400;

  private static final List<Process> RUNNING = new ArrayList<>();

  private static Path work;
  private static int images;
  private static byte[] image;

  public static void main(String[] args) throws Exception {
    work = Path.of(args[0]).toAbsolutePath();
    images = Integer.parseInt(args[1]);
    image = new byte[Integer.parseInt(args[2])];
    new Random(1).nextBytes(image);
    int rounds = Integer.parseInt(args[3]);
    List<String> jars = List.of(args).subList(4, args.length);
    Files.createDirectories(work.resolve("sink"));
    for (int jar = 0; jar < jars.size(); jar++) {
      prepare(jar);
    }
    try (ServerSocket server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
      Thread thread = new Thread(() -> accept(server));
      thread.setDaemon(true);
      thread.start();
      String url = "http://127.0.0.1:" + server.getLocalPort() + "/api/dicom/upload/";
      System.out.printf("%d images of %d bytes, %d rounds after %d to warm up%n", images, image.length, rounds, WARM);
      for (int connections : CONNECTIONS) {
        RUNNING.clear();
        try {
          for (int jar = 0; jar < jars.size(); jar++) {
            RUNNING.add(howdah(jar, Path.of(jars.get(jar)).toAbsolutePath(), url, connections));
          }
          warmUp(jars);
          measure(connections, rounds, url, jars);
          if (LINE > 0) {
            lineBytesPerSecond = LINE * 1e6;
            System.out.printf(Locale.ROOT, "over a line of %d MB/s, ", LINE);
            measure(connections, rounds, url, jars);
            lineBytesPerSecond = 0;
          }
        } finally {
          for (Process howdah : RUNNING) {
            howdah.destroy();
            howdah.waitFor();
          }
        }
      }
    }
  }

  private static void warmUp(List<String> jars) throws Exception {
    for (int sent = 0; sent < WARM_IMAGES; sent += images) {
      for (int jar = 0; jar < jars.size(); jar++) {
        requeueAndWait(jar, "warm");
      }
    }
  }

  private static void measure(int connections, int rounds, String url, List<String> jars) throws Exception {
    List<double[]> rates = new ArrayList<>();
    for (int round = 0; round < WARM + rounds; round++) {
      double[] row = new double[3 + 2 * jars.size()];
      row[0] = images / seconds(() -> sinkLimit(connections));
      long before = childrensCpu();
      row[1] = images / seconds(() -> curl(connections, url));
      row[2 + 2 * jars.size()] = (childrensCpu() - before) / 1e6 / images;
      for (int jar = 0; jar < jars.size(); jar++) {
        int which = jar;
        long cpu = cpu(jar);
        row[2 + jar] = images / seconds(() -> requeueAndWait(which, "image"));
        row[2 + jars.size() + jar] = (cpu(jar) - cpu) / 1e6 / images;
      }
      if (round >= WARM) {
        rates.add(row);
      }
    }
    double limit = median(rates, 0);
    double curl = median(rates, 1);
    double mb = image.length / 1e6;
    System.out.printf(
        Locale.ROOT,
        "%d connection%s: sink limit %.0f/s %.0f MB/s | curl %.0f/s %.0f MB/s = %.2f x the sink's limit; %.2f ms CPU an image%n",
        connections, connections == 1 ? "" : "s", limit, limit * mb, curl, curl * mb, curl / limit, median(rates, 2 + 2 * jars.size()));
    for (int jar = 0; jar < jars.size(); jar++) {
      int column = 2 + jar;
      double ours = median(rates, column);
      double[] ratios = rates.stream().mapToDouble(row -> row[column] / row[1]).sorted().toArray();
      System.out.printf(
          Locale.ROOT,
          "  Howdah %.0f/s %.0f MB/s = %.2f x curl (goal 0.9; by round %.2f to %.2f) = %.2f x the sink's limit; %.2f ms CPU an image %s%n",
          ours,
          ours * mb,
          ours / curl,
          ratios[0],
          ratios[ratios.length - 1],
          ours / limit,
          median(rates, 2 + jars.size() + jar),
          jars.size() == 1 ? "" : jars.get(jar));
    }
  }

  /** Nanoseconds of CPU that a gateway has used. */
  private static long cpu(int jar) {
    return RUNNING.get(jar).info().totalCpuDuration().orElseThrow().toNanos();
  }

  /** Nanoseconds of CPU of processes that have ended: what curl used, to a hundredth of a second. */
  private static long childrensCpu() throws IOException {
    String[] stat = Files.readString(Path.of("/proc/self/stat")).replaceFirst(".*\\) ", "").split(" ");
    return (Long.parseLong(stat[13]) + Long.parseLong(stat[14])) * 10_000_000L;
  }

  private static int number(String name, int usual) {
    return Integer.parseInt(System.getenv().getOrDefault(name, Integer.toString(usual)));
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

  private static Path home(int jar) {
    return work.resolve("home-" + jar);
  }

  private static void prepare(int jar) throws Exception {
    Files.createDirectories(home(jar).resolve("storage/image"));
    Files.createDirectories(home(jar).resolve("storage/warm"));
    try (Connection pacs = DriverManager.getConnection("jdbc:sqlite:" + home(jar).resolve("pacs.db"));
        Connection worklist = DriverManager.getConnection("jdbc:sqlite:" + home(jar).resolve("worklist.db"));
        Statement one = pacs.createStatement();
        Statement two = worklist.createStatement()) {
      one.execute("PRAGMA journal_mode = WAL");
      one.execute(SCHEMA);
      one.execute("CREATE INDEX idx_upload_status ON stored_instances(upload_status)");
      two.execute("CREATE TABLE worklist_items (accession_number TEXT PRIMARY KEY, source_message_id TEXT)");
      pacs.setAutoCommit(false);
      worklist.setAutoCommit(false);
      prepare(jar, "image", image, pacs, worklist);
      prepare(jar, "warm", Arrays.copyOf(image, WARM_BYTES), pacs, worklist);
      pacs.commit();
      worklist.commit();
    }
  }

  /** Rows of a kind, which is also the folder of their files. */
  private static void prepare(int jar, String kind, byte[] bytes, Connection pacs, Connection worklist) throws Exception {
    String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    for (int i = 0; i < images; i++) {
      String name = kind + "/" + i;
      if (jar == 0 && i < FILES) {
        Files.write(home(jar).resolve("storage/" + name), bytes);
      } else {
        Files.createLink(home(jar).resolve("storage/" + name), home(0).resolve("storage/" + kind + "/" + i % FILES));
      }
      try (PreparedStatement row =
          pacs.prepareStatement(
              "INSERT INTO stored_instances (sop_instance_uid, storage_path, file_size, storage_hash, accession_number, upload_status, source_aet) VALUES (?, ?, ?, ?, ?, 'COMPLETE', ?)")) {
        row.setString(1, (kind.equals("warm") ? "1.2.4." : "1.2.3.") + i);
        row.setString(2, name);
        row.setInt(3, bytes.length);
        row.setString(4, hash);
        row.setString(5, kind + i);
        row.setString(6, kind);
        row.execute();
      }
      try (PreparedStatement row = worklist.prepareStatement("INSERT INTO worklist_items VALUES (?, ?)")) {
        row.setString(1, kind + i);
        row.setString(2, "message-" + i);
        row.execute();
      }
    }
  }

  private static Process howdah(int jar, Path file, String url, int connections) throws IOException {
    List<String> command = new ArrayList<>(List.of("java"));
    // such as -XX:StartFlightRecording=filename=/tmp/upload.jfr,dumponexit=true to see where the time goes
    command.addAll(List.of(System.getenv().getOrDefault("JAVA_OPTIONS", "").split(" ")));
    command.removeIf(String::isEmpty);
    Path launcher = file.getParent().resolveSibling("howdah");
    if (command.size() == 1 && Files.exists(launcher)) {
      command = new ArrayList<>(List.of(launcher.toString(), "run")); // as its users start it
    } else {
      command.addAll(List.of("-jar", file.toString(), "run"));
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(home(jar).resolve("howdah.log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "HOWDAH_ROLES", "pacs-upload",
                "HOWDAH_DATA", home(jar).resolve("data-" + connections).toString(),
                "HOWDAH_MANAGEMENT_PORT", Integer.toString(freePort()),
                "CLOUD_API_ENDPOINT", url,
                "PACS_DB_PATH", home(jar).resolve("pacs.db").toString(),
                "PACS_STORAGE_PATH", home(jar).resolve("storage").toString(),
                "MWL_DB_PATH", home(jar).resolve("worklist.db").toString(),
                "UPLOAD_POLL_INTERVAL", "0.05",
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
  private static void requeueAndWait(int jar, String kind) throws Exception {
    RECEIVED.set(0);
    try (Connection pacs = DriverManager.getConnection("jdbc:sqlite:" + home(jar).resolve("pacs.db"));
        Statement statement = pacs.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 30000");
      statement.execute("UPDATE stored_instances SET upload_status = 'PENDING', upload_attempt_count = 0 WHERE source_aet = '" + kind + "'");
      long end = System.nanoTime() + 300_000_000_000L;
      for (String left = "?"; !left.equals("0"); ) {
        Thread.sleep(RECEIVED.get() < images ? 20 : 2);
        try (ResultSet row =
            statement.executeQuery("SELECT COUNT(*) FROM stored_instances WHERE upload_status <> 'COMPLETE'")) {
          left = row.getString(1);
        }
        if (System.nanoTime() > end || !RUNNING.get(jar).isAlive()) {
          throw new IllegalStateException(
              left + " images left; Howdah said: " + Files.readString(home(jar).resolve("howdah.log")));
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
            .append("form = \"file=@" + home(0).resolve("storage/image/" + i) + ";filename=1.2.3." + i + ".dcm\"\n");
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
        if (!read(in, body, length)) {
          return;
        }
        keep(body, Math.max(0, length - image.length - 100), Math.min(length, image.length));
        RECEIVED.incrementAndGet();
        out.write("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}".getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException e) {
      // the sender has gone
    }
  }

  /** A body at the line's pace; false when the sender has gone. */
  private static boolean read(InputStream in, byte[] body, int length) throws IOException {
    double pace = lineBytesPerSecond;
    for (int at = 0, n; at < length; at += n) {
      n = in.readNBytes(body, at, Math.min(length - at, pace == 0 ? length : 128 * 1024));
      if (n == 0) {
        return false;
      }
      if (pace > 0) {
        waitForLine((long) (n / pace * 1e9));
      }
    }
    return true;
  }

  /** All connections take turns on the line. */
  private static void waitForLine(long nanos) {
    long mine;
    synchronized (UploadBench.class) {
      lineFreeAt = Math.max(lineFreeAt, System.nanoTime()) + nanos;
      mine = lineFreeAt;
    }
    LockSupport.parkNanos(mine - System.nanoTime());
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
