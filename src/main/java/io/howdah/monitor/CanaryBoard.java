package io.howdah.monitor;

import io.howdah.intake.Canary;
import io.micrometer.core.instrument.Gauge;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.apache.camel.health.HealthCheck;

/** What the canary found, as gauges and as a health check. Safe for use by many threads. */
public final class CanaryBoard {
  private final Canary canary;

  public CanaryBoard(Metrics metrics, Canary canary) {
    this.canary = canary;
    gauge(
        metrics,
        "howdah.canary.last.success.timestamp",
        "when a synthetic object was last found in the archive as it was sent in, since 1970",
        success -> success.at().toEpochMilli() / 1e3);
    gauge(
        metrics,
        "howdah.canary.duration",
        "how long it took from acceptance to the archive",
        success -> success.took().toMillis() / 1e3);
  }

  private void gauge(
      Metrics metrics, String meter, String description, ToDoubleFunction<Canary.Success> value) {
    Gauge.builder(
            meter, canary, bird -> bird.lastSuccess().map(value::applyAsDouble).orElse(Double.NaN))
        .description(description)
        .baseUnit("seconds")
        .register(metrics.registry());
  }

  /** Never more than a note: whether callers should go elsewhere say the other checks. */
  public HealthCheck check() {
    return new ReadinessCheck("canary", this::condition);
  }

  private Condition condition() {
    return canary
        .closedAt()
        .map(
            stage ->
                Condition.note(
                    "CANARY_" + stage.toUpperCase(Locale.ROOT),
                    "no synthetic object came through for three periods of howdah.intake.canary, the last is or ended in stage "
                        + stage
                        + "; see what the other checks and the log say of that stage"))
        .orElse(Condition.WELL);
  }
}
