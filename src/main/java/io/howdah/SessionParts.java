package io.howdah;

import io.howdah.audit.AuditAnchor;
import io.howdah.disk.Disk;
import io.howdah.disk.StorageUnavailable;
import io.howdah.monitor.Metrics;
import io.howdah.monitor.SessionBoard;
import io.howdah.monitor.SessionMeters;
import io.howdah.monitor.SessionSyncCheck;
import io.howdah.session.LocalStore;
import io.howdah.session.Seal;
import io.howdah.session.SessionApi;
import io.howdah.session.SessionCleanup;
import io.howdah.session.SessionCreation;
import io.howdah.settings.Role;
import io.howdah.settings.Settings;
import io.howdah.storage.Database;
import io.howdah.storage.SqlAudit;
import io.howdah.storage.SqlSessionManifests;
import io.howdah.storage.SqlSessions;
import io.howdah.sync.Hub;
import io.howdah.sync.RateBudget;
import io.howdah.sync.SessionSync;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.support.LifecycleStrategySupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The long-lived parts of the roles sessions and sync, made once and in order. */
final class SessionParts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionParts.class);

  /** Calls of the API that wait for the hub at once; more wait in line, and more are refused. */
  private static final int CALLS = 8;

  private static final int CALLS_IN_LINE = 200;

  private final SqlSessions sessions;
  private final SessionCreation creation;
  private final SessionApi api;
  private final SessionCleanup cleanup;
  private final AuditAnchor anchor;
  private final Hub hub;
  private final SessionSync sync;
  private final SessionSyncCheck check;
  private final SessionBoard board;
  private final ThreadPoolExecutor calls;

  /**
   * @param ownPort the business port in use, for a hub in this process
   */
  SessionParts(
      Settings settings,
      Database database,
      Disk disk,
      Metrics metrics,
      InstantSource clock,
      String node,
      IntSupplier ownPort)
      throws IOException {
    Settings.Sessions own = settings.sessions();
    Optional<Seal> seal =
        own.key().isPresent() ? Optional.of(Seal.of(own.key().get())) : Optional.empty();
    LocalStore store = new LocalStore(own, disk, seal);
    SqlAudit audit = new SqlAudit(database);
    SqlSessionManifests manifests = new SqlSessionManifests(database);
    sessions = new SqlSessions(database, node, settings.work().lease());
    if (settings.database().isSqlite()) {
      sessions.freeAbandoned();
    }
    RateBudget budget = RateBudget.of(settings.sync().rate(), settings.sync().zone(), clock);
    hub = new Hub(settings.sync(), () -> hubOf(settings, ownPort.getAsInt()), budget);
    sync = SessionSync.of(settings.sync(), sessions, manifests, store, hub, budget, clock, node);
    creation =
        new SessionCreation(
            own,
            settings.intake().diskReserve(),
            settings.sync().after(),
            sessions,
            manifests,
            store,
            clock);
    api = new SessionApi(sessions, sync.calls(), audit, clock);
    cleanup = new SessionCleanup(sessions, store, own.retention(), clock);
    anchor = new AuditAnchor(audit);
    check = new SessionSyncCheck(sync, sessions);
    board = new SessionBoard(sessions, sync, sync.calls());
    SessionMeters.bind(metrics, sessions, sync, clock);
    SessionMeters.bindOpening(metrics, creation, own.maxOpening());
    calls =
        new ThreadPoolExecutor(
            CALLS,
            CALLS,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(CALLS_IN_LINE),
            task -> {
              Thread thread = new Thread(task, "session-call");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** The hub that was named, or the one in this process. */
  private static Optional<URI> hubOf(Settings settings, int ownPort) {
    if (settings.sync().hub().isPresent()) {
      return settings.sync().hub();
    }
    if (!settings.roles().contains(Role.HUB)) {
      return Optional.empty();
    }
    String host = settings.http().host();
    boolean everywhere =
        settings.http().isLoopback() || host.equals("0.0.0.0") || host.equals("::");
    return Optional.of(URI.create("http://" + (everywhere ? "127.0.0.1" : host) + ":" + ownPort));
  }

  /** Gives the routes the names they use. */
  void bind(CamelContext context) {
    var registry = context.getRegistry();
    registry.bind("sessionCreation", creation);
    registry.bind("sessionApi", api);
    registry.bind("sessionCleanup", cleanup);
    registry.bind("sessionSync", sync);
    registry.bind("sessionCalls", calls);
    registry.bind("auditAnchor", anchor);
    registry.bind("sessionSyncHealth", check);
    context.addLifecycleStrategy(
        new LifecycleStrategySupport() {
          @Override
          public void onContextStopping(CamelContext stopping) {
            sync.leave();
          }
        });
  }

  /** What operators look at. */
  SessionBoard board() {
    return board;
  }

  @Override
  public void close() {
    calls.shutdownNow();
    try {
      anchor.tell();
      sessions.releaseAll();
    } catch (StorageUnavailable e) {
      LOG.warn("leases of sessions left to run out cause={}", e.getMessage());
    }
    try {
      hub.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
