import io.howdah.dicom.net.AssociationServer;
import io.howdah.dicom.net.DirectorySink;
import io.howdah.dicom.net.FileSink;
import io.howdah.dicom.net.Offered;
import io.howdah.dicom.net.PeerList;
import io.howdah.dicom.net.ReceivedFile;
import io.howdah.dicom.net.ServerSettings;
import io.howdah.dicom.net.Status;
import io.howdah.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/**
 * Howdah's DICOM beside DCMTK's and Orthanc's. Every measurement sends objects that nobody has seen
 * over one association; what the tools need to start is taken off by a run with one object. All ways
 * take turns in an order that changes, so that what the machine does besides hits all alike; medians.
 */
final class DimseBench {
  private static final String STUDY = "1.2.826.0.1.3680043.9.7433.5.1";
  private static final String NUMBER = "1000000000";
  private static final int STORESCP = 18104;
  private static final int PLAIN = 18106;
  private static final int SYNCED = 18109;
  private static final int DURABLE = 18107;
  private static final int GATEWAY = 18108;

  /** Small objects the gateway has seen before it is measured. */
  private static final int WARM = 20_000;

  private static int stamped;

  private DimseBench() {}

  public static void main(String[] args) throws Exception {
    if (args[0].equals("receive")) {
      receive(Path.of(args[1]), Integer.parseInt(args[2]), args[3]);
    } else {
      send(
          Path.of(args[1]),
          Path.of(args[2]),
          Integer.parseInt(args[3]),
          Integer.parseInt(args[4]),
          Integer.parseInt(args[5]),
          Integer.parseInt(args[6]));
    }
  }

  /** What peers send: plain, with fsync and SHA-256 of each file, or with its directory's fsync too. */
  private static void receive(Path out, int port, String how) throws Exception {
    Disk disk = new Disk();
    FileSink.Receiver keep =
        (ReceivedFile file) -> {
          Files.createLink(out.resolve(file.object().sopInstance() + "." + file.sha256()), file.path());
          if (how.equals("durable")) {
            disk.syncDirectory(out);
          }
          return Status.SUCCESS;
        };
    Offered offered =
        Offered.storage(
            !how.equals("plain")
                ? new FileSink(out, new FileSink.Options(true, true, 1), keep)
                : new DirectorySink(out, false));
    try (AssociationServer server =
        AssociationServer.start(ServerSettings.of("*", "127.0.0.1", port, PeerList.ALL), offered)) {
      new CountDownLatch(1).await();
    }
  }

  private interface Sending {
    void of(List<Path> files) throws Exception;
  }

  /** One way to send; {@code starts} are runs with one object, {@code wholes} runs with all. */
  private record Way(
      String name, Sending sending, int objects, List<Double> starts, List<Double> wholes) {
    /** Objects a second in each round, slowest first. */
    List<Double> rates() {
      double start = Collections.min(starts);
      return wholes.stream().map(whole -> (objects - 1) / (whole - start)).sorted().toList();
    }

    double median() {
      return rates().get(wholes.size() / 2);
    }
  }

  private static void send(
      Path source, Path storescp, int orthanc, int objects, int rounds, int warmup)
      throws Exception {
    boolean well = true;
    double fresh = sync(storescp);
    warm(source);
    double after = rested(storescp, fresh);
    System.out.printf(
        Locale.ROOT, "a sync takes %.2f ms, after the warm-up %.2f ms%n", 1e3 * fresh, 1e3 * after);
    for (int rows : new int[] {76, 100, 512}) {
      byte[] template = template(rows);
      Map<String, Way> ways = ways(orthanc, objects);
      for (int round = -warmup; round < rounds; round++) {
        List<Way> order = new ArrayList<>(ways.values());
        Collections.shuffle(order, new Random(round));
        for (Way way : order) {
          List<Path> one = stamp(source, template, 1);
          double start = seconds(() -> way.sending().of(one));
          List<Path> all = stamp(source, template, objects);
          double whole = seconds(() -> way.sending().of(all));
          empty(storescp);
          if (round >= 0) {
            way.starts().add(start);
            way.wholes().add(whole);
          }
        }
      }
      System.out.printf(Locale.ROOT, "%n%d objects of %d KB, %d rounds%n", objects, template.length / 1000, rounds);
      ways.values().forEach(way -> print(way, template.length));
      well &= goals(ways, rows);
    }
    well &= study(source, storescp, objects, rounds, warmup);
    System.out.println(well ? "\nevery goal was met" : "\nsome goals were missed");
  }

