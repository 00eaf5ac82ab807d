package io.howdah.send;

import java.util.Locale;
import java.util.Optional;

/** What the answer to one instance means. */
public enum Verdict {
  /** The destination has it. */
  DELIVERED,
  /** The destination has it, with a remark. */
  WARNING,
  /** Not now. */
  RETRY,
  /** Sending had begun and no valid answer came: the destination may or may not have it. */
  UNCONFIRMED,
  /** Never. */
  REFUSED,
  /** The destination takes nothing from us; no instance is to blame. */
  OUTAGE;

  /** True when the destination itself said that it has the instance. */
  public boolean isConfirmed() {
    return this == DELIVERED || this == WARNING;
  }

  /** True when nothing more is to be done about the instance in this batch. */
  public boolean isFinal() {
    return isConfirmed() || this == REFUSED;
  }

  /** The word in tables and settings. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The verdict of that name. */
  static Optional<Verdict> of(String key) {
    for (Verdict verdict : values()) {
      if (verdict.key().equals(key)) {
        return Optional.of(verdict);
      }
    }
    return Optional.empty();
  }
}
