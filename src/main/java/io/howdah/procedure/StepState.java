package io.howdah.procedure;

import java.util.Optional;

/** How far a performed procedure step is (PS3.3 §C.4.14); only the first ever changes. */
public enum StepState {
  IN_PROGRESS,
  COMPLETED,
  DISCONTINUED;

  /** As the standard and the table write it. */
  public String word() {
    return name().replace('_', ' ');
  }

  /** The state a modality named; empty for what is none. */
  public static Optional<StepState> of(String word) {
    for (StepState each : values()) {
      if (each.word().equals(word)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }
}
