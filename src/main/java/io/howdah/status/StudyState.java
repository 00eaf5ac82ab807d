package io.howdah.status;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where a study is on its way; the words are the contract's, and they only ever move forward. */
public enum StudyState {
  UPLOADED(0),
  VALIDATING(1),
  VALIDATED(2),
  PROCESSING(3),
  DESCRIBED(4),
  ARCHIVED(5),
  VALIDATION_FAILED(5),
  FAILED(5);

  private final int rank;

  StudyState(int rank) {
    this.rank = rank;
  }

  /** The word in the API, in Redis and in the database. */
  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The state a word names, or nothing when it names none. */
  public static Optional<StudyState> of(String word) {
    return Arrays.stream(values()).filter(state -> state.word().equals(word)).findFirst();
  }

  /** True when no further step follows. */
  public boolean isFinal() {
    return rank == ARCHIVED.rank;
  }

  /** True when a report of {@code other} after this one is news; a slower, older report is not. */
  public boolean isFollowedBy(StudyState other) {
    return other.rank > rank;
  }
}
