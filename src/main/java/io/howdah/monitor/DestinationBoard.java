package io.howdah.monitor;

import io.howdah.batch.BatchDesk;
import io.howdah.batch.BatchStatus;
import io.howdah.batch.DestinationFigures;
import io.howdah.settings.Destination;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.apache.camel.health.HealthCheck;

/**
 * How it stands with every destination, read from the rows at most every two seconds however often
 * it is asked for: as gauges, and as one health check for each. Safe for use by many threads.
 */
public final class DestinationBoard implements AutoCloseable {
  private static final Duration AGE = Duration.ofSeconds(2);

  private final LastSeen<List<DestinationFigures>> seen;
  private final List<Destination> destinations;

  public DestinationBoard(Metrics metrics, BatchDesk desk, List<Destination> destinations) {
    this.seen = new LastSeen<>("destinations", desk::destinations, AGE, List.of());
    this.destinations = List.copyOf(destinations);
    this.destinations.forEach(destination -> show(metrics.registry(), destination.name()));
  }

  private void show(MeterRegistry registry, String name) {
    for (BatchStatus status : BatchStatus.values()) {
      if (status != BatchStatus.SENT) {
        gauge(
            registry,
            "howdah.batch.unfinished",
            "batches that are not SENT",
            name,
            status.name(),
            figures -> figures.unfinished(status));
      }
    }
    gauge(
        registry,
        "howdah.batch.stuck",
        "batches open for longer than howdah.batch.stuck-after",
        name,
        "PENDING",
        DestinationFigures::stuck);
    gauge(
        registry,
        "howdah.destination.circuit.failures",
        "failures in a row; 0: the circuit is closed",
        name,
        "",
        DestinationFigures::circuitFailures);
    gauge(
        registry,
        "howdah.destination.success.rate",
        "share of all associations that went well",
        name,
        "",
        DestinationFigures::successRate);
  }

  private void gauge(
      MeterRegistry registry,
      String meter,
      String description,
      String name,
      String status,
      ToDoubleFunction<DestinationFigures> value) {
    Gauge.builder(meter, this, board -> board.of(name).map(value::applyAsDouble).orElse(Double.NaN))
        .description(description)
        .tags("destination", name, "status", status)
        .register(registry);
  }

  private Optional<DestinationFigures> of(String name) {
    return seen.get().stream().filter(figures -> figures.name().equals(name)).findFirst();
  }

  /** A check for each destination; never more than a note, for nothing else waits for it. */
  public List<HealthCheck> checks() {
    return destinations.stream()
        .<HealthCheck>map(
            destination ->
                new ReadinessCheck(
                    "destination-" + destination.name(), () -> condition(destination.name())))
        .toList();
  }

  private Condition condition(String name) {
    Optional<DestinationFigures> seen = of(name);
    if (seen.isEmpty()) {
      return Condition.WELL;
    }
    DestinationFigures figures = seen.get();
    if (figures.circuitFailures() > 0) {
      return Condition.note(
          "DESTINATION_AWAY",
          name
              + " takes nothing ("
              + figures.circuitReason()
              + "), "
              + figures.circuitFailures()
              + " failures in a row; batches wait at no cost and go on by themselves when it answers");
    }
    if (figures.unfinished(BatchStatus.FAILED) > 0) {
      return Condition.note(
          "BATCHES_FAILED",
          figures.unfinished(BatchStatus.FAILED)
              + " batches for "
              + name
              + " are FAILED; './howdah batches list --status FAILED' says why, requeue sends them again");
    }
    return figures.stuck() > 0
        ? Condition.note(
            "BATCHES_STUCK",
            figures.stuck()
                + " batches for "
                + name
                + " are open for longer than howdah.batch.stuck-after; release those that are held, and see whether a process with the role batch runs")
        : Condition.WELL;
  }

  @Override
  public void close() {
    seen.close();
  }
}
