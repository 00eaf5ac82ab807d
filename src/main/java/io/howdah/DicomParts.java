package io.howdah;

import io.howdah.dicom.net.OpenCommitments;
import io.howdah.intake.DicomIntake;
import io.howdah.intake.Intake;
import io.howdah.monitor.CommitmentBoard;
import io.howdah.monitor.Metrics;
import io.howdah.procedure.PerformedSteps;
import io.howdah.settings.Settings;
import io.howdah.storage.Database;
import io.howdah.storage.SqlCommitments;
import io.howdah.storage.SqlStepLedger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;

/** What {@code dicom:} endpoints of the packaged routes work with. */
final class DicomParts implements AutoCloseable {
  private final DicomIntake intake;
  private final PerformedSteps steps;
  private final OpenCommitments commitments;
  private final CommitmentBoard board;

  DicomParts(
      Settings settings, Intake intake, Database database, InstantSource clock, Metrics metrics) {
    this.intake = new DicomIntake(intake);
    this.steps = new PerformedSteps(new SqlStepLedger(database), clock);
    SqlCommitments rows = new SqlCommitments(database, clock);
    this.commitments = rows;
    this.board =
        new CommitmentBoard(metrics, () -> rows.unreported(settings.dicom().commitmentOverdue()));
  }

  /** Gives the routes the names they use. */
  void bind(CamelContext context) {
    var registry = context.getRegistry();
    registry.bind("dicomIntake", intake);
    registry.bind("performedSteps", steps);
    registry.bind("storageCommitments", OpenCommitments.class, commitments);
    HealthCheck check = board.check();
    registry.bind(check.getId(), HealthCheck.class, check);
  }

  /** The placeholders of {@code dicom-in.camel.yaml} that are no settings as they are written. */
  static void properties(Settings settings, Properties properties) {
    var dicom = settings.dicom();
    properties.setProperty(
        "howdah.intake.arriving", settings.intake().uploads().resolve(".arriving").toString());
    properties.setProperty(
        "howdah.intake.disk-reserve-bytes", Long.toString(settings.intake().diskReserve()));
    properties.setProperty("howdah.dicom.max-object-bytes", Long.toString(dicom.maxObjectSize()));
    properties.setProperty("howdah.dicom.max-pdu-bytes", Integer.toString(dicom.maxPdu()));
    properties.setProperty("howdah.dicom.tls", Boolean.toString(dicom.tls()));
    properties.setProperty("howdah.dicom.tls-key-file", text(dicom.tlsKey()));
    properties.setProperty("howdah.dicom.tls-certificate-file", text(dicom.tlsCertificate()));
    properties.setProperty("howdah.dicom.tls-trust-file", text(dicom.tlsTrust()));
    properties.setProperty(
        "howdah.dicom.tls-key-password",
        dicom.tlsKeyPasswordFile().map(DicomParts::read).orElse(""));
  }

  @Override
  public void close() {
    board.close();
  }

  private static String text(Optional<Path> file) {
    return file.map(Path::toString).orElse("");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
