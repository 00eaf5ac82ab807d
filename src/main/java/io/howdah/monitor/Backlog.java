package io.howdah.monitor;

import io.howdah.events.Outbox;
import io.howdah.status.Stage;
import io.howdah.status.Studies;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * What waits in each stage and in the outbox, read from the rows at most every two seconds however
 * often it is asked for; while the rows cannot be read, what was seen last. Safe for use by many
 * threads.
 */
final class Backlog implements AutoCloseable {
  private static final Duration AGE = Duration.ofSeconds(2);

  private final Studies studies;
  private final Outbox outbox;
  private final LastSeen<Seen> seen =
      new LastSeen<>("backlog", this::look, AGE, new Seen(Map.of(), Map.of()));

  /** One look. */
  record Seen(Map<Stage, Studies.Waiting> stages, Map<Outbox.Target, Outbox.Backlog> outbox) {}

  Backlog(Studies studies, Outbox outbox) {
    this.studies = studies;
    this.outbox = outbox;
  }

  Seen seen() {
    return seen.get();
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
    seen.close();
  }
}
