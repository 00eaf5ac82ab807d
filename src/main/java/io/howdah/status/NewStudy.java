package io.howdah.status;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * A file whose bytes are durable under its study_id and that has no row yet.
 *
 * @param idempotencyKey the sender's own name for this upload
 */
public record NewStudy(
    String studyId,
    String source,
    String originalFilename,
    long fileSize,
    String sha256,
    Optional<String> idempotencyKey,
    ObjectNode uploadedEvent) {}
