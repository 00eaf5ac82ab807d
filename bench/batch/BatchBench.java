import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * How long after its time a study's completion rule fires, and how long from then to the destination's
 * last answer, as the gateway's own rows say; then dcmsend with the archived files of the same study to
 * the same storescp. A last answer counts when it is committed, so the row is in Howdah's time.
 */
final class BatchBench {
  private static final String ROOT = "1.2.826.0.1.3680043.9.7433.6";
  private static final int STORESCP = 18304;
  private static final int GATEWAY = 18308;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private BatchBench() {}

  /** What one study came to; seconds. */
  private record Round(double lateness, double sending, double dcmsend) {}

  public static void main(String[] args) throws Exception {
    Path work = Path.of(args[0]);
    int objects = Integer.parseInt(args[1]);
    int rounds = Integer.parseInt(args[2]);
    int warmup = Integer.parseInt(args[3]);
    List<Round> counted = new ArrayList<>();
    for (int round = -warmup; round < rounds; round++) {
      Round done = round(work, objects, ROOT + "." + (round + warmup + 1));
      if (round >= 0) {
        counted.add(done);
      }
    }
    double latest = counted.stream().mapToDouble(Round::lateness).max().orElseThrow();
    double sending = median(counted.stream().map(Round::sending).toList());
    double dcmsend = median(counted.stream().map(Round::dcmsend).toList());
    System.out.printf(
        Locale.ROOT,
        "a study of %d objects of 0.5 MB, quiet for 2 s, %d rounds, to storescp%n",
        objects, rounds);
    System.out.printf(
        Locale.ROOT,
        "  rule fired %.3f s after its time at the latest, %.3f s at the median%n  %-6s goal at most 0.2 s%n",
        latest, median(counted.stream().map(Round::lateness).toList()), latest <= 0.2 ? "ok" : "MISSED");
    System.out.printf(
        Locale.ROOT,
        "  from there to the last answer %.3f s (%s), dcmsend %.3f s (%s)%n  %-6s %.2f x the time, goal at most 1.1 x%n",
        sending, range(counted.stream().map(Round::sending).toList()),
        dcmsend, range(counted.stream().map(Round::dcmsend).toList()),
        sending <= 1.1 * dcmsend ? "ok" : "MISSED", sending / dcmsend);
  }

  private static Round round(Path work, int objects, String study) throws Exception {
    Association.byHowdah(GATEWAY, 16, files(work.resolve("source"), objects, study));
    try (Connection database =
        DriverManager.getConnection("jdbc:sqlite:" + work.resolve("gateway/howdah.db"))) {
      double[] times = sent(database, study, objects);
      List<Path> files = archived(database, work.resolve("gateway"), study);
      empty(work.resolve("storescp"));
      double dcmsend = dcmsend(files);
      empty(work.resolve("storescp"));
      return new Round(times[0], times[1], dcmsend);
    }
  }

  /** How late the rule fired and how long sending took, once all of the study is confirmed. */
  private static double[] sent(Connection database, String study, int objects) throws Exception {
    Instant end = Instant.now().plus(PATIENCE);
    while (Instant.now().isBefore(end)) {
      try (PreparedStatement rows =
          database.prepareStatement(
              """
              SELECT b.ready_at - b.due_at, (SELECT MAX(x.confirmed_at) FROM delivery x WHERE x.batch_id = b.id) - b.ready_at,
                     b.associations
              FROM exam_batches b WHERE b.study_instance_uid = ? AND b.status = 'SENT' AND b.instance_count = ?""")) {
        rows.setString(1, study);
        rows.setInt(2, objects);
        try (ResultSet row = rows.executeQuery()) {
          if (row.next()) {
            if (row.getInt(3) != 1) {
              throw new IllegalStateException("sent on " + row.getInt(3) + " associations");
            }
            return new double[] {row.getLong(1) / 1e3, row.getLong(2) / 1e3};
          }
        }
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("study not sent as one batch within " + PATIENCE);
  }

  private static List<Path> archived(Connection database, Path gateway, String study)
      throws Exception {
    List<Path> files = new ArrayList<>();
    try (PreparedStatement rows =
        database.prepareStatement(
            "SELECT processed_filepath FROM delivery WHERE study_instance_uid = ?")) {
      rows.setString(1, study);
      try (ResultSet row = rows.executeQuery()) {
        while (row.next()) {
          files.add(gateway.resolve("archive").resolve(row.getString(1)));
        }
      }
    }
    return files;
  }

  private static double dcmsend(List<Path> files) throws Exception {
    long begun = System.nanoTime();
    Association.byTool("dcmsend", STORESCP, files);
    return (System.nanoTime() - begun) / 1e9;
  }

  private static List<Path> files(Path source, int objects, String study) throws IOException {
    empty(source);
    BenchImage image = new BenchImage(512);
    List<Path> files = new ArrayList<>();
    for (int number = 1; number <= objects; number++) {
      files.add(
          Files.write(
              source.resolve(number + ".dcm"),
              image.file(study, study + ".1", study + ".1." + number)));
    }
    return files;
  }

  private static void empty(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path each : files.toList()) {
        Files.delete(each);
      }
    }
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }

  private static String range(List<Double> values) {
    return String.format(
        Locale.ROOT, "%.3f to %.3f", Collections.min(values), Collections.max(values));
  }
}
