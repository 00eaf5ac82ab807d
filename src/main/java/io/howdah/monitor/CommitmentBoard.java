package io.howdah.monitor;

import io.howdah.dicom.net.Unreported;
import io.micrometer.core.instrument.Gauge;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.apache.camel.health.HealthCheck;

/**
 * Storage commitments that nobody reports on, read from the rows at most every two seconds: as
 * gauges, and as a health check, for what waits for a report waits without a word. Safe for use by
 * many threads.
 */
public final class CommitmentBoard implements AutoCloseable {
  private static final Duration AGE = Duration.ofSeconds(2);

  private final Fresh<Unreported> fresh;
  private volatile Unreported last = Unreported.NONE;

  public CommitmentBoard(Metrics metrics, Supplier<Unreported> rows) {
    this.fresh = new Fresh<>("commitments", rows, AGE);
    gauge(
        metrics,
        "howdah.dicom.commitments.open",
        "storage commitments asked for and not reported on",
        Unreported::open);
    gauge(
        metrics,
        "howdah.dicom.commitments.overdue",
        "of these, asked for longer than howdah.dicom.commitment-overdue ago",
        Unreported::overdue);
  }

  private void gauge(
      Metrics metrics, String meter, String description, ToDoubleFunction<Unreported> value) {
    Gauge.builder(meter, this, board -> value.applyAsDouble(board.unreported()))
        .description(description)
        .register(metrics.registry());
  }

  private Unreported unreported() {
    try {
      last = fresh.get().get(AGE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // the database check tells of it; what was seen last stands
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return last;
  }

  /** Never more than a note: images come and go whatever a peer says of those it has. */
  public HealthCheck check() {
    return new ReadinessCheck("storage-commitments", this::condition);
  }

  private Condition condition() {
    Unreported seen = unreported();
    return seen.overdue() == 0
        ? Condition.WELL
        : Condition.note(
            "COMMITMENTS_OVERDUE",
            seen.overdue()
                + " storage commitments were asked for longer than howdah.dicom.commitment-overdue ago and never reported, the oldest by "
                + seen.peer()
                + "; see that it reports to this gateway's AE title, address and port. A late report still counts");
  }

  @Override
  public void close() {
    fresh.close();
  }
}
