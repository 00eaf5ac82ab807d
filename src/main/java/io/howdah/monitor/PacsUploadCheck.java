package io.howdah.monitor;

import io.howdah.pacsupload.Canary;
import io.howdah.pacsupload.PacsUploads;
import io.howdah.pacsupload.UploadHealth;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * The upload of another system's images as a health check: down where that is all a process does, a
 * note beside the other flows, which go on.
 */
public final class PacsUploadCheck extends AbstractHealthCheck {
  private final PacsUploads uploads;
  private final Optional<Canary> canary;
  private final boolean alone;

  /**
   * @param canary the probe, where one is wanted
   * @param alone true when the process has no other role
   */
  public PacsUploadCheck(PacsUploads uploads, Optional<Canary> canary, boolean alone) {
    super("howdah", "pacs-upload");
    this.uploads = uploads;
    this.canary = canary;
    this.alone = alone;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    UploadHealth health = uploads.health();
    builder.up();
    health.details().forEach(builder::detail);
    String code = health.code();
    String message = health.sentence();
    if (canary.isPresent()) {
      String phase = canary.get().failing();
      if (code.isEmpty() && !phase.isEmpty()) {
        code = "CANARY_" + phase.toUpperCase(Locale.ROOT);
        message = "a probe of the cloud fails at " + phase;
      }
    }
    if (canary.isPresent() || health.lastDelivery().isPresent()) {
      message += "; " + lastProven(health);
    }
    builder.message(message);
    if (!code.isEmpty()) {
      builder.detail("code", code);
      if (alone && !health.isIdle()) {
        builder.down();
      }
    }
  }

  /** A delivery proves the endpoint, and so does a verdict on a probe. */
  private String lastProven(UploadHealth health) {
    return Stream.of(
            canary.flatMap(Canary::proven),
            health.lastDelivery().map(at -> Duration.between(at, health.now())))
        .flatMap(Optional::stream)
        .min(Duration::compareTo)
        .map(age -> "last proven delivery " + age.toSeconds() + " seconds ago")
        .orElse("no delivery proven since the start");
  }
}
