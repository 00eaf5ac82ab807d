package io.howdah.pacsupload;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which process works on which image, in our own database; pacs.db has no column for it. Safe for
 * use by many threads and, on a shared database, processes.
 */
public interface UploadLeases {
  /** Images that are leased, waiting, or whose outcome pacs.db has yet to take. */
  Set<String> notNow(Instant now);

  /**
   * Leases images to this process, in one transaction; those that another holds are missing in the
   * answer.
   *
   * @param messageIds the message ids seen for some of them, which are remembered from now on
   * @param claimedAt the last_upload_attempt that pacs.db is about to hold
   */
  Map<String, Lease> lease(
      Collection<String> sopInstanceUids,
      Map<String, String> messageIds,
      String claimedAt,
      Instant now);

  /** True when this process is at work on the image. */
  boolean isMine(String sopInstanceUid);

  /**
   * Pacs.db now holds another last_upload_attempt for this claim.
   *
   * @return false when the lease was lost meanwhile
   */
  boolean reclaimed(ClaimedImage claim);

  /** Gives leases back whose images were not to be had or not tried; fences by UID. */
  void release(Map<String, Long> fences);

  /** Lets leases run out, or ends keeping those whose outcome is recorded; fences by UID. */
  void abandon(Map<String, Long> fences);

  /** Makes what this process works on its own for a further lease. */
  void renew(Instant now);

  /** Ends the leases that this machine's last process left behind. */
  void freeAbandoned();

  /**
   * Whose the claim of {@code claimedAt} is, seen at one moment: asked in two steps, a claim of
   * another process within the same second would be taken for one of ours that died.
   */
  Claimant claimant(String sopInstanceUid, String claimedAt, Instant now);

  /** Who holds a claim that pacs.db shows. */
  enum Claimant {
    /** No process that uses this database. */
    OTHERS,
    /** A living process that uses this database. */
    LIVING,
    /** One that used this database and is gone. */
    GONE
  }

  /** A lease given. */
  record Lease(
      long fence,
      Optional<String> messageId,
      Optional<Instant> linkMissedAt,
      int tries,
      int ambiguous) {}
}
