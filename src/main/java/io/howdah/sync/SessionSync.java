package io.howdah.sync;

import io.howdah.session.LocalStore;
import io.howdah.session.Session;
import io.howdah.session.SessionManifests;
import io.howdah.session.SessionProgress.Ack;
import io.howdah.session.SessionState;
import io.howdah.session.Sessions;
import io.howdah.session.UploadSteps;
import io.howdah.settings.Settings;
import io.howdah.sync.Hub.Receipt;
import io.howdah.sync.SessionSteps.LetGo;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings sessions to the hub, by itself (the routes of {@code sync}) or step by step (the API).
 * What goes wrong costs whoever caused it: an outage costs time only, a verdict makes the session
 * FAILED. Safe for use by many threads.
 */
public final class SessionSync {
  private static final Logger LOG = LoggerFactory.getLogger(SessionSync.class);
  private static final String API = "api";

  /** A foreign hub gives no receipt; its client acknowledges, and we look again tomorrow. */
  private static final Duration NO_RECEIPT = Duration.ofDays(1);

  private static final Duration LONGEST_RECEIPT_PAUSE = Duration.ofSeconds(10);
  private static final Duration LEAST_RECEIPT_PAUSE = Duration.ofMillis(200);
  private static final int NOBODY = -1;
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
  private final SessionTroubles troubles;
  private final AtomicInteger lanes = new AtomicInteger();
  private final SyncCounters counters = new SyncCounters();
  private volatile int urgent = NOBODY;
  private volatile boolean stopping;
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
    this.troubles = new SessionTroubles(sessions, circuit, counters, clock, ticker);
    this.who = "sync@" + node;
  }

  /** A sync in real time. */
  public static SessionSync of(
      Settings.Sync settings,
      Sessions sessions,
      SessionManifests manifests,
      LocalStore store,
      Hub hub,
      RateBudget budget,
      InstantSource clock,
      String node) {
    return new SessionSync(
        settings,
        sessions,
        new SessionSteps(sessions, manifests, store, hub, budget, settings.packed(), clock),
        hub,
        budget,
        clock,
        System::nanoTime,
        node);
  }

  /**
   * Begins nothing any more, and waits neither for the hub nor for a share of the rate: what is
   * under way is given back as it is, to go on at the next start.
   */
  public void leave() {
    stopping = true;
    hub.leave();
  }

  /**
   * Claims as many sessions as there are free lanes, the most urgent first; none while the hub is
   * away. Where all lanes are taken and something more urgent waits, the least urgent lane is left
   * at its next chunk.
   */
  public List<Session> due() {
    if (stopping || !circuit.isClosed() || !hub.isThere()) {
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
    return stopping
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
      next = next.plus(troubles.settle(mine, failure, who));
    } finally {
      giveLaneBack(mine, next);
    }
  }

  private void giveLaneBack(Running mine, Instant next) {
    running.remove(mine.session().id());
    lanes.decrementAndGet();
    troubles.forget(mine.session());
    sessions.release(mine.session(), next);
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

  /** The steps as clients of the API ask for them. */
  public UploadSteps calls() {
    return new SessionCalls(
        settings, sessions, steps, troubles, running, this::contact, () -> stopping, clock, ticker);
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
