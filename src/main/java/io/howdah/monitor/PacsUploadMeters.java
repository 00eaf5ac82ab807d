package io.howdah.monitor;

import io.howdah.disk.StorageUnavailable;
import io.howdah.pacsupload.ClaimedImage;
import io.howdah.pacsupload.PacsUnavailable;
import io.howdah.pacsupload.PacsUploads;
import io.howdah.pacsupload.UploadObserver;
import io.howdah.pacsupload.UploadOutcome;
import io.howdah.pacsupload.UploadOutcome.Kind;
import io.howdah.settings.Settings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The upload of another system's images in figures: what became of attempts, how many images are in
 * which state or wait for what, how old the oldest is. Safe for use by many threads.
 */
public final class PacsUploadMeters implements UploadObserver, AutoCloseable {
  private static final Duration AGE = Duration.ofSeconds(5);
  private static final List<String> STATES = List.of("PENDING", "UPLOADING", "COMPLETE", "FAILED");
  private static final List<String> WAITS =
      List.of("AWAITING_LINK", "TRY_LATER", "REFUSED", "AMBIGUOUS", "VERDICT", "STORE_TROUBLE");

  private final MeterRegistry registry;
  private final Map<Kind, Counter> outcomes = new EnumMap<>(Kind.class);
  private final Counter bytes;
  private final Timer took;
  private LastSeen<Seen> seen;

  /** One look. */
  private record Seen(Map<String, Long> counts, Map<String, Long> waits, double oldest) {
    double count(String state) {
      return counts.isEmpty() ? Double.NaN : counts.getOrDefault(state, 0L);
    }
  }

  public PacsUploadMeters(Metrics metrics, Settings.PacsUpload settings) {
    registry = metrics.registry();
    for (Kind kind : Kind.values()) {
      outcomes.put(
          kind,
          Counter.builder("howdah.pacs.upload.outcomes")
              .description("attempts to upload an image, by what they came to")
              .tag("outcome", kind.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    bytes =
        Counter.builder("howdah.pacs.upload.bytes")
            .description("bytes of the images delivered")
            .register(registry);
    took =
        Timer.builder("howdah.pacs.upload")
            .description("from an image's claim to its outcome")
            .register(registry);
    limit("batch-size", settings.batchSize());
    limit("ahead", settings.ahead());
    limit("concurrency", settings.concurrency());
    limit("max-attempts", settings.maxAttempts());
    limit("response-timeout", settings.responseTimeout().toMillis() / 1e3);
    limit("link-wait", settings.linkWait().toSeconds());
  }

  private void limit(String setting, double value) {
    Gauge.builder("howdah.limit", () -> value)
        .description("limits in force; bytes, seconds or a number")
        .tag("setting", "howdah.pacs-upload." + setting)
        .register(registry);
  }

  /** Shows rows and waits. */
  public void show(PacsUploads uploads) {
    seen =
        new LastSeen<>(
            "pacs-upload-figures",
            () -> look(uploads),
            AGE,
            new Seen(Map.of(), Map.of(), Double.NaN));
    for (String state : STATES) {
      Gauge.builder("howdah.pacs.upload.images", this, meters -> meters.seen.get().count(state))
          .description("stored images in pacs.db by upload_status; not a number while unreadable")
          .tag("status", state)
          .register(registry);
    }
    for (String reason : WAITS) {
      Gauge.builder(
              "howdah.pacs.upload.waiting",
              this,
              meters -> meters.seen.get().waits().getOrDefault(reason, 0L))
          .description("pending images that are kept back, by the reason")
          .tag("reason", reason)
          .register(registry);
    }
    Gauge.builder("howdah.pacs.upload.oldest.age", this, meters -> meters.seen.get().oldest())
        .description("time since the image was stored that has been pending longest")
        .baseUnit("seconds")
        .register(registry);
  }

  private static Seen look(PacsUploads uploads) {
    Map<String, Long> waits;
    try {
      waits = uploads.waits();
    } catch (StorageUnavailable e) {
      waits = Map.of(); // the database check tells of it
    }
    try {
      return new Seen(
          uploads.counts(),
          waits,
          uploads.oldestPending().map(age -> age.toMillis() / 1e3).orElse(0.0));
    } catch (PacsUnavailable e) {
      return new Seen(Map.of(), waits, Double.NaN); // the check of this role tells of it
    }
  }

  @Override
  public void ended(ClaimedImage image, UploadOutcome outcome, Duration after) {
    outcomes.get(outcome.kind()).increment();
    took.record(after);
    if (outcome.kind() == Kind.DELIVERED) {
      bytes.increment(image.image().fileSize());
    }
  }

  @Override
  public void close() {
    seen.close();
  }
}