  /**
   * A gateway is measured as it is after its first hour: with fewer objects behind it a good part of
   * its time is the JVM's compilers'. A bare receiver has far less code and is warm after its rounds.
   */
  private static void warm(Path source) throws Exception {
    byte[] template = template(76);
    List<Thread> senders = new ArrayList<>();
    for (int sender = 0; sender < 4; sender++) {
      Path own = Files.createDirectory(source.resolve("warm" + sender));
      Thread thread =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < WARM / 4 / 500; i++) {
                    Association.byHowdah(GATEWAY, 1, stamp(own, template, 500));
                  }
                  empty(own);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      senders.add(thread);
      thread.start();
    }
    for (Thread sender : senders) {
      sender.join();
    }
  }

  /**
   * Waits until the disk is as it was: one that is lent by a cloud gives so many operations in a row
   * and then few, which costs those most who sync most.
   */
  private static double rested(Path disk, double fresh) throws Exception {
    double now = sync(disk);
    for (int wait = 0; wait < 30 && now > 1.5 * fresh; wait++) {
      Thread.sleep(1000);
      now = sync(disk);
    }
    return now;
  }

  /** Seconds for a small file and its sync; the median of some. */
  private static double sync(Path directory) throws Exception {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < 51; i++) {
      Path file = directory.resolve("probe." + i);
      seconds.add(
          seconds(() -> {
            try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
              channel.write(ByteBuffer.allocate(12_000));
              channel.force(true);
            }
          }));
      Files.delete(file);
    }
    Collections.sort(seconds);
    return seconds.get(seconds.size() / 2);
  }

  private static Map<String, Way> ways(int orthanc, int objects) {
    Map<String, Way> ways = new LinkedHashMap<>();
    add(ways, objects, "storescu -> storescp", files -> Association.byTool("storescu", STORESCP, files));
    add(ways, objects, "dcmsend -> storescp", files -> Association.byTool("dcmsend", STORESCP, files));
    add(ways, objects, "howdah -> storescp", files -> Association.byHowdah(STORESCP, 1, files));
    if (orthanc > 0) {
      add(ways, objects, "storescu -> orthanc", files -> Association.byTool("storescu", orthanc, files));
    }
    add(ways, objects, "storescu -> howdah, fsync, sha256", files -> Association.byTool("storescu", SYNCED, files));
    add(ways, objects, "storescu -> howdah, and directory", files -> Association.byTool("storescu", DURABLE, files));
    add(ways, objects, "storescu -> howdah gateway, row", files -> Association.byTool("storescu", GATEWAY, files));
    add(ways, objects, "storescu -> howdah", files -> Association.byTool("storescu", PLAIN, files));
    add(ways, objects, "howdah -> howdah", files -> Association.byHowdah(PLAIN, 1, files));
    add(ways, objects, "howdah -> howdah, window 16", files -> Association.byHowdah(PLAIN, 16, files));
    add(ways, objects, "howdah -> howdah, all synced", files -> Association.byHowdah(DURABLE, 1, files));
    add(ways, objects, "howdah -> howdah, same, window 16", files -> Association.byHowdah(DURABLE, 16, files));
    return ways;
  }

  private static void add(Map<String, Way> ways, int objects, String name, Sending sending) {
    ways.put(name, new Way(name, sending, objects, new ArrayList<>(), new ArrayList<>()));
  }

  private static void print(Way way, int bytes) {
    System.out.printf(
        Locale.ROOT,
        "  %-36s %7.0f /s %7.1f MB/s   (%.0f to %.0f)%n",
        way.name(),
        way.median(),
        way.median() * bytes / 1e6,
        way.rates().get(0),
        way.rates().get(way.rates().size() - 1));
  }

  private static boolean goals(Map<String, Way> ways, int rows) {
    if (rows == 100) {
      return goal(ways, "window 16 against synchronous, same durability", "howdah -> howdah, same, window 16", "howdah -> howdah, all synced", 2.0)
          & goal(ways, "window 16 against synchronous, no fsync", "howdah -> howdah, window 16", "howdah -> howdah", 2.0);
    }
    boolean well = goal(ways, "out, against storescu", "howdah -> storescp", "storescu -> storescp", 1.2);
    well &= goal(ways, "in without fsync, against storescp", "storescu -> howdah", "storescu -> storescp", 1.0);
    if (ways.containsKey("storescu -> orthanc")) {
      well &= goal(ways, "in with fsync and SHA-256, against Orthanc", "storescu -> howdah, fsync, sha256", "storescu -> orthanc", 1.8);
      well &= goal(ways, "the same, its directory and its row (gateway)", "storescu -> howdah gateway, row", "storescu -> orthanc", 1.8);
    }
    return well;
  }

  private static boolean goal(
      Map<String, Way> ways, String what, String ours, String theirs, double goal) {
    double ratio = ways.get(ours).median() / ways.get(theirs).median();
    boolean well = ratio >= goal;
    System.out.printf(
        Locale.ROOT, "  %-6s %-48s %.2f x, goal %.1f x%n", well ? "ok" : "MISSED", what, ratio, goal);
    return well;
  }

  /** The whole time of one study, as a destination sees it. */
  private static boolean study(Path source, Path storescp, int objects, int rounds, int warmup)
      throws Exception {
    byte[] template = template(512);
    List<Double> tool = new ArrayList<>();
    List<Double> ours = new ArrayList<>();
    for (int round = -warmup; round < rounds; round++) {
      for (int turn = 0; turn < 2; turn++) {
        boolean dcmsend = (round + turn) % 2 == 0;
        List<Path> files = stamp(source, template, objects);
        double seconds =
            seconds(() -> {
              if (dcmsend) {
                Association.byTool("dcmsend", STORESCP, files);
              } else {
                Association.byHowdah(STORESCP, 1, files);
              }
            });
        if (round >= 0) {
          (dcmsend ? tool : ours).add(seconds);
        }
        empty(storescp);
      }
    }
    Collections.sort(tool);
    Collections.sort(ours);
    double dcmsend = tool.get(tool.size() / 2);
    double howdah = ours.get(ours.size() / 2);
    boolean well = howdah <= 1.1 * dcmsend;
    System.out.printf(
        Locale.ROOT,
        "%na study of %d objects of %d KB, headers read, to storescp%n  dcmsend %.3f s   howdah %.3f s%n  %-6s %.2f x the time, goal at most 1.1 x%n",
        objects, template.length / 1000, dcmsend, howdah, well ? "ok" : "MISSED", howdah / dcmsend);
    return well;
  }

  private interface Task {
    void run() throws Exception;
  }

  private static double seconds(Task task) throws Exception {
    long begun = System.nanoTime();
    task.run();
    return (System.nanoTime() - begun) / 1e9;
  }

  private static byte[] template(int side) {
    return new BenchImage(side).file(STUDY, STUDY + ".1", STUDY + ".2." + NUMBER);
  }

  /** Files that differ from the template in their SOP instance. */
  private static synchronized List<Path> stamp(Path source, byte[] template, int objects) throws IOException {
    empty(source);
    byte[] bytes = template.clone();
    byte[] number = NUMBER.getBytes(StandardCharsets.US_ASCII);
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < 4096 && i < bytes.length - number.length; i++) {
      if (java.util.Arrays.equals(bytes, i, i + number.length, number, 0, number.length)) {
        places.add(i);
      }
    }
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < objects; i++) {
      byte[] mine = String.valueOf(1_000_000_000 + ++stamped).getBytes(StandardCharsets.US_ASCII);
      places.forEach(place -> System.arraycopy(mine, 0, bytes, place, mine.length));
      files.add(Files.write(source.resolve(stamped + ".dcm"), bytes));
    }
    return files;
  }

  private static void empty(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path each : files.filter(Files::isRegularFile).filter(f -> !f.toString().endsWith(".log") && !f.toString().endsWith(".json")).toList()) {
        Files.delete(each);
      }
    }
  }
}
