import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Durable intake beside Orthanc's, in one run: the same objects of 0.5 MB over the same kind of keep-alive connections,
 * alternating, medians. Howdah answers after fsync of file and directory and the commit of the row; Orthanc syncs its index
 * only. What a program reaches that receives, digests, writes and syncs and does nothing else (BareIntake) is beside them. A third column follows Howdah's objects to the state archived.
 *
 * <p>Usage: java IntakeBench.java HOWDAH_PORT ORTHANC_PORT BARE_PORT OBJECTS ROUNDS WARMUP HOWDAH_PID ORTHANC_PID: so many small uploads
 * and a fifth as many of the size that is measured before anything is, because a gateway runs for months and the JVM is still
 * compiling after the first thousands. The processor time of the two processes tells what the machine would need more of.
 */
public final class IntakeBench {
  private static final String BOUNDARY = "howdah-bench";
  private static final AtomicInteger NUMBER = new AtomicInteger((int) (System.nanoTime() & 0xffffff));

  public static void main(String[] args) throws Exception {
    int howdah = Integer.parseInt(args[0]);
    int orthanc = Integer.parseInt(args[1]);
    int bare = Integer.parseInt(args[2]);
    int objects = Integer.parseInt(args[3]);
    int rounds = Integer.parseInt(args[4]);
    int warmup = Integer.parseInt(args[5]);
    String ourPid = args[6];
    String peerPid = args[7];
    System.out.printf("objects of %d bytes, %d a round, %d rounds after one and %d uploads to warm up%n", object(0).length, objects, rounds, warmup);
    if (warmup > 0) {
      side = 64;
      double cold = rate(howdah, "/upload", true, 4, warmup);
      untilArchived(howdah);
      side = 512;
      template = null;
      double warm = 0;
      for (int connections : new int[] {1, 4}) {
        warm = rate(howdah, "/upload", true, connections, warmup / 10);
        untilArchived(howdah);
      }
      System.out.printf(
          Locale.ROOT, "to warm up, %d of 8 KB at 4 connections: accepted %4.0f/s; %d of 0.5 MB: %4.0f/s%n", warmup, cold, warmup / 5, warm);
    }
    Path disk = Files.createTempDirectory("bench-limit");
    for (int connections : new int[] {1, 4}) {
      List<double[]> rates = new ArrayList<>();
      for (int round = 0; round <= rounds; round++) {
        double limit = diskLimit(disk, connections, objects);
        double floor = rate(bare, "/", false, connections, objects);
        double peerBefore = processorMs(peerPid);
        double peer = orthanc == 0 ? 0 : rate(orthanc, "/instances", false, connections, objects);
        double peerCost = (processorMs(peerPid) - peerBefore) / objects;
        double before = processorMs(ourPid);
        long began = System.nanoTime();
        double ours = rate(howdah, "/upload", true, connections, objects);
        double through = objects * 1e9 / (untilArchived(howdah) - began);
        double cost = (processorMs(ourPid) - before) / objects;
        if (round > 0) {
          rates.add(new double[] {limit, peer, ours, through, peerCost, cost, floor});
        }
      }
      double limit = median(rates, 0);
      double peer = median(rates, 1);
      double ours = median(rates, 2);
      double through = median(rates, 3);
      System.out.printf(
          Locale.ROOT,
          "%d connection%s: disk limit %4.0f/s | bare durable intake %4.0f/s = %.2f x | Orthanc %4.0f/s | Howdah accepted %4.0f/s = %.2f x (goal 2.0) | through to archived %4.0f/s = %.2f x (goal 1.5) | processor ms an object: Orthanc %.1f, Howdah %.1f%n",
          connections, connections == 1 ? " " : "s", limit, median(rates, 6), median(rates, 6) / peer, peer, ours, ours / peer, through, through / peer, median(rates, 4), median(rates, 5));
    }
  }

  /** What a process has used of all cores so far; 0 for none. */
  private static double processorMs(String pid) throws IOException {
    if (pid.equals("0")) {
      return 0;
    }
    String[] fields = Files.readString(Path.of("/proc", pid, "stat")).replaceFirst(".*\\) ", "").split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10.0;
  }

