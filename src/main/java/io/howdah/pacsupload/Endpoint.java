package io.howdah.pacsupload;

import io.howdah.pacsupload.UploadOutcome.Kind;
import io.howdah.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the cloud has answered of late, which decides who is to blame. Safe for many threads. */
public final class Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(Endpoint.class);

  /** So many ambiguous answers with nothing delivered between them are the endpoint's fault. */
  private static final int SICK_AFTER = 10;

  private final Settings.PacsUpload settings;
  private final Set<String> ambiguous = new HashSet<>();
  private int failures;
  private UploadOutcome alarm;
  private Instant lastDelivery;

  public Endpoint(Settings.PacsUpload settings) {
    this.settings = settings;
  }

  synchronized void notice(ClaimedImage claim, UploadOutcome outcome, Instant now) {
    if (outcome.kind() == Kind.DELIVERED) {
      lastDelivery = now;
      alarm = null;
      failures = 0;
      ambiguous.clear();
    } else if (outcome.kind() == Kind.AMBIGUOUS && ambiguous.size() < SICK_AFTER) {
      ambiguous.add(claim.uid());
    } else if (outcome.kind().blamesEndpoint()) {
      failures++;
    }
    if (outcome.kind() == Kind.REFUSED) {
      if (alarm == null) {
        LOG.error("the cloud refuses this gateway; images wait: {}", outcome.summary());
      }
      alarm = outcome;
    }
  }

  /** A batch of nothing but answers that hide who is to blame is the endpoint's doing. */
  synchronized void judge(UploadBatch batch) {
    if (ambiguous.size() >= SICK_AFTER
        && !settings.strictCompat()
        && batch.attempted() > 0
        && batch.delivered() == 0) {
      batch.blameEndpoint(Duration.ZERO);
    }
  }

  /** True when another image would only meet what so many have just met. */
  synchronized boolean isAway() {
    return failures >= settings.concurrency() && !settings.strictCompat();
  }

  /** Why the cloud refuses this gateway; empty when it does not. */
  synchronized String refusal() {
    return alarm == null ? "" : alarm.summary();
  }

  /** When the cloud last took an image. */
  synchronized Optional<Instant> lastDelivery() {
    return Optional.ofNullable(lastDelivery);
  }
}
