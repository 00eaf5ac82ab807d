package io.howdah.pacsupload;

/**
 * A row of pacs.db that waits to be uploaded. Nothing is known about its file yet.
 *
 * @param accession the accession number, empty when the row has none
 * @param storagePath relative to the store, never recomputed
 * @param storageHash lowercase hex SHA-256 that the file's bytes must have
 */
public record PendingImage(
    String sopInstanceUid,
    String accession,
    String storagePath,
    long fileSize,
    String storageHash,
    int attempts) {}
