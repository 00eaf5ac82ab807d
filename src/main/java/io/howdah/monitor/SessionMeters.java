package io.howdah.monitor;

import io.howdah.disk.StorageUnavailable;
import io.howdah.session.SessionCreation;
import io.howdah.session.SessionState;
import io.howdah.session.Sessions;
import io.howdah.sync.SessionSync;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** What Prometheus reads of sessions and their way to the hub. */
public final class SessionMeters {
  private SessionMeters() {}

  /** Registers the meters; rows are looked at when they are read. */
  public static void bind(
      Metrics metrics, Sessions sessions, SessionSync sync, InstantSource clock) {
    MeterRegistry registry = metrics.registry();
    Counted counted = new Counted(sessions);
    for (SessionState state : SessionState.values()) {
      gauge(
          registry,
          "howdah.sessions",
          "upload sessions by state",
          () -> counted.now().getOrDefault(state, 0L),
          "state",
          state.name().toLowerCase(Locale.ROOT));
    }
    gauge(
        registry,
        "howdah.sessions.oldest.age.seconds",
        "since when the pending session waits that waits longest",
        () ->
            sessions
                .oldestPending()
                .map(at -> Duration.between(at, clock.instant()).toMillis() / 1000.0)
                .orElse(0.0));
    gauge(
        registry,
        "howdah.sync.hub.away",
        "1 while sessions wait for the hub",
        () -> sync.health().code().isEmpty() ? 0 : 1);
    gauge(
        registry,
        "howdah.sync.bytes.per.second",
        "bytes a second to the hub, over the last seconds",
        () -> sync.health().bytesPerSecond());
    gauge(
        registry,
        "howdah.sync.limit.bytes.per.second",
        "bytes a second that howdah.sync.rate allows now; 0: no limit",
        () -> sync.health().limit().orElse(0L));
    counter(registry, "howdah.sync.acknowledged", "sessions that became images", sync, 0);
    counter(registry, "howdah.sync.bytes", "bytes of sessions that became images", sync, 1);
    counter(registry, "howdah.sync.failed", "sessions that became FAILED", sync, 2);
    counter(
        registry, "howdah.sync.waits", "attempts that ended with the hub away or busy", sync, 3);
  }

  /** Registers how many files that clients named are being opened, and how many may be. */
  public static void bindOpening(Metrics metrics, SessionCreation creation, int most) {
    gauge(
        metrics.registry(),
        "howdah.sessions.opening",
        "files that clients named and that are being opened",
        creation::opening);
    metrics.limit("sessions.max-opening", most);
  }

  /** What one scrape asks for several times is counted once. */
  private static final class Counted {
    private static final long FRESH = Duration.ofSeconds(1).toNanos();

    private final Sessions sessions;
    private Map<SessionState, Long> counts;
    private long at;

    Counted(Sessions sessions) {
      this.sessions = sessions;
    }

    synchronized Map<SessionState, Long> now() {
      long now = System.nanoTime();
      if (counts == null || now - at > FRESH) {
        counts = sessions.counts();
        at = now;
      }
      return counts;
    }
  }

  private static void gauge(
      MeterRegistry registry,
      String name,
      String description,
      Supplier<? extends Number> value,
      String... tags) {
    Gauge.builder(
            name,
            () -> {
              try {
                return value.get();
              } catch (StorageUnavailable e) {
                return Double.NaN;
              }
            })
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private static void counter(
      MeterRegistry registry, String name, String description, SessionSync sync, int which) {
    FunctionCounter.builder(
            name,
            sync,
            it ->
                switch (which) {
                  case 0 -> it.counters().acknowledgedSessions();
                  case 1 -> it.counters().acknowledgedBytes();
                  case 2 -> it.counters().failedSessions();
                  default -> it.counters().waits();
                })
        .description(description)
        .register(registry);
  }
}
