import io.howdah.dicom.DataSetBuilder;
import io.howdah.dicom.DicomReader;
import io.howdah.dicom.DicomWriter;
import io.howdah.dicom.Tag;
import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.VR;
import io.howdah.dicom.net.AssociationSettings;
import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.PeerAddress;
import io.howdah.dicom.net.StudySender;
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
import java.util.Random;
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
    List<Instance> instances = instances(work.resolve("source"), objects, study);
    new StudySender(
            new PeerAddress("127.0.0.1", GATEWAY, "ANY-SCP", "BENCH"), AssociationSettings.DEFAULT)
        .send(
            instances,
            (instance, outcome) -> {
              if (!outcome.stored()) {
                throw new IllegalStateException(outcome.toString());
              }
            });
    try (Connection database =
        DriverManager.getConnection("jdbc:sqlite:" + work.resolve("gateway/howdah.db"))) {
      double[] times = sent(database, study, objects);
      List<String> files = archived(database, work.resolve("gateway"), study);
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

  private static List<String> archived(Connection database, Path gateway, String study)
      throws Exception {
    List<String> files = new ArrayList<>();
    try (PreparedStatement rows =
        database.prepareStatement(
            "SELECT processed_filepath FROM delivery WHERE study_instance_uid = ?")) {
      rows.setString(1, study);
      try (ResultSet row = rows.executeQuery()) {
        while (row.next()) {
          files.add(gateway.resolve("archive").resolve(row.getString(1)).toString());
        }
      }
    }
    return files;
  }

  private static double dcmsend(List<String> files) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("dcmsend", "-aec", "ANY-SCP", "127.0.0.1", "" + STORESCP));
    command.addAll(files);
    long begun = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException("dcmsend ended with " + process.exitValue());
    }
    return (System.nanoTime() - begun) / 1e9;
  }

  private static List<Instance> instances(Path source, int objects, String study)
      throws IOException {
    empty(source);
    byte[] pixels = new byte[2 * 512 * 512];
    new Random(objects).nextBytes(pixels);
    DicomReader reader = new DicomReader();
    List<Instance> instances = new ArrayList<>();
    for (int number = 1; number <= objects; number++) {
      byte[] file =
          new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN)
              .file(
                  new DataSetBuilder()
                      .put(Tag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.7")
                      .put(Tag.SOPInstanceUID, study + ".1." + number)
                      .put(Tag.StudyInstanceUID, study)
                      .put(Tag.SeriesInstanceUID, study + ".1")
                      .put(Tag.StudyDate, "20260115")
                      .put(Tag.StudyTime, "101112")
                      .put(Tag.StudyDescription, "Bench")
                      .put(Tag.AccessionNumber, "BENCH")
                      .put(Tag.PatientID, "BENCH")
                      .put(Tag.PatientName, "Bench")
                      .put(Tag.Modality, "OT")
                      .put(Tag.Rows, 512)
                      .put(Tag.Columns, 512)
                      .put(Tag.BitsAllocated, 16)
                      .put(Tag.BitsStored, 16)
                      .put(Tag.HighBit, 15)
                      .put(Tag.PixelRepresentation, 0)
                      .put(Tag.SamplesPerPixel, 1)
                      .put(Tag.PhotometricInterpretation, "MONOCHROME2")
                      .put(Tag.PixelData, VR.OW, pixels));
      Path path = Files.write(source.resolve(number + ".dcm"), file);
      instances.add(Instance.read(path, reader).orElseThrow());
    }
    return instances;
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
