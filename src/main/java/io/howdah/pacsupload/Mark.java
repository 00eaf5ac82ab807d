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
    String hash) {}
