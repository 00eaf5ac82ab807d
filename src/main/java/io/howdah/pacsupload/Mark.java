package io.howdah.pacsupload;

/**
 * An outcome on its way into pacs.db.
 *
 * @param claimedAt the last_upload_attempt of the claim it ends
 * @param refund attempts to give back, 0 or 1
 * @param hash the storage_hash of the bytes the outcome is about
 */
public record Mark(
    String sopInstanceUid,
    long fence,
    String claimedAt,
    String status,
    String error,
    int refund,
    String hash) {
  /** Gives an image back that was not tried, with its attempt. */
  static Mark untried(ClaimedImage claim, String why) {
    return new Mark(
        claim.uid(),
        claim.fence(),
        claim.claimedAt(),
        "PENDING",
        why,
        1,
        claim.image().storageHash());
  }
}
