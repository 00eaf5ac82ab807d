package io.howdah.pacsupload;

/** One row of pacs.db as an operator sees it; no patient's data. */
public record Upload(
    String sopInstanceUid,
    String status,
    int attempts,
    String error,
    String lastAttempt,
    String uploadedAt,
    String createdAt,
    long fileSize) {}
