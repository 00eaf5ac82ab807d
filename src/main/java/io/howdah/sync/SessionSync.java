package io.howdah.sync;

import io.howdah.session.LocalStore;
import io.howdah.session.Session;
import io.howdah.session.SessionProgress.Ack;
import io.howdah.session.SessionState;
import io.howdah.session.Sessions;
import io.howdah.session.Sessions.Note;
import io.howdah.session.UploadSteps;
import io.howdah.settings.Settings;
import io.howdah.sync.Hub.Receipt;
import io.howdah.sync.SessionSteps.LetGo;
import io.howdah.sync.SessionSteps.StepFailed;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings sessions to the hub, by itself (the routes of {@code sync}) or step by step (the API).
 * What goes wrong costs whoever caused it: an outage costs time only, a verdict makes the session
 * FAILED. Safe for use by many threads.
 */
public final class SessionSync implements UploadSteps {
  private static final Logger LOG = LoggerFactory.getLogger(SessionSync.class);
  private static final String API = "api";

  /** A foreign hub gives no receipt; its client acknowledges, and we look again tomorrow. */
  private static final Duration NO_RECEIPT = Duration.ofDays(1);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_RECEIPT_PAUSE = Duration.ofSeconds(10);
  private static final Duration LEAST_RECEIPT_PAUSE = Duration.ofMillis(200);
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final int NOBODY = -1;
  private static final int LARGEST_CHUNK = 16 * 1024 * 1024;

  private final Settings.Sync settings;
  private final Sessions sessions;
  private final SessionSteps steps;
  private final Hub hub;
  private final HubCircuit circuit;
  private final RateBudget budget;
  private final InstantSource clock;
  private final LongSupplier ticker;
  private final String who;
  private final Map<String, Running> running = new ConcurrentHashMap<>();
  private final Map<String, Integer> troubles = new ConcurrentHashMap<>();
  private final AtomicInteger lanes = new AtomicInteger();
  private final SyncCounters counters = new SyncCounters();
  private volatile int urgent = NOBODY;
  private volatile BooleanSupplier stopping = () -> false;
  private volatile Optional<Instant> lastContact = Optional.empty();

  /**
   * @param node names this process in the trail
   */
  SessionSync(
      Settings.Sync settings,
      Sessions sessions,
      SessionSteps steps,
      Hub hub,
      RateBudget budget,
      InstantSource clock,
      LongSupplier ticker,
      String node) {
    this.settings = settings;
    this.sessions = sessions;
    this.steps = steps;
    this.hub = hub;
    this.budget = budget;
    this.circuit = new HubCircuit(ticker, settings.probe());
    this.clock = clock;
    this.ticker = ticker;
    this.who = "sync@" + node;
  }

  /** A sync in real time. */
  public static SessionSync of(
      Settings.Sync settings,
      Sessions sessions,
      LocalStore store,
      Hub hub,
      RateBudget budget,
      InstantSource clock,
      String node) {
    return new SessionSync(
        settings,
        sessions,
        new SessionSteps(sessions, store, hub, budget, settings.packed(), clock),
        hub,
        budget,
        clock,
        System::nanoTime,
        node);
  }

  /** Between two chunks it is asked whether to leave the rest for later. */
  public void leaveWhen(BooleanSupplier isStopping) {
    stopping = isStopping;
  }

  /**
   * Claims as many sessions as there are free lanes, the most urgent first; none while the hub is
   * away. Where all lanes are taken and something more urgent waits, the least urgent lane is left
   * at its next chunk.
   */
  public List<Session> due() {
    if (stopping.getAsBoolean() || !circuit.isClosed() || !hub.isThere()) {
      return List.of();
    }
    Instant now = clock.instant();
    int free = settings.lanes() - lanes.get();
    if (free <= 0) {
      urgent = sessions.mostUrgentDue(now).orElse(NOBODY);
      return List.of();
    }
    urgent = NOBODY;
    List<Session> claimed = sessions.claimDue(now, free);
    lanes.addAndGet(claimed.size());
    claimed.forEach(session -> running.put(session.id(), new Running(session)));
    return claimed;
  }

  private Running of(Session session) throws LetGo {
    Running mine = running.get(session.id());
    if (mine == null) {
      throw new LetGo("nobody works on the session");
    }
    return mine;
  }

  /** Tells the hub, unless it knows. */
  public Session announce(Session session) throws Exception {
    Session announced = steps.announce(of(session), who);
    contact();
    return announced;
  }

  /** Sends the bytes, unless the hub has them. */
  public Session send(Session session) throws Exception {
    Session sent = steps.send(of(session), settings.chunk(), who, this::isToBeLeft);
    contact();
    return sent;
  }

  private boolean isToBeLeft(Session session) {
    return stopping.getAsBoolean()
        || urgent > session.facts().priority()
            && running.values().stream()
                .allMatch(
                    other -> other.session().facts().priority() >= session.facts().priority());
  }

