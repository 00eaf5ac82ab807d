package io.howdah.archive;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.ChecksumMismatch;
import io.howdah.disk.CrashPoint;
import io.howdah.disk.DirectorySync;
import io.howdah.disk.Disk;
import io.howdah.disk.OwnFolder;
import io.howdah.disk.Uploads;
import io.howdah.quarantine.Quarantine;
import io.howdah.settings.Settings;
import io.howdah.status.Announcement;
import io.howdah.status.Claim;
import io.howdah.status.Outcome;
import io.howdah.status.Studies;
import io.howdah.status.StudyState;
import io.howdah.status.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves a described study into the archive: both files durable under their final names, then the
 * row, then the waiting copies go. Nothing in the archive is ever overwritten; other bytes under a
 * SOP Instance UID it holds go to quarantine. Safe for use by many threads.
 */
public final class Archive {
  private static final JsonFactory JSON = new JsonFactory();
  private static final Logger LOG = LoggerFactory.getLogger(Archive.class);

  private final Settings.Archive settings;
  private final OwnFolder folder;
  private final Uploads uploads;
  private final Disk disk;
  private final Studies studies;
  private final Work work;
  private final Quarantine quarantine;

  public Archive(
      Settings settings,
      OwnFolder folder,
      Disk disk,
      Studies studies,
      Work work,
      Quarantine quarantine) {
    this.settings = settings.archive();
    this.folder = folder;
    this.uploads = new Uploads(settings.intake().uploads());
    this.disk = disk;
    this.studies = studies;
    this.work = work;
    this.quarantine = quarantine;
  }

  /** Where a study's object is, or will be. */
  public Path object(String studyId) {
    return settings.objectOf(studyId);
  }

  /** Where a study's metadata is, or will be. */
  public Path metadata(String studyId) {
    return settings.path().resolve(studyId).resolve("metadata.json");
  }

  /**
   * Makes a study's files durable in the archive; doing it twice is harmless.
   *
   * @throws ChecksumMismatch when the bytes are not the ones that were accepted
   * @throws IOException when the disk refused
   */
  public Stored store(Claim claim) throws IOException {
    CrashPoint.ARCHIVE_CLAIMED.reached();
    Path waiting = work.waitingFile(claim);
    if (claim.conflict().isPresent()) {
      return conflicting(claim, waiting);
    }
    if (Files.size(waiting) != claim.fileSize()
        || !claim.carried() && !Disk.sha256(waiting).equals(claim.sha256())) {
      throw new ChecksumMismatch("study " + claim.studyId());
    }
    Path metadata = uploads.metadata(claim.studyId());
    if (Files.notExists(metadata) || !claim.carried() && !isWhole(metadata)) {
      return new DescriptionMissing(claim);
    }
    Path home = folder.checked().resolve(claim.studyId());
    Disk.createDirectories(home);
    disk.link(waiting, object(claim.studyId()), claim::sha256);
    if (Files.notExists(metadata(claim.studyId()))) { // what was archived once stays as it is
      Disk.syncFile(metadata);
      disk.link(metadata, metadata(claim.studyId()), () -> Disk.sha256(metadata));
    }
    CrashPoint.ARCHIVE_LINKED.reached();
    DirectorySync.syncAlone(home);
    disk.syncDirectory(settings.path());
    CrashPoint.ARCHIVE_SYNCED.reached();
    return new InArchive(claim);
  }

  /** It was not synced when it was written: a power cut may have left any part of it, or zeros. */
  private static boolean isWhole(Path metadata) throws IOException {
    try (JsonParser json = JSON.createParser(metadata.toFile())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      json.skipChildren();
      return json.currentToken() == JsonToken.END_OBJECT && json.nextToken() == null;
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private Conflicting conflicting(Claim claim, Path waiting) throws IOException {
    Claim.Holder holder = claim.conflict().orElseThrow();
    ObjectNode reason =
        JsonNodeFactory.instance
            .objectNode()
            .put("code", "CONFLICT")
            .put(
                "message",
                "the archive already holds this SOP Instance UID with other bytes; the first stays, this one is kept here")
            .put("archived_study_id", holder.studyId());
    if (Files.exists(object(holder.studyId()))) {
      reason.set("differences", ConflictReport.of(object(holder.studyId()), waiting));
    }
    quarantine.hold(claim.studyId(), waiting, claim.sha256(), reason);
    return new Conflicting(claim, reason);
  }

  /** Records what became of the study, and lets its waiting copies go. */
  public void record(Stored stored) throws IOException {
    Claim claim = stored.claim();
    if (stored instanceof DescriptionMissing) {
      LOG.warn("description missing, made again study={}", claim.studyId());
      studies.stepBack(claim);
      return;
    }
    if (stored instanceof Conflicting conflicting) {
      studies.finish(claim, Outcome.of(StudyState.FAILED, conflicting.reason()));
      CrashPoint.QUARANTINE_RECORDED.reached();
      LOG.warn("study kept in quarantine study={} code=CONFLICT", claim.studyId());
    } else {
      studies.finish(claim, archived(claim));
      CrashPoint.ARCHIVE_RECORDED.reached();
      quarantine.release(claim.studyId()); // where it was before somebody requeued it
      LOG.info("study archived study={} bytes={}", claim.studyId(), claim.fileSize());
    }
    Files.deleteIfExists(uploads.file(claim.studyId()));
    Files.deleteIfExists(uploads.metadata(claim.studyId()));
    CrashPoint.ARCHIVE_UPLOAD_REMOVED.reached();
  }

  private Outcome archived(Claim claim) {
    String home = claim.studyId() + "/";
    ObjectNode details =
        JsonNodeFactory.instance
            .objectNode()
            .put("archive_path", home + settings.fileNameOf(claim.studyId()))
            .put("metadata_file", home + "metadata.json");
    ObjectNode event =
        JsonNodeFactory.instance
            .objectNode()
            .put("event", "study.archived")
            .put("study_id", claim.studyId())
            .put("archive_path", object(claim.studyId()).toString())
            .put("metadata_file", metadata(claim.studyId()).toString());
    return Outcome.of(StudyState.ARCHIVED, details, new Announcement("archive", event));
  }

  /** What became of a study at the archive's door. */
  public sealed interface Stored {
    /** The study. */
    Claim claim();
  }

  /** Both files are durable in the archive. */
  record InArchive(Claim claim) implements Stored {}

  /** Its SOP Instance UID is taken by other bytes; its own are in quarantine. */
  record Conflicting(Claim claim, ObjectNode reason) implements Stored {}

  /** Its metadata did not survive a crash, and is made again. */
  record DescriptionMissing(Claim claim) implements Stored {}
}
