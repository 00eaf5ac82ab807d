package io.howdah.monitor;

import io.howdah.disk.Disk;
import io.howdah.events.Outbox;
import io.howdah.intake.Refusals;
import io.howdah.intake.UploadError;
import io.howdah.settings.Settings;
import io.howdah.status.Acceptance;
import io.howdah.status.Claim;
import io.howdah.status.NewStudy;
import io.howdah.status.Outcome;
import io.howdah.status.Stage;
import io.howdah.status.Studies;
import io.howdah.status.StudyState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * All that is counted and timed, as Prometheus reads it: per stage how many, how long, what went
 * wrong and how old the oldest is; what intake took and refused; what waits to be told; the limits
 * in force. Labels are codes and stages, never identifiers. Safe for use by many threads.
 */
public final class Metrics implements Refusals, AutoCloseable {
  /** The name of intake among the stages. */
  static final String INTAKE = "intake";

  private static final Duration[] BUCKETS = {
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final Settings settings;
  private final InstantSource clock;
  private final Map<Stage, Timer> durations = new EnumMap<>(Stage.class);
  private final Map<UploadError, Counter> refused = new EnumMap<>(UploadError.class);
  private final Timer intake;
  private final Counter files;
  private final Counter bytes;
  private final Counter duplicates;
  private final Counter throttled;

  public Metrics(Settings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
    for (Stage stage : Stage.values()) {
      durations.put(stage, duration(stage.key()));
      for (Trouble trouble : Trouble.values()) {
        errors(stage.key(), trouble);
      }
    }
    intake = duration(INTAKE);
    errors(INTAKE, Trouble.ATTEMPT);
    files =
        Counter.builder("howdah.intake.files")
            .description("files accepted, without those whose bytes were known")
            .register(registry);
    bytes =
        Counter.builder("howdah.intake.bytes")
            .description("bytes of the files accepted")
            .register(registry);
    duplicates =
        Counter.builder("howdah.intake.duplicates")
            .description("files whose bytes were accepted before")
            .register(registry);
    throttled =
        Counter.builder("howdah.http.throttled")
            .description("requests answered 429, their client having asked too often")
            .register(registry);
    for (UploadError reason : UploadError.values()) {
      refused.put(
          reason,
          Counter.builder("howdah.intake.refused")
              .description("files and uploads not accepted, by the code their sender was given")
              .tag("code", reason.name())
              .register(registry));
    }
    limits();
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  /** What can go wrong with an item in a stage. */
  enum Trouble {
    /** Our own disk or database; the item waits and is tried again. */
    WAIT,
    /** An unexpected error, which costs the item an attempt. */
    ATTEMPT,
    /** The item was set aside. */
    FAILED,
    /** Another worker has it now. */
    LEASE
  }

  private Timer duration(String stage) {
    return Timer.builder("howdah.stage")
        .description("from an item's claim to the commit of its outcome")
        .tag("stage", stage)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  private Counter errors(String stage, Trouble trouble) {
    return Counter.builder("howdah.stage.errors")
        .description("items that did not get through a stage at this attempt")
        .tags("stage", stage, "cause", trouble.name().toLowerCase(java.util.Locale.ROOT))
        .register(registry);
  }

  private void limits() {
    limit("intake.max-file-size", settings.intake().maxFileSize());
    limit("intake.max-request-size", settings.intake().maxRequestSize());
    limit("intake.max-files", settings.intake().maxFiles());
    limit("intake.disk-reserve", settings.intake().diskReserve());
    limit("intake.workers", settings.intake().workers());
    limit("http.max-connections", settings.http().maxConnections());
    limit("http.max-client-rate", settings.http().maxClientRate());
    limit("http.idle-timeout", seconds(settings.http().idleTimeout()));
    limit("http.min-body-rate", settings.http().minBodyRate());
    if (settings.dicom().listens()) {
      limit("dicom.max-associations", settings.dicom().maxAssociations());
      limit("dicom.max-associations-per-peer", settings.dicom().maxAssociationsPerPeer());
      limit("dicom.max-object-size", settings.dicom().maxObjectSize());
      limit("dicom.max-pdu", settings.dicom().maxPdu());
      limit("dicom.idle-timeout", seconds(settings.dicom().idleTimeout()));
    }
    limit("db.pool-size", settings.database().poolSize());
    limit("validate.workers", settings.validation().workers());
    limit("describe.workers", settings.describeWorkers());
    limit("archive.workers", settings.archive().workers());
    limit("archive.scrub-rate", settings.archive().scrubRate());
    limit("work.lease", seconds(settings.work().lease()));
    limit("work.max-attempts", settings.work().maxAttempts());
    limit("health.stage-age", seconds(settings.health().stageAge()));
    Map.of(
            "uploads", settings.intake().uploads(),
            "archive", settings.archive().path(),
            "quarantine", settings.quarantine())
        .forEach(this::folder);
  }

  /** Shows how much room a folder has. */
  void folder(String name, Path folder) {
    Gauge.builder("howdah.disk.free", folder, Metrics::free)
        .description("bytes free where this folder is")
        .baseUnit("bytes")
        .tag("folder", name)
        .register(registry);
  }

  /** Shows a limit in force. */
  void limit(String setting, double value) {
    Gauge.builder("howdah.limit", () -> value)
        .description("limits in force; bytes, seconds or a number")
        .tag("setting", "howdah." + setting)
        .register(registry);
  }

  private static double free(Path folder) {
    try {
      return Disk.free(folder);
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }

  /** Shows what waits. */
  void show(Backlog backlog) {
    for (Stage stage : Stage.values()) {
      Gauge.builder(
              "howdah.stage.waiting",
              backlog,
              b ->
                  Optional.ofNullable(b.seen().stages().get(stage))
                      .map(waiting -> (double) waiting.count())
                      .orElse(Double.NaN))
          .description("items that wait for this stage or are in it")
          .tag("stage", stage.key())
          .register(registry);
      Gauge.builder(
              "howdah.stage.oldest.age",
              backlog,
              b ->
                  age(
                      Optional.ofNullable(b.seen().stages().get(stage))
                          .map(Studies.Waiting::oldest)))
          .description("time since the oldest item in this stage was accepted")
          .baseUnit("seconds")
          .tag("stage", stage.key())
          .register(registry);
    }
    for (Outbox.Target target : Outbox.Target.values()) {
      String name = target.name().toLowerCase(java.util.Locale.ROOT);
      Gauge.builder(
              "howdah.outbox.waiting",
              backlog,
              b ->
                  Optional.ofNullable(b.seen().outbox().get(target))
                      .map(unsent -> (double) unsent.count())
                      .orElse(Double.NaN))
          .description("messages still to be sent")
          .tag("target", name)
          .register(registry);
      Gauge.builder(
              "howdah.outbox.oldest.age",
              backlog,
              b ->
                  age(
                      Optional.ofNullable(b.seen().outbox().get(target))
                          .map(Outbox.Backlog::oldest)))
          .description("time since the oldest unsent message became true")
          .baseUnit("seconds")
          .tag("target", name)
          .register(registry);
    }
  }

  /** Zero when nothing waits; not a number when it is not known. */
  private double age(Optional<Optional<Instant>> oldest) {
    return oldest
        .map(
            some ->
                some.map(instant -> seconds(Duration.between(instant, clock.instant())))
                    .orElse(0.0))
        .orElse(Double.NaN);
  }

  /** The same rows, counted and timed on the way. */
  public Studies measured(Studies studies) {
    return new MeasuredStudies(studies, this);
  }

  @Override
  public void refused(UploadError reason) {
    refused.get(reason).increment();
  }

  /** One more request was answered 429. */
  public void throttled() {
    throttled.increment();
  }

  void accepted(List<NewStudy> arrived, List<Acceptance> answers) {
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i) instanceof Acceptance.Accepted) {
        files.increment();
        bytes.increment(arrived.get(i).fileSize());
      } else if (answers.get(i) instanceof Acceptance.Duplicate) {
        duplicates.increment();
      }
    }
  }

  void finished(Claim claim, Outcome outcome, long nanos) {
    durations.get(claim.stage()).record(nanos, TimeUnit.NANOSECONDS);
    Counter.builder("howdah.stage.outcomes")
        .description("items by the state a stage gave them")
        .tags("stage", claim.stage().key(), "state", outcome.state().word())
        .register(registry)
        .increment();
    if (outcome.state() == StudyState.FAILED) {
      trouble(claim.stage(), Trouble.FAILED);
    }
  }

  void trouble(Stage stage, Trouble trouble) {
    errors(stage.key(), trouble).increment();
  }

  void takenIn(long nanos, boolean well) {
    intake.record(nanos, TimeUnit.NANOSECONDS);
    if (!well) {
      errors(INTAKE, Trouble.ATTEMPT).increment();
    }
  }

  PrometheusMeterRegistry registry() {
    return registry;
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
