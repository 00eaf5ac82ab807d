package io.howdah.audit;

import java.util.List;
import java.util.Optional;

/** What happened, in order. Safe for use by many threads. */
public interface AuditTrail {
  /** The end of the trail at a moment: kept elsewhere, it proves that nothing was cut off later. */
  record Anchor(long seq, String hash) {
    /**
     * @param text as {@link #toString} writes it
     */
    public static Optional<Anchor> parse(String text) {
      return text.strip().matches("\\d{1,18}:[0-9a-f]{64}")
          ? Optional.of(
              new Anchor(Long.parseLong(text.strip().split(":")[0]), text.strip().split(":")[1]))
          : Optional.empty();
    }

    @Override
    public String toString() {
      return seq + ":" + hash;
    }
  }

  /** What happened to an item, oldest first. */
  List<AuditEntry> of(String item);

  /** Entries after {@code seq}, oldest first. */
  List<AuditEntry> after(long seq, int limit);

  /** The end of the trail. */
  Anchor head();
}
