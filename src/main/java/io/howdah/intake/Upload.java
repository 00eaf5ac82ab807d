package io.howdah.intake;

import java.util.List;
import java.util.Optional;

/**
 * All files of one request or one inbox visit.
 *
 * @param source where they came from: http or inbox
 * @param idempotencyKey the sender's own name for the upload
 */
public record Upload(String source, Optional<String> idempotencyKey, List<ArrivedFile> files) {}
