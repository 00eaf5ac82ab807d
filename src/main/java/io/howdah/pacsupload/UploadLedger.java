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
   * Leases an image to this process; empty when another holds it.
   *
   * @param claimedAt the last_upload_attempt that pacs.db is about to hold
   */
  Optional<Lease> lease(String sopInstanceUid, String claimedAt, Instant now);

  /** Gives a lease back whose image was not to be had. */
  void release(String sopInstanceUid, long fence);

  /** Makes what this process works on its own for a further lease. */
  void renew(Instant now);

  /** Ends the leases that this machine's last process left behind. */
  void freeAbandoned();

  /** True when this claim of an image is still being worked on by a living process. */
  boolean isLive(String sopInstanceUid, String claimedAt, Instant now);

  /** True when {@code claimedAt} was written by this gateway or one that shares its database. */
  boolean isOurs(String sopInstanceUid, String claimedAt);

  /**
   * Records what an attempt came to and what pacs.db is to be told.
   *
   * @return false when the lease was lost to another and the outcome does not count; a delivery
   *     always counts
   */
  boolean record(
      ClaimedImage claim, UploadOutcome outcome, Decision decision, boolean report, Instant now);

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

  /** A failure to be told. */
  record FailureReport(String sopInstanceUid, String messageId, String error) {}
}
