package io.howdah.intake;

import java.util.Optional;

/**
 * What became of one file of an upload.
 *
 * @param studyId under which its bytes are known; empty when refused
 * @param duplicate true when they were known before
 */
public record TakenIn(Optional<String> studyId, boolean duplicate, Optional<UploadError> refused) {
  static TakenIn refused(UploadError error) {
    return new TakenIn(Optional.empty(), false, Optional.of(error));
  }

  static TakenIn as(String studyId, boolean duplicate) {
    return new TakenIn(Optional.of(studyId), duplicate, Optional.empty());
  }

  /** True when a new row was made and its bytes wait for validation. */
  public boolean isNew() {
    return studyId.isPresent() && !duplicate;
  }
}
