package io.howdah.monitor;

import io.howdah.dicom.net.Unreported;
import io.micrometer.core.instrument.Gauge;
import java.time.Duration;
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

  private final LastSeen<Unreported> seen;

  public CommitmentBoard(Metrics metrics, Supplier<Unreported> rows) {
    this.seen = new LastSeen<>("commitments", rows, AGE, Unreported.NONE);
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
    Gauge.builder(meter, this, board -> value.applyAsDouble(board.seen.get()))
        .description(description)
        .register(metrics.registry());
  }

  /** Never more than a note: images come and go whatever a peer says of those it has. */
  public HealthCheck check() {
    return new ReadinessCheck("storage-commitments", this::condition);
  }

  private Condition condition() {
    Unreported unreported = seen.get();
    return unreported.overdue() == 0
        ? Condition.WELL
        : Condition.note(
            "COMMITMENTS_OVERDUE",
            unreported.overdue()
                + " storage commitments were asked for longer than howdah.dicom.commitment-overdue ago and never reported, the oldest by "
                + unreported.peer()
                + "; see that it reports to this gateway's AE title, address and port. A late report still counts");
  }

  @Override
  public void close() {
    seen.close();
  }
}
