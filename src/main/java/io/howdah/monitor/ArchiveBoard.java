package io.howdah.monitor;

import io.howdah.archive.Damage;
import io.micrometer.core.instrument.Gauge;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.camel.health.HealthCheck;

/**
 * What the scrub found damaged in the archive, read from the rows at most every two seconds: as
 * gauges, and as a health check. Safe for use by many threads.
 */
public final class ArchiveBoard implements AutoCloseable {
  private static final Duration AGE = Duration.ofSeconds(2);

  private final Fresh<Map<Damage, Long>> fresh;
  private volatile Map<Damage, Long> last = Map.of();

  public ArchiveBoard(Metrics metrics, Supplier<Map<Damage, Long>> rows) {
    this.fresh = new Fresh<>("archive-damage", rows, AGE);
    for (Damage damage : Damage.values()) {
      Gauge.builder("howdah.archive.damaged", this, board -> count(board.seen(), damage))
          .description("archived studies that were not whole when they were read again, by code")
          .tag("code", damage.name())
          .register(metrics.registry());
    }
  }

  private Map<Damage, Long> seen() {
    try {
      last = fresh.get().get(AGE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // the database check tells of it; what was seen last stands
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return last;
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
    Map<Damage, Long> seen = seen();
    long damaged =
        count(seen, Damage.CHECKSUM_MISMATCH)
            + count(seen, Damage.FILE_MISSING)
            + count(seen, Damage.UNREADABLE);
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
    fresh.close();
  }
}
