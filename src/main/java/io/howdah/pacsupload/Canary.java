package io.howdah.pacsupload;

import io.howdah.pacsupload.UploadOutcome.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A probe of the cloud that stores nothing and tells at which phase (dns, tcp, tls, http, verdict)
 * an upload would fail now. Safe for use by many threads.
 */
public final class Canary {
  private static final Logger LOG = LoggerFactory.getLogger(Canary.class);

  private final CloudApi cloud;
  private final InstantSource clock;
  private volatile Instant provenAt;
  private volatile String failing = "";

  public Canary(CloudApi cloud, InstantSource clock) {
    this.cloud = cloud;
    this.clock = clock;
  }

  /** Probes the cloud once. */
  public void sing() {
    UploadOutcome outcome = cloud.probe();
    String phase = failingPhase(outcome);
    if (phase.isEmpty()) {
      provenAt = clock.instant();
    } else if (failing.isEmpty()) {
      LOG.warn("canary: the cloud fails at {}: {}", phase, outcome.summary());
    }
    failing = phase;
  }

  /**
   * A well endpoint answers an empty request with a verdict on it, under contract B also with 500.
   */
  private static String failingPhase(UploadOutcome outcome) {
    if (outcome.kind() == Kind.VERDICT
        || outcome.kind() == Kind.DELIVERED
        || outcome.kind() == Kind.AMBIGUOUS) {
      return "";
    }
    return outcome.kind() == Kind.REFUSED && outcome.phase().equals("http")
        ? "verdict"
        : outcome.phase();
  }

  /** The phase at which the last probe failed; empty when it did not. */
  public String failing() {
    return failing;
  }

  /** How long ago the endpoint last proved well. */
  public Optional<Duration> proven() {
    return Optional.ofNullable(provenAt).map(at -> Duration.between(at, clock.instant()));
  }
}
