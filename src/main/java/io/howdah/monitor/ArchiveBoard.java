package io.howdah.monitor;

import io.howdah.archive.Damage;
import io.micrometer.core.instrument.Gauge;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.health.HealthCheck;

/**
 * What the scrub found damaged in the archive, read from the rows at most every two seconds: as
 * gauges, and as a health check. Safe for use by many threads.
 */
public final class ArchiveBoard implements AutoCloseable {
  private static final Duration AGE = Duration.ofSeconds(2);

  private final LastSeen<Map<Damage, Long>> seen;

  public ArchiveBoard(Metrics metrics, Supplier<Map<Damage, Long>> rows) {
    this.seen = new LastSeen<>("archive-damage", rows, AGE, Map.of());
    for (Damage damage : Damage.values()) {
      Gauge.builder("howdah.archive.damaged", this, board -> count(board.seen.get(), damage))
          .description("archived studies that were not whole when they were read again, by code")
          .tag("code", damage.name())
          .register(metrics.registry());
    }
  }

  private static long count(Map<Damage, Long> seen, Damage damage) {
    return seen.getOrDefault(damage, 0L);
  }

  /** Never more than a note: what comes in is not at fault, and the rest can be fetched. */
  public HealthCheck check() {
    return new ReadinessCheck("archive", this::condition);
  }

  /** A study whose folder was removed as a whole may have been removed by a site's own rules. */
  private Condition condition() {
    Map<Damage, Long> found = seen.get();
    long damaged =
        count(found, Damage.CHECKSUM_MISMATCH)
            + count(found, Damage.FILE_MISSING)
            + count(found, Damage.UNREADABLE);
    return damaged == 0
        ? Condition.WELL
        : Condition.note(
            "ARCHIVE_DAMAGED",
            damaged
                + (damaged == 1 ? " archived study is" : " archived studies are")
                + " not what was accepted, or cannot be read; the log names each (archived study"
                + " damaged). Check the disk, and restore the files from a backup");
  }

  @Override
  public void close() {
    seen.close();
  }
}
