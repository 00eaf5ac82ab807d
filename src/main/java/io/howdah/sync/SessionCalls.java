package io.howdah.sync;

import io.howdah.session.Session;
import io.howdah.session.SessionProgress.Ack;
import io.howdah.session.SessionState;
import io.howdah.session.Sessions;
import io.howdah.session.UploadSteps;
import io.howdah.settings.Settings;
import io.howdah.sync.Hub.Receipt;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * The steps of an upload as clients of the API ask for them. A step that somebody else takes is
 * waited for. Safe for use by many threads.
 */
final class SessionCalls implements UploadSteps {
  private static final String API = "api";
  private static final Duration LOOK = Duration.ofMillis(100);

  /** A hub has made an image of most uploads by then; who asks later is told as well. */
  private static final Duration FOR_AN_IMAGE = Duration.ofSeconds(5);

  private static final int LARGEST_CHUNK = 16 * 1024 * 1024;

  private final Settings.Sync settings;
  private final Sessions sessions;
  private final SessionSteps steps;
  private final SessionTroubles troubles;
  private final Map<String, Running> running;
  private final Runnable contact;
  private final BooleanSupplier stopping;
  private final InstantSource clock;
  private final LongSupplier ticker;

  /**
   * @param running all that this process works on
   * @param contact told when the hub has answered
   */
  SessionCalls(
      Settings.Sync settings,
      Sessions sessions,
      SessionSteps steps,
      SessionTroubles troubles,
      Map<String, Running> running,
      Runnable contact,
      BooleanSupplier stopping,
      InstantSource clock,
      LongSupplier ticker) {
    this.settings = settings;
    this.sessions = sessions;
    this.steps = steps;
    this.troubles = troubles;
    this.running = running;
    this.contact = contact;
    this.stopping = stopping;
    this.clock = clock;
    this.ticker = ticker;
  }

  /** A step of {@link SessionSteps} with its outcome for the API. */
  private interface Step {
    Outcome take(Running mine) throws Exception;
  }

  /** Takes the step that was asked for; empty when somebody else works on the session. */
  private Optional<Outcome> byHand(Session session, Step step) {
    Optional<Session> claimed = sessions.claim(session.id(), clock.instant());
    if (claimed.isEmpty()) {
      return Optional.empty();
    }
    Running mine = new Running(claimed.get());
    running.put(session.id(), mine);
    Duration next = settings.after();
    try {
      Outcome outcome = step.take(mine);
      contact.run();
      return Optional.of(outcome);
    } catch (Exception e) {
      Duration pause = troubles.settle(mine, e, API);
      next = pause.compareTo(next) > 0 ? pause : next;
      return Optional.of(
          mine.session().state() == SessionState.FAILED
              ? new Outcome.Failed(mine.session())
              : new Outcome.NotNow(
                  e instanceof HubTrouble
                      ? "the hub does not take it now, the session keeps its place: "
                          + e.getMessage()
                      : "the step could not be ended now, the session keeps its place"));
    } finally {
      running.remove(session.id());
      sessions.release(mine.session(), clock.instant().plus(next));
    }
  }

  /** Takes a step, or waits for who takes it already. */
  private Outcome taken(Session session, Predicate<Session> isDone, Step step) {
    long end = ticker.getAsLong() + settings.responseTimeout().toNanos();
    while (true) {
      Optional<Outcome> ours = byHand(session, step);
      if (ours.isPresent()) {
        return ours.get();
      }
      Session now = sessions.find(session.id()).orElse(session);
      if (isDone.test(now)) {
        return new Outcome.Done(now);
      }
      if (now.state() == SessionState.FAILED) {
        return new Outcome.Failed(now);
      }
      if (stopping.getAsBoolean()) {
        return new Outcome.NotNow("the gateway stops; ask again after its next start");
      }
      if (!now.state().isPending() || ticker.getAsLong() - end > 0) {
        return new Outcome.NotNow("somebody works on the session now; ask again");
      }
      try {
        Thread.sleep(LOOK.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Outcome.NotNow("the gateway is stopping; ask again");
      }
    }
  }

  private static boolean isAnnounced(Session session) {
    return session.isMetadataUploaded()
        && session.state() != SessionState.QUEUED
        && session.state() != SessionState.METADATA_UPLOADING;
  }

  @Override
  public Outcome uploadMetadata(Session session) {
    return taken(
        session, SessionCalls::isAnnounced, mine -> new Outcome.Done(steps.announce(mine, API)));
  }

  @Override
  public Outcome uploadBinary(Session session, int chunk) {
    int most = Math.min(chunk, LARGEST_CHUNK);
    return taken(
        session,
        Session::isBinaryUploaded,
        mine -> {
          Session sent = steps.send(mine, most, API, now -> stopping.getAsBoolean());
          return sent.isBinaryUploaded()
              ? new Outcome.Done(sent)
              : new Outcome.NotNow("the session is " + sent.state() + " by now");
        });
  }

  @Override
  public Outcome acknowledge(Session session, long imageId) {
    return taken(
        session,
        now -> now.state() == SessionState.ACK_RECEIVED,
        mine ->
            mine.session().state() == SessionState.SYNCED
                ? acknowledge(mine, imageId)
                : new Outcome.NotNow("the session is " + mine.session().state() + " by now"));
  }

  private Outcome acknowledge(Running mine, long imageId) throws Exception {
    Receipt receipt = steps.confirm(mine, API, Optional.of(imageId));
    if (receipt instanceof Receipt.Processing) {
      return new Outcome.NotNow("the hub has not made an image of the upload yet");
    }
    if (receipt instanceof Receipt.None) {
      steps.acknowledged(mine, API, new Ack(imageId, Optional.empty(), clock.instant()));
    }
    return mine.session().state() == SessionState.ACK_RECEIVED
        ? new Outcome.Done(mine.session())
        : new Outcome.Contradicted("the hub acknowledged this upload as another image");
  }

  @Override
  public Optional<Long> image(Session session) {
    long end = ticker.getAsLong() + FOR_AN_IMAGE.toNanos();
    try {
      Receipt receipt = steps.receipt(session);
      while (receipt instanceof Receipt.Processing
          && ticker.getAsLong() - end < 0
          && !stopping.getAsBoolean()) {
        Thread.sleep(LOOK.toMillis());
        receipt = steps.receipt(session);
      }
      return receipt instanceof Receipt.Acknowledged acknowledged
          ? Optional.of(acknowledged.imageId())
          : Optional.empty();
    } catch (HubTrouble e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  @Override
  public Pace pace(String sessionId) {
    Running mine = running.get(sessionId);
    return new Pace(mine == null ? 0 : mine.rate(ticker.getAsLong()));
  }
}