  /** write + fsync + link + fsync of the directory, as many threads as connections: what no durable intake can pass. */
  private static double diskLimit(Path directory, int threads, int objects) throws Exception {
    byte[] bytes = object(0);
    AtomicInteger left = new AtomicInteger(objects / 2);
    return timed(objects / 2, threads, () -> {
      for (int n = left.getAndDecrement(); n > 0; n = left.getAndDecrement()) {
        Path part = directory.resolve(NUMBER.incrementAndGet() + ".part");
        try (var channel = java.nio.channels.FileChannel.open(part, java.nio.file.StandardOpenOption.CREATE_NEW, java.nio.file.StandardOpenOption.WRITE)) {
          channel.write(java.nio.ByteBuffer.wrap(bytes));
          channel.force(true);
        }
        Path whole = directory.resolve(part.getFileName() + ".dcm");
        Files.move(part, whole);
        try (var channel = java.nio.channels.FileChannel.open(directory, java.nio.file.StandardOpenOption.READ)) {
          channel.force(true);
        }
        Files.delete(whole);
      }
    });
  }

  private static double rate(int port, String path, boolean multipart, int connections, int objects) throws Exception {
    AtomicInteger left = new AtomicInteger(objects);
    return timed(objects, connections, () -> {
      try (Socket socket = new Socket("127.0.0.1", port)) {
        socket.setTcpNoDelay(true);
        OutputStream out = socket.getOutputStream();
        InputStream in = new BufferedInputStream(socket.getInputStream());
        for (int n = left.getAndDecrement(); n > 0; n = left.getAndDecrement()) {
          byte[] bytes = object(NUMBER.incrementAndGet());
          byte[] head = multipart ? ("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.dcm\"\r\n\r\n").getBytes(StandardCharsets.US_ASCII) : new byte[0];
          byte[] tail = multipart ? ("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII) : new byte[0];
          String request = "POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: " + (multipart ? "multipart/form-data; boundary=" + BOUNDARY : "application/dicom")
              + "\r\nContent-Length: " + (head.length + bytes.length + tail.length) + "\r\n\r\n";
          ByteArrayOutputStream whole = new ByteArrayOutputStream(bytes.length + 1024);
          whole.write(request.getBytes(StandardCharsets.US_ASCII));
          whole.write(head);
          whole.write(bytes);
          whole.write(tail);
          whole.writeTo(out);
          int status = readAnswer(in);
          if (status != 200 && status != 202) {
            throw new IllegalStateException("answered " + status);
          }
        }
      }
    });
  }

  private static int readAnswer(InputStream in) throws IOException {
    String line = line(in);
    int status = Integer.parseInt(line.split(" ")[1]);
    int length = 0;
    boolean chunked = false;
    for (line = line(in); !line.isEmpty(); line = line(in)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring(15).strip());
      }
      chunked |= lower.startsWith("transfer-encoding: chunked");
    }
    if (!chunked) {
      in.readNBytes(length);
    } else {
      for (int n = Integer.parseInt(line(in), 16); n > 0; n = Integer.parseInt(line(in), 16)) {
        in.readNBytes(n + 2);
      }
      line(in);
    }
    return status;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the connection ended");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private static long untilArchived(int port) throws Exception {
    long deadline = System.nanoTime() + 120_000_000_000L;
    while (System.nanoTime() < deadline) {
      if (waiting(port, "uploaded") + waiting(port, "validating") + waiting(port, "validated") + waiting(port, "processing") + waiting(port, "described") == 0) {
        return System.nanoTime();
      }
      Thread.sleep(5);
    }
    throw new IllegalStateException("not archived after 120 s");
  }

  private static int waiting(int port, String state) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.getOutputStream().write(("GET /status?state=" + state + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Integer.parseInt(answer.replaceFirst("(?s).*\"count\":(\\d+).*", "$1"));
    }
  }

  private static double timed(int objects, int threads, Step step) throws Exception {
    CountDownLatch done = new CountDownLatch(threads);
    List<Throwable> failures = new ArrayList<>();
    long began = System.nanoTime();
    for (int t = 0; t < threads; t++) {
      new Thread(() -> {
        try {
          step.run();
        } catch (Throwable e) {
          synchronized (failures) {
            failures.add(e);
          }
        } finally {
          done.countDown();
        }
      }).start();
    }
    done.await();
    if (!failures.isEmpty()) {
      throw new IllegalStateException(failures.get(0));
    }
    return objects * 1e9 / (System.nanoTime() - began);
  }

  private interface Step {
    void run() throws Exception;
  }

  private static double median(List<double[]> rates, int column) {
    double[] values = rates.stream().mapToDouble(row -> row[column]).sorted().toArray();
    return values[values.length / 2];
  }

  /** A square CT image in Explicit VR Little Endian; only its SOP Instance UID differs from number to number. */
  private static byte[] object(int number) {
    if (template == null) {
      template = build();
    }
    byte[] bytes = Arrays.copyOf(template, template.length);
    byte[] digits = String.format("%010d", number).getBytes(StandardCharsets.US_ASCII);
    for (int place : places) {
      System.arraycopy(digits, 0, bytes, place, 10);
    }
    return bytes;
  }

  private static volatile byte[] template;
  private static volatile int side = 512;
  private static int[] places;

  private static synchronized byte[] build() {
    String uid = "1.2.826.0.1.3680043.10.1." + "1000000000";
    ByteArrayOutputStream meta = new ByteArrayOutputStream();
    element(meta, 0x0002, 0x0001, "OB", new byte[] {0, 1});
    element(meta, 0x0002, 0x0002, "UI", text("1.2.840.10008.5.1.4.1.1.2", 0));
    element(meta, 0x0002, 0x0003, "UI", text(uid, 0));
    element(meta, 0x0002, 0x0010, "UI", text("1.2.840.10008.1.2.1", 0));
    element(meta, 0x0002, 0x0012, "UI", text("1.2.826.0.1.3680043.10.9", 0));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[128]);
    out.writeBytes("DICM".getBytes(StandardCharsets.US_ASCII));
    element(out, 0x0002, 0x0000, "UL", new byte[] {(byte) meta.size(), (byte) (meta.size() >> 8), 0, 0});
    out.writeBytes(meta.toByteArray());
    element(out, 0x0008, 0x0016, "UI", text("1.2.840.10008.5.1.4.1.1.2", 0));
    element(out, 0x0008, 0x0018, "UI", text(uid, 0));
    element(out, 0x0008, 0x0020, "DA", text("20260101", ' '));
    element(out, 0x0008, 0x0030, "TM", text("120000", ' '));
    element(out, 0x0008, 0x0050, "SH", text("BENCH1", ' '));
    element(out, 0x0008, 0x0060, "CS", text("CT", ' '));
    element(out, 0x0008, 0x1030, "LO", text("BENCH STUDY", ' '));
    element(out, 0x0010, 0x0010, "PN", text("BENCH^OBJECT", ' '));
    element(out, 0x0010, 0x0020, "LO", text("BENCH", ' '));
    element(out, 0x0020, 0x000d, "UI", text("1.2.826.0.1.3680043.10.2.1", 0));
    element(out, 0x0020, 0x000e, "UI", text("1.2.826.0.1.3680043.10.3.1", 0));
    element(out, 0x0020, 0x0013, "IS", text("1", ' '));
    element(out, 0x0028, 0x0002, "US", new byte[] {1, 0});
    element(out, 0x0028, 0x0004, "CS", text("MONOCHROME2", ' '));
    element(out, 0x0028, 0x0010, "US", new byte[] {(byte) side, (byte) (side >> 8)});
    element(out, 0x0028, 0x0011, "US", new byte[] {(byte) side, (byte) (side >> 8)});
    element(out, 0x0028, 0x0100, "US", new byte[] {16, 0});
    element(out, 0x0028, 0x0101, "US", new byte[] {12, 0});
    element(out, 0x0028, 0x0102, "US", new byte[] {11, 0});
    element(out, 0x0028, 0x0103, "US", new byte[] {0, 0});
    byte[] pixels = new byte[side * side * 2];
    new java.util.Random(7).nextBytes(pixels);
    element(out, 0x7fe0, 0x0010, "OW", pixels);
    byte[] bytes = out.toByteArray();
    List<Integer> found = new ArrayList<>();
    byte[] needle = "1000000000".getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < 2000; i++) {
      if (Arrays.equals(bytes, i, i + 10, needle, 0, 10)) {
        found.add(i);
      }
    }
    places = found.stream().mapToInt(Integer::intValue).toArray();
    return bytes;
  }

  private static byte[] text(String value, int pad) {
    byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length % 2 == 0) {
      return bytes;
    }
    byte[] even = Arrays.copyOf(bytes, bytes.length + 1);
    even[bytes.length] = (byte) pad;
    return even;
  }

  private static void element(ByteArrayOutputStream out, int group, int element, String vr, byte[] value) {
    out.write(group);
    out.write(group >> 8);
    out.write(element);
    out.write(element >> 8);
    out.writeBytes(vr.getBytes(StandardCharsets.US_ASCII));
    if (vr.equals("OB") || vr.equals("OW")) {
      out.write(0);
      out.write(0);
      for (int i = 0; i < 32; i += 8) {
        out.write(value.length >> i);
      }
    } else {
      out.write(value.length);
      out.write(value.length >> 8);
    }
    out.writeBytes(value);
  }
}
