package io.howdah.monitor;

import io.howdah.disk.StorageUnavailable;
import io.howdah.hub.HubMeter;
import io.howdah.hub.TusError;
import io.howdah.hub.Uploads;
import io.howdah.hub.Verdict;
import io.howdah.settings.Settings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** What the hub counts, as Prometheus reads it. Labels are codes, never identifiers. */
public final class HubMetrics implements HubMeter {
  private static final long AGE_NANOS = Duration.ofSeconds(2).toNanos();

  private final Uploads uploads;
  private final Counter bytes;
  private final Counter preempted;
  private final Timer filed;
  private final Map<TusError, Counter> refused = new EnumMap<>(TusError.class);
  private final Map<Verdict, Counter> rejected = new EnumMap<>(Verdict.class);
  private Uploads.Totals seen;
  private long seenAt;

  public HubMetrics(Metrics metrics, Settings settings, Uploads uploads, InstantSource clock) {
    this.uploads = uploads;
    MeterRegistry registry = metrics.registry();
    bytes =
        Counter.builder("howdah.hub.bytes")
            .description("bytes of uploads that became durable")
            .register(registry);
    preempted =
        Counter.builder("howdah.hub.preempted")
            .description("silent writers that had to make way for another request")
            .register(registry);
    filed =
        Timer.builder("howdah.hub.filing")
            .description("from the claim of a whole upload to its acknowledgement")
            .register(registry);
    for (TusError error : TusError.values()) {
      refused.put(
          error,
          Counter.builder("howdah.hub.refused")
              .description("requests to uploads not granted, by the code their sender was given")
              .tag("code", error.name())
              .register(registry));
    }
    for (Verdict verdict : Verdict.values()) {
      rejected.put(
          verdict,
          Counter.builder("howdah.hub.rejected")
              .description("uploads rejected for good, by reason")
              .tag("code", verdict.name())
              .register(registry));
    }
    gauge(registry, "howdah.hub.open", "unfinished uploads", Uploads.Totals::open);
    gauge(registry, "howdah.hub.open.bytes", "bytes announced by them", Uploads.Totals::openBytes);
    gauge(registry, "howdah.hub.waiting", "whole uploads not filed yet", Uploads.Totals::received);
    gauge(
        registry,
        "howdah.hub.oldest.age.seconds",
        "time since the oldest of them was whole",
        totals ->
            totals
                .oldestReceived()
                .map(at -> Duration.between(at, clock.instant()).toMillis() / 1e3)
                .orElse(0.0));
    metrics.limit("hub.max-size", settings.hub().maxSize());
    metrics.limit("hub.max-open", settings.hub().maxOpen());
    metrics.limit("hub.max-open-bytes", settings.hub().maxOpenBytes());
    metrics.limit("hub.workers", settings.hub().workers());
    metrics.limit("hub.max-manifest-files", settings.hub().maxManifestFiles());
    metrics.limit("hub.max-results", settings.hub().maxResults());
    metrics.folder("hub", settings.hub().path());
  }

  private void gauge(
      MeterRegistry registry, String name, String what, ToDoubleFunction<Uploads.Totals> value) {
    Gauge.builder(
            name,
            () -> {
              Uploads.Totals totals = totals();
              return totals == null ? Double.NaN : value.applyAsDouble(totals);
            })
        .description(what)
        .register(registry);
  }

  /** At most every two seconds, however often it is asked for; null while it is not known. */
  private synchronized Uploads.Totals totals() {
    long now = System.nanoTime();
    if (seenAt == 0 || now - seenAt > AGE_NANOS) {
      seenAt = now;
      try {
        seen = uploads.totals();
      } catch (StorageUnavailable e) {
        seen = null; // the database check tells of it
      }
    }
    return seen;
  }

  @Override
  public void kept(long count) {
    bytes.increment(count);
  }

  @Override
  public void refused(TusError error) {
    refused.get(error).increment();
  }

  @Override
  public void preempted() {
    preempted.increment();
  }

  @Override
  public void acknowledged(long nanos) {
    filed.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void rejected(Verdict verdict) {
    rejected.get(verdict).increment();
  }
}
