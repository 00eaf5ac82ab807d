package io.howdah.session;

import java.time.Instant;
import java.util.Optional;

/**
 * What a session is about; none of it ever changes, and the database refuses to change it.
 *
 * @param sha256 lowercase hex digest of the file's bytes
 * @param metadata a JSON object as text
 * @param priority a larger number goes first
 * @param manifestId the study whose files are announced together, where there is one
 * @param localName the copy's name in the store
 * @param sealed true when the copy is encrypted
 */
public record SessionFacts(
    String sessionId,
    String visitId,
    long orderId,
    String fileName,
    String contentType,
    long size,
    String sha256,
    String metadata,
    int priority,
    Optional<String> manifestId,
    int maxRetries,
    String localName,
    boolean sealed,
    Instant createdAt) {
  /** May hold what a patient's file is called, so nothing of it is shown by accident. */
  @Override
  public String toString() {
    return "SessionFacts[" + sessionId + "]";
  }
}
