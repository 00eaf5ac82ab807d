package io.howdah.intake;

import io.howdah.dicom.DataSetBuilder;
import io.howdah.dicom.DicomWriter;
import io.howdah.dicom.Tag;
import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.Uids;
import io.howdah.dicom.VR;
import io.howdah.disk.Disk;
import io.howdah.disk.StorageUnavailable;
import io.howdah.disk.Uploads;
import io.howdah.settings.Settings;
import io.howdah.status.HistoryEntry;
import io.howdah.status.Stage;
import io.howdah.status.Studies;
import io.howdah.status.StudyState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A synthetic object of no patient that goes the way of every file, one at a time, and proves with
 * its bytes in the archive that the way is open. It stays there like any other, and no batch takes
 * it. Sung by one thread; what it found may be read by many.
 */
public final class Canary {
  /** What its objects say instead of a patient's identifier. */
  private static final String PATIENT = "HOWDAH-CANARY";

  /** Where its rows say they came from. */
  private static final String SOURCE = "canary";

  private static final Logger LOG = LoggerFactory.getLogger(Canary.class);

  /** Periods without a success after which the way counts as closed. */
  private static final int PATIENCE = 3;

  /** What has the object while no stage has. */
  private static final String INTAKE = "intake";

  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("yyyyMMdd", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Settings settings;
  private final Duration every;
  private final Intake intake;
  private final Studies studies;
  private final InstantSource clock;
  private final Instant begun;
  private Optional<Sent> underWay = Optional.empty();
  private Instant next = Instant.MIN;
  private boolean told;
  private volatile String stage = INTAKE;
  private volatile Success success;

  /** One on its way. */
  private record Sent(String studyId, String sha256) {}

  /**
   * The bytes in the archive were those sent in.
   *
   * @param at when they were compared
   * @param took from acceptance to the archive
   */
  public record Success(Instant at, Duration took) {}

  public Canary(
      Settings settings, Duration every, Intake intake, Studies studies, InstantSource clock) {
    this.settings = settings;
    this.every = every;
    this.intake = intake;
    this.studies = studies;
    this.clock = clock;
    this.begun = clock.instant();
  }

  /**
   * Looks after the object that is under way, and sends in the next when its time has come and none
   * is; what was sent in, null when nothing.
   *
   * @throws IOException when the disk refused, to be tried at the next period
   */
  public UploadAnswer sing() throws IOException {
    if (underWay.isPresent()) {
      follow(underWay.get());
    }
    warnOnce();
    Instant now = clock.instant();
    if (underWay.isPresent() || now.isBefore(next)) {
      return null;
    }
    next = now.plus(every);
    stage = INTAKE;
    ArrivedFile file = arrived(object(now));
    UploadAnswer answer = intake.accept(new Upload(SOURCE, Optional.empty(), List.of(file)));
    stage = Stage.VALIDATE.key();
    underWay = answer.accepted().stream().findFirst().map(id -> new Sent(id, file.sha256()));
    return answer;
  }

  private void follow(Sent sent) throws IOException {
    List<HistoryEntry> passed;
    try {
      passed = studies.history(sent.studyId()).stream().filter(HistoryEntry::applied).toList();
    } catch (StorageUnavailable e) {
      return; // the database check tells of it
    }
    if (passed.isEmpty()) {
      underWay = Optional.empty(); // its row is gone with a database that was put back
      return;
    }
    HistoryEntry last = passed.get(passed.size() - 1);
    stage = stageOf(last);
    if (last.status().isFinal()) {
      underWay = Optional.empty();
    }
    if (last.status() == StudyState.ARCHIVED) {
      if (!Disk.sha256(settings.archive().objectOf(sent.studyId())).equals(sent.sha256())) {
        LOG.error(
            "canary: the archive holds other bytes than were sent in study={}", sent.studyId());
        return;
      }
      success =
          new Success(
              clock.instant(), Duration.between(passed.get(0).timestamp(), last.timestamp()));
      told = false;
    }
  }

  /** The stage that has it, or that ended its way. */
  private static String stageOf(HistoryEntry last) {
    for (Stage stage : Stage.values()) {
      if (last.status() == stage.ready() || last.status() == stage.working()) {
        return stage.key();
      }
    }
    return last.status() == StudyState.VALIDATION_FAILED
        ? Stage.VALIDATE.key()
        : last.details().path("stage").asText(Stage.ARCHIVE.key());
  }

  private void warnOnce() {
    Optional<String> closed = closedAt();
    if (closed.isPresent() && !told) {
      told = true;
      LOG.warn(
          "canary: nothing sent in was archived for {} periods stage={} study={}",
          PATIENCE,
          closed.get(),
          underWay.map(Sent::studyId).orElse("none"));
    }
  }

  /** The stage where the last object is or ended, when none came through for three periods. */
  public Optional<String> closedAt() {
    Instant proven = lastSuccess().map(Success::at).orElse(begun);
    return proven.plus(every.multipliedBy(PATIENCE)).isBefore(clock.instant())
        ? Optional.of(stage)
        : Optional.empty();
  }

  /** The last that came through since the start. */
  public Optional<Success> lastSuccess() {
    return Optional.ofNullable(success);
  }

  private ArrivedFile arrived(byte[] object) throws IOException {
    ArrivingFile file =
        new ArrivingFile(
            new Uploads(settings.intake().uploads()).arriving(), PATIENT + ".dcm", object.length);
    try {
      file.write(ByteBuffer.wrap(object));
      return file.arrived();
    } catch (Refused e) {
      throw new IllegalStateException("its limit is its own length", e);
    } catch (IOException e) {
      file.discard();
      throw e;
    }
  }

  /** A Secondary Capture of two by two pixels, with all that the default profile asks for. */
  static byte[] object(Instant now) {
    return new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN)
        .file(
            new DataSetBuilder()
                .put(Tag.SOPClassUID, Uids.SecondaryCaptureImageStorage)
                .put(Tag.SOPInstanceUID, Uids.create())
                .put(Tag.StudyDate, DAY.format(now))
                .put(Tag.StudyTime, TIME.format(now))
                .put(Tag.AccessionNumber, "CANARY")
                .put(Tag.Modality, "OT")
                .put(Tag.ConversionType, "SYN")
                .put(Tag.StudyDescription, "Howdah canary")
                .put(Tag.PatientName, "HOWDAH^CANARY")
                .put(Tag.PatientID, PATIENT)
                .empty(Tag.PatientBirthDate)
                .empty(Tag.PatientSex)
                .put(Tag.StudyInstanceUID, Uids.HOWDAH_CANARY)
                .put(Tag.SeriesInstanceUID, Uids.create())
                .put(Tag.StudyID, "CANARY")
                .put(Tag.SeriesNumber, "1")
                .put(Tag.InstanceNumber, "1")
                .put(Tag.SamplesPerPixel, 1)
                .put(Tag.PhotometricInterpretation, "MONOCHROME2")
                .put(Tag.Rows, 2)
                .put(Tag.Columns, 2)
                .put(Tag.BitsAllocated, 8)
                .put(Tag.BitsStored, 8)
                .put(Tag.HighBit, 7)
                .put(Tag.PixelRepresentation, 0)
                .put(Tag.PixelData, VR.OB, new byte[4]));
  }
}
