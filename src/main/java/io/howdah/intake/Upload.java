package io.howdah.intake;

import java.util.List;
import java.util.Optional;

/**
 * All files of one request or one inbox visit.
 *
 * @param source where they came from: http, inbox or dicom
 * @param idempotencyKey the sender's own name for the upload
 * @param callingAe the AE title of a sender that used C-STORE
 */
public record Upload(
    String source,
    Optional<String> idempotencyKey,
    Optional<String> callingAe,
    List<ArrivedFile> files) {
  /** One that came by other means than C-STORE. */
  public Upload(String source, Optional<String> idempotencyKey, List<ArrivedFile> files) {
    this(source, idempotencyKey, Optional.empty(), files);
  }
}
