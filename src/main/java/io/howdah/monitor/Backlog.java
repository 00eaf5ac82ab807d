package io.howdah.monitor;

import io.howdah.events.Outbox;
import io.howdah.status.Stage;
import io.howdah.status.Studies;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What waits in each stage and in the outbox, read from the rows at most every two seconds however
 * often it is asked for; while the rows cannot be read, what was seen last. Safe for use by many
 * threads.
 */
final class Backlog implements AutoCloseable {
  private static final Duration AGE = Duration.ofSeconds(2);
  private static final long PATIENCE_MS = 2_000;

  private final Studies studies;
  private final Outbox outbox;
  private final Fresh<Seen> fresh = new Fresh<>("backlog", this::look, AGE);
  private volatile Seen last = new Seen(Map.of(), Map.of());

  /** One look. */
  record Seen(Map<Stage, Studies.Waiting> stages, Map<Outbox.Target, Outbox.Backlog> outbox) {}

  Backlog(Studies studies, Outbox outbox) {
    this.studies = studies;
    this.outbox = outbox;
  }

  Seen seen() {
    try {
      last = fresh.get().get(PATIENCE_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return last; // the database check tells of it
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return last;
  }

  private Seen look() {
    Map<Outbox.Target, Outbox.Backlog> unsent = new EnumMap<>(Outbox.Target.class);
    for (Outbox.Target target : Outbox.Target.values()) {
      unsent.put(target, outbox.backlog(target));
    }
    return new Seen(studies.waiting(), unsent);
  }

  @Override
  public void close() {
    fresh.close();
  }
}
