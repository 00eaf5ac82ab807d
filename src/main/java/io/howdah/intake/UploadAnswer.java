package io.howdah.intake;

import java.util.List;
import java.util.Optional;

/** What became of every file of an upload, in the order they came. */
public record UploadAnswer(List<TakenIn> files) {
  /** Studies that are new and wait for validation. */
  public List<String> accepted() {
    return files.stream()
        .filter(TakenIn::isNew)
        .map(TakenIn::studyId)
        .flatMap(Optional::stream)
        .toList();
  }
}
