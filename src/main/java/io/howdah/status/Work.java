package io.howdah.status;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.ChecksumMismatch;
import io.howdah.disk.Disk;
import io.howdah.disk.OwnFolder;
import io.howdah.disk.StorageUnavailable;
import io.howdah.disk.Uploads;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How every stage comes by its work and what becomes of work that did not end well: trouble with
 * our own disk or database costs a study nothing but time, a study that keeps breaking the program
 * is set aside. Safe for use by many threads.
 */
public final class Work {
  private static final Logger LOG = LoggerFactory.getLogger(Work.class);
  private static final int DUE_LIMIT = 1_000;
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final Studies studies;
  private final Settings.Work settings;
  private final Settings.Archive archive;
  private final OwnFolder uploads;
  private final Uploads waiting;
  private final Disk disk;
  private final InstantSource clock;

  public Work(
      Studies studies, Settings settings, OwnFolder uploads, Disk disk, InstantSource clock) {
    this.studies = studies;
    this.settings = settings.work();
    this.archive = settings.archive();
    this.uploads = uploads;
    this.waiting = new Uploads(uploads.path());
    this.disk = disk;
    this.clock = clock;
  }

  /** The work of {@code stage} alone. */
  public StageWork of(Stage stage) {
    return new StageWork(this, stage);
  }

  /** Takes a study for a stage; null when another worker has it or it is not its turn. */
  Claim claim(String studyId, Stage stage) {
    return studies.claim(studyId, stage).orElse(null);
  }

  /** What the sweep found for a stage. */
  List<String> due(Stage stage) {
    return studies.due(stage, DUE_LIMIT);
  }

  /**
   * The study's bytes, proven to be there. Where rows were restored that are older than the files,
   * a study may be in the archive already; its bytes are had from there.
   */
  public Path waitingFile(Claim claim) throws IOException {
    Path file = waiting.file(claim.studyId());
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      uploads.checked(); // an empty mount point proves nothing about the file
      Path archived = archive.objectOf(claim.studyId());
      if (!Files.isRegularFile(archived, LinkOption.NOFOLLOW_LINKS)) {
        throw new NoSuchFileException(file.getFileName().toString());
      }
      disk.link(archived, file, claim::sha256);
      disk.syncDirectory(waiting.path());
    }
    return file;
  }

  /** Decides what a failed attempt costs, and gives the study back or sets it aside. */
  public void giveBack(Claim claim, Throwable failure) {
    if (claim == null) {
      LOG.warn("work not begun cause={}", reason(failure));
      return;
    }
    if (failure instanceof LeaseLost) {
      LOG.warn("lease lost study={} stage={}", claim.studyId(), claim.stage().key());
      return;
    }
    try {
      if (failure instanceof ChecksumMismatch) {
        setAside(
            claim,
            "CHECKSUM_MISMATCH",
            "the bytes on disk are no longer the bytes that were accepted");
      } else if (failure instanceof NoSuchFileException) {
        setAside(
            claim,
            "BYTES_MISSING",
            "the file that was accepted is no longer in the uploads directory");
      } else if (failure instanceof IOException || failure instanceof StorageUnavailable) {
        LOG.warn(
            "work given back study={} stage={} cause={}",
            claim.studyId(),
            claim.stage().key(),
            reason(failure));
        studies.release(claim, patience(claim));
      } else if (claim.attempts() + 1 >= settings.maxAttempts()) {
        LOG.error(
            "study set aside study={} stage={} attempts={}",
            claim.studyId(),
            claim.stage().key(),
            claim.attempts() + 1,
            failure);
        setAside(
            claim,
            "UNEXPECTED",
            "the "
                + claim.stage().key()
                + " stage failed "
                + (claim.attempts() + 1)
                + " times; the bytes are kept, see the log");
      } else {
        LOG.error(
            "attempt failed study={} stage={} attempt={}",
            claim.studyId(),
            claim.stage().key(),
            claim.attempts() + 1,
            failure);
        studies.spendAttempt(claim, patience(claim));
      }
    } catch (StorageUnavailable e) {
      LOG.warn("lease left to run out study={} cause={}", claim.studyId(), e.getMessage());
    }
  }

  private void setAside(Claim claim, String code, String sentence) {
    ObjectNode details =
        JsonNodeFactory.instance
            .objectNode()
            .put("code", code)
            .put("message", sentence)
            .put("stage", claim.stage().key());
    studies.finish(claim, Outcome.of(StudyState.FAILED, details));
    LOG.error("study failed study={} code={}", claim.studyId(), code);
  }

  /**
   * Longer the longer it has not worked, so that a short outage costs a second and a long one no
   * storm.
   */
  private Duration patience(Claim claim) {
    Duration eighth = Duration.between(claim.acceptedAt(), clock.instant()).dividedBy(8);
    if (eighth.compareTo(SHORTEST) < 0) {
      return SHORTEST;
    }
    return eighth.compareTo(LONGEST) > 0 ? LONGEST : eighth;
  }

  private static String reason(Throwable failure) {
    return failure == null
        ? "none"
        : failure.getClass().getSimpleName() + ": " + failure.getMessage();
  }
}
