package io.howdah.batch;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What an operator may want of a batch, and in which states it makes sense. */
public enum Wish {
  /** Take it for complete, whatever the evidence. */
  COMPLETE("PENDING"),
  /** Do not go on with it. */
  HOLD("PENDING", "READY"),
  /** Go on with it. */
  RELEASE("PENDING", "READY"),
  /** Send again what is not confirmed, with all attempts. */
  REQUEUE("FAILED");

  private final Set<String> states;

  Wish(String... states) {
    this.states = Set.of(states);
  }

  /** Whether a batch in this status can be treated so. */
  public boolean fits(BatchStatus status) {
    return states.contains(status.name());
  }

  /** The word in commands and addresses. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The wish of that name. */
  public static Optional<Wish> of(String key) {
    for (Wish wish : values()) {
      if (wish.key().equals(key)) {
        return Optional.of(wish);
      }
    }
    return Optional.empty();
  }
}
