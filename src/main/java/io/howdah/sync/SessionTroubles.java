package io.howdah.sync;

import io.howdah.session.Session;
import io.howdah.session.SessionState;
import io.howdah.session.Sessions;
import io.howdah.session.Sessions.Note;
import io.howdah.sync.SessionSteps.LetGo;
import io.howdah.sync.SessionSteps.StepFailed;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes wrong with a step costs whoever caused it: the hub's outage costs time only, a verdict
 * makes the session FAILED (reliability rule 8). Safe for use by many threads.
 */
final class SessionTroubles {
  private static final Logger LOG = LoggerFactory.getLogger(SessionTroubles.class);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

  private final Sessions sessions;
  private final HubCircuit circuit;
  private final SyncCounters counters;
  private final InstantSource clock;
  private final LongSupplier ticker;
  private final Map<String, Integer> counts = new ConcurrentHashMap<>();

  SessionTroubles(
      Sessions sessions,
      HubCircuit circuit,
      SyncCounters counters,
      InstantSource clock,
      LongSupplier ticker) {
    this.sessions = sessions;
    this.circuit = circuit;
    this.counters = counters;
    this.clock = clock;
    this.ticker = ticker;
  }

  /** A session that is at its end has no more troubles. */
  void forget(Session session) {
    if (!session.state().isPending()) {
      counts.remove(session.id());
    }
  }

  /**
   * Records what went wrong.
   *
   * @return how long the session is not to be tried again
   */
  Duration settle(Running mine, Throwable failure, String by) {
    Session session = mine.session();
    if (failure instanceof LetGo
        || failure instanceof HubTrouble trouble && trouble.kind() == HubTrouble.Kind.STOPPING) {
      LOG.debug("session left session={} because={}", session.id(), failure.getMessage());
      return Duration.ZERO;
    }
    if (failure instanceof StepFailed failed) {
      fail(mine, failed.code(), failed.getMessage(), failed.isRejected(), by);
      return Duration.ZERO;
    }
    if (failure instanceof HubTrouble trouble) {
      if (trouble.kind() == HubTrouble.Kind.VERDICT) {
        boolean metadata = session.state() == SessionState.METADATA_UPLOADING;
        fail(
            mine,
            trouble.code().isEmpty()
                ? metadata ? SessionSteps.METADATA_UPLOAD_ERROR : SessionSteps.BINARY_UPLOAD_ERROR
                : trouble.code(),
            trouble.getMessage(),
            false,
            by);
        return Duration.ZERO;
      }
      return wait(mine, trouble, by);
    }
    LOG.error("session step broke session={}", session.id(), failure);
    note(mine, by, "error", "the site's own trouble: " + failure.getClass().getSimpleName());
    return pause(timesInARow(mine));
  }

  private void fail(Running mine, String code, String message, boolean rejected, String by) {
    Session session = mine.session();
    Instant now = clock.instant();
    Session failed =
        rejected ? session.rejected(code, message, now) : session.failed(code, message, now);
    Optional<Session> saved = sessions.save(failed, new Note(by, "error", code + ": " + message));
    if (saved.isPresent()) {
      mine.is(saved.get());
      counters.failed();
      LOG.warn("session failed session={} code={} because={}", session.id(), code, message);
    }
  }

  /**
   * The hub's trouble: the session keeps its place and its retries. A line that was cut once since
   * a byte got on is no outage: the session goes on at once.
   */
  private Duration wait(Running mine, HubTrouble trouble, String by) {
    counters.waited();
    note(mine, by, "attempt", trouble.code() + ": " + trouble.getMessage());
    if (mine.session().state() == SessionState.METADATA_UPLOADING) {
      sessions
          .save(
              mine.session().waitingAgain(clock.instant()),
              new Note(by, "transition", "waits for the hub"))
          .ifPresent(mine::is);
    } else {
      sessions.progress(mine.session());
    }
    int times = timesInARow(mine);
    if (trouble.isCut() && times == 1) {
      return Duration.ZERO;
    }
    if (trouble.kind() != HubTrouble.Kind.BUSY && circuit.open(trouble)) {
      if (trouble.kind() == HubTrouble.Kind.REFUSES) {
        LOG.error("the hub refuses this site; sessions wait: {}", trouble.getMessage());
      } else {
        LOG.warn("the hub is away; sessions wait: {}", trouble.getMessage());
      }
    }
    Duration pause = pause(times);
    return trouble.retryAfter().filter(asked -> asked.compareTo(pause) > 0).orElse(pause);
  }

  private void note(Running mine, String by, String what, String result) {
    sessions.note(mine.session(), new Note(by, what, result), clock.instant());
  }

  /** How often something went wrong, this time included, since a byte got on. */
  private int timesInARow(Running mine) {
    if (mine.rate(ticker.getAsLong()) > 0) {
      counts.remove(mine.session().id());
    }
    return counts.merge(mine.session().id(), 1, Integer::sum);
  }

  /** Longer each time; with jitter, so that not all come back together. */
  private static Duration pause(int times) {
    long most =
        Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(times - 1, 10));
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(most + 1));
  }
}
