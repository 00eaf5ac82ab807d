package io.howdah.pacsupload;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Our own rows about uploads: leases, remembered message ids, waits, outcomes that pacs.db has yet
 * to take. Safe for use by many threads and, on a shared database, processes.
 */
public interface UploadLedger {
  /** Images that are leased, waiting, or whose outcome pacs.db has yet to take. */
  Set<String> notNow(Instant now);

  /**
   * Leases images to this process, in one transaction; those that another holds are missing in the
   * answer.
   *
   * @param claimedAt the last_upload_attempt that pacs.db is about to hold
   */
  Map<String, Lease> lease(Collection<String> sopInstanceUids, String claimedAt, Instant now);

  /** Gives leases back whose images were not to be had or not tried; fences by UID. */
  void release(Map<String, Long> fences);

  /** Lets leases run out whose outcome could not be recorded. */
  void abandon(Collection<ClaimedImage> claims);

  /** Makes what this process works on its own for a further lease. */
  void renew(Instant now);

  /** Ends the leases that this machine's last process left behind. */
  void freeAbandoned();

  /** True when this claim of an image is still being worked on by a living process. */
  boolean isLive(String sopInstanceUid, String claimedAt, Instant now);

  /**
   * True when the open claim of {@code claimedAt} is this gateway's or that of one that shares its
   * database; another process may have claimed the image within the same second.
   */
  boolean isOurs(String sopInstanceUid, String claimedAt);

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

  /** A lease given. */
  record Lease(
      long fence,
      Optional<String> messageId,
      Optional<Instant> linkMissedAt,
      int tries,
      int ambiguous) {}

  /**
   * What an attempt came to.
   *
   * @param report true when the cloud is to be told that the image will never come
   */
  record Result(ClaimedImage claim, UploadOutcome outcome, Decision decision, boolean report) {}

  /** A failure to be told. */
  record FailureReport(String sopInstanceUid, String messageId, String error) {}
}