  /** Asks for the receipt, and gives the session back: for good, or to be asked for again. */
  public void confirm(Session session) throws Exception {
    Running mine = of(session);
    Duration again = Duration.ZERO;
    if (mine.session().state() == SessionState.SYNCED) {
      Receipt receipt = steps.confirm(mine, who, Optional.empty());
      contact();
      if (receipt instanceof Receipt.Processing) {
        again = untilNextReceipt(mine.session());
      } else if (receipt instanceof Receipt.None) {
        again = NO_RECEIPT;
      }
    }
    if (mine.session().state() == SessionState.ACK_RECEIVED) {
      counters.acknowledged(mine.session().facts().size());
      LOG.info(
          "session acknowledged session={} image={} bytes={}",
          session.id(),
          mine.session().progress().ack().map(Ack::imageId).orElse(-1L),
          session.facts().size());
    }
    giveLaneBack(mine, clock.instant().plus(again));
  }

  /** Soon at first, and seldom when the hub takes long. */
  private Duration untilNextReceipt(Session session) {
    Duration age =
        Duration.between(
            session.progress().binaryUploadedAt().orElse(clock.instant()), clock.instant());
    Duration half = age.dividedBy(2);
    if (half.compareTo(LEAST_RECEIPT_PAUSE) < 0) {
      return LEAST_RECEIPT_PAUSE;
    }
    return half.compareTo(LONGEST_RECEIPT_PAUSE) > 0 ? LONGEST_RECEIPT_PAUSE : half;
  }

  /** Decides what an exception in one of the steps means for the session. */
  public void giveBack(Session claim, Throwable failure) {
    Running mine = running.get(claim.id());
    if (mine == null) {
      return;
    }
    Instant next = clock.instant();
    try {
      next = next.plus(settle(mine, failure, who));
    } finally {
      giveLaneBack(mine, next);
    }
  }

  private void giveLaneBack(Running mine, Instant next) {
    running.remove(mine.session().id());
    lanes.decrementAndGet();
    if (!mine.session().state().isPending()) {
      troubles.remove(mine.session().id());
    }
    sessions.release(mine.session(), next);
  }

  /**
   * Records what went wrong.
   *
   * @return how long the session is not to be tried again
   */
  private Duration settle(Running mine, Throwable failure, String by) {
    Session session = mine.session();
    if (failure instanceof LetGo) {
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
    return pause(mine);
  }

  private void fail(Running mine, String code, String message, boolean rejected, String by) {
    Session session = mine.session();
    Instant now = clock.instant();
    Session failed =
        rejected ? session.rejected(code, message, now) : session.failed(code, message, now);
    Optional<Session> saved = sessions.save(failed, new Note(by, "error", code + ": " + message));
    saved.ifPresent(mine::is);
    counters.failed();
    LOG.warn("session failed session={} code={} because={}", session.id(), code, message);
  }

  /** The hub's trouble: the session keeps its place and its retries. */
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
    if (trouble.kind() != HubTrouble.Kind.BUSY && circuit.open(trouble)) {
      if (trouble.kind() == HubTrouble.Kind.REFUSES) {
        LOG.error("the hub refuses this site; sessions wait: {}", trouble.getMessage());
      } else {
        LOG.warn("the hub is away; sessions wait: {}", trouble.getMessage());
      }
    }
    Duration pause = pause(mine);
    return trouble.retryAfter().filter(asked -> asked.compareTo(pause) > 0).orElse(pause);
  }

  private void note(Running mine, String by, String what, String result) {
    sessions.note(mine.session(), new Note(by, what, result), clock.instant());
  }

  /** Longer each time, until a byte gets on; with jitter, so that not all come back together. */
  private Duration pause(Running mine) {
    if (mine.rate(ticker.getAsLong()) > 0) {
      troubles.remove(mine.session().id());
    }
    int times = troubles.merge(mine.session().id(), 1, Integer::sum);
    long most =
        Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(times - 1, 10));
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(most + 1));
  }

  private void contact() {
    lastContact = Optional.of(clock.instant());
    if (circuit.close()) {
      LOG.info("the hub answers again");
    }
  }

  /** Looks whether a hub that was away is back; then everything that waits for it is due. */
  public void probe() {
    if (!hub.isThere() || !circuit.isProbeDue()) {
      return;
    }
    try {
      hub.probe();
      boolean wasAway =
          circuit.trouble().filter(it -> it.kind() == HubTrouble.Kind.AWAY).isPresent();
      contact();
      if (wasAway) {
        sessions.wake(clock.instant());
      }
    } catch (HubTrouble e) {
      circuit.open(e);
      LOG.debug("the hub is still away: {}", e.getMessage());
    }
  }

  /** Keeps what this process works on its own. */
  public void renewLeases() {
    sessions.renewLeases(clock.instant());
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
      contact();
      return Optional.of(outcome);
    } catch (Exception e) {
      Duration pause = settle(mine, e, API);
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
        session, SessionSync::isAnnounced, mine -> new Outcome.Done(steps.announce(mine, API)));
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
  public Pace pace(String sessionId) {
    Running mine = running.get(sessionId);
    return new Pace(mine == null ? 0 : mine.rate(ticker.getAsLong()));
  }

  /** How the way to the hub is. */
  public SyncHealth health() {
    return new SyncHealth(
        hub.isThere(),
        circuit.trouble().map(HubTrouble::kind),
        circuit.trouble().map(Throwable::getMessage).orElse(""),
        lastContact,
        running.values().stream().mapToLong(one -> one.rate(ticker.getAsLong())).sum(),
        running.size(),
        budget.now());
  }

  /** What was counted since the start. */
  public SyncCounters counters() {
    return counters;
  }
}
