package io.howdah.monitor;

import io.howdah.batch.BatchObserver;
import io.howdah.batch.BatchStatus;
import io.howdah.batch.ClosedBatch;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/**
 * Batches counted and timed by destination: how large, how long open, how long until they were
 * sent, and how many associations went well. Safe for use by many threads.
 */
public final class BatchMeters implements BatchObserver {
  private static final String TO = "destination";

  private final MeterRegistry registry;

  public BatchMeters(Metrics metrics) {
    this.registry = metrics.registry();
  }

  @Override
  public void closed(ClosedBatch batch) {
    DistributionSummary.builder("howdah.batch.size")
        .description("instances in a batch when it was complete")
        .tag(TO, batch.destination())
        .register(registry)
        .record(batch.count());
    Timer.builder("howdah.batch.open")
        .description("from a batch's first instance until it was complete, by the evidence for it")
        .tags(TO, batch.destination(), "reason", batch.reason().name())
        .register(registry)
        .record(batch.open());
  }

  @Override
  public void attempted(String destination, int associations, int failed, int confirmed) {
    associations(destination, "ok", associations - failed);
    associations(destination, "failed", failed);
    Counter.builder("howdah.send.instances")
        .description("instances that a destination confirmed")
        .tag(TO, destination)
        .register(registry)
        .increment(confirmed);
  }

  private void associations(String destination, String result, int number) {
    Counter.builder("howdah.send.associations")
        .description("associations, or attempts over other protocols, by how they ended")
        .tags(TO, destination, "result", result)
        .register(registry)
        .increment(number);
  }

  @Override
  public void ended(String destination, BatchStatus status, Duration sinceOpened) {
    Timer.builder("howdah.batch.completion")
        .description("from a batch's first instance until it was SENT, or FAILED")
        .tags(TO, destination, "status", status.name())
        .register(registry)
        .record(sinceOpened);
  }
}
