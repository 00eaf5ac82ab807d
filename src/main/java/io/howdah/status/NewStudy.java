package io.howdah.status;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * A file whose bytes are durable under its study_id and that has no row yet.
 *
 * @param idempotencyKey the sender's own name for this upload
 * @param callingAe the AE title of a sender that used C-STORE
 */
public record NewStudy(
    String studyId,
    String source,
    String originalFilename,
    long fileSize,
    String sha256,
    Optional<String> idempotencyKey,
    Optional<String> callingAe,
    ObjectNode uploadedEvent) {
  /** One that came by other means than C-STORE. */
  public NewStudy(
      String studyId,
      String source,
      String originalFilename,
      long fileSize,
      String sha256,
      Optional<String> idempotencyKey,
      ObjectNode uploadedEvent) {
    this(
        studyId,
        source,
        originalFilename,
        fileSize,
        sha256,
        idempotencyKey,
        Optional.empty(),
        uploadedEvent);
  }
}
