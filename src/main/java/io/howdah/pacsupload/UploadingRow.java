package io.howdah.pacsupload;

/**
 * A row of pacs.db that says UPLOADING, whoever wrote that.
 *
 * @param lastAttempt its last_upload_attempt as text, null when it has none
 */
public record UploadingRow(String sopInstanceUid, String lastAttempt, long fileSize) {}
