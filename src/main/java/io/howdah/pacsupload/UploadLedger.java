package io.howdah.pacsupload;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Our own rows about uploads: remembered message ids, waits, attempts, outcomes that pacs.db has
 * yet to take. Safe for use by many threads and, on a shared database, processes.
 */
public interface UploadLedger {
  /**
   * Records what attempts came to and what pacs.db is to be told, in one transaction.
   *
   * @return the UIDs whose outcome counts; those are missing whose lease was lost to another, but a
   *     delivery always counts
   */
  Set<String> record(Collection<Result> results, Instant now);

  /** Outcomes that pacs.db has yet to take, oldest first. */
  List<Mark> unsettled(int limit);

  /** Pacs.db has taken these. */
  void settled(Collection<Mark> marks);

  /** Keeps message ids; images that waited for theirs are due at once. */
  void remember(Map<String, String> messageIdsByUid, Instant now);

  /** Which of these images have a remembered message id. */
  Set<String> linked(Collection<String> sopInstanceUids);

  /** Images that wait for their message id, with their accession numbers. */
  Map<String, String> awaitingLink(int limit);

  /** Makes all that waited for this endpoint due now. */
  void wake(Instant now);

  /** Forgets every wait of these images. */
  void forgetWaits(Collection<String> sopInstanceUids);

  /** Why an image is kept back. */
  Optional<Waiting> waiting(String sopInstanceUid);

  /** How many images wait for which reason. */
  Map<String, Long> waits();

  /** What was tried with an image, oldest first. */
  List<Attempt> attempts(String sopInstanceUid);

  /** Failures that the cloud is still to be told: image, message id, text. */
  List<FailureReport> failureReports(int limit);

  /** The cloud knows. */
  void reported(String sopInstanceUid);

  /** Forgets what was finished before {@code before}. */
  void prune(Instant before);

  /**
   * What an attempt came to.
   *
   * @param report true when the cloud is to be told that the image will never come
   */
  record Result(ClaimedImage claim, UploadOutcome outcome, Decision decision, boolean report) {
    /** What pacs.db is to be told. */
    Mark mark() {
      return new Mark(
          claim.uid(),
          claim.fence(),
          claim.claimedAt(),
          decision.status(),
          decision.error(),
          decision.refund() ? 1 : 0,
          claim.image().storageHash());
    }
  }

  /** A failure to be told. */
  record FailureReport(String sopInstanceUid, String messageId, String error) {}
}
