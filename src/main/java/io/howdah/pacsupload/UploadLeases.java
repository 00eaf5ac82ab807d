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

  /** True when this claim of an image is still being worked on by a living process. */
  boolean isLive(String sopInstanceUid, String claimedAt, Instant now);

  /**
   * True when the open claim of {@code claimedAt} is this gateway's or that of one that shares its
   * database; another process may have claimed the image within the same second.
   */
  boolean isOurs(String sopInstanceUid, String claimedAt);

  /** A lease given. */
  record Lease(
      long fence,
      Optional<String> messageId,
      Optional<Instant> linkMissedAt,
      int tries,
      int ambiguous) {}
}
