package io.howdah.send;

import io.howdah.batch.BatchObserver;
import io.howdah.batch.BatchStatus;
import io.howdah.disk.CrashPoint;
import io.howdah.disk.StorageUnavailable;
import io.howdah.settings.Destination;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of sending batches: which is next, what the answers mean, what becomes of it. One
 * worker for each destination, so that one that is dead slows no other. Safe for use by many
 * threads.
 */
public final class Sends implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sends.class);
  private static final Duration OWN_TROUBLE = Duration.ofSeconds(30);

  private final Map<String, Lane> lanes = new LinkedHashMap<>();
  private final Deliveries deliveries;
  private final BatchObserver observer;
  private final InstantSource clock;
  private final Path archive;
  private final AnswerLog log;
  private final Places places;

  /** What is decided once for a destination. */
  private record Lane(Destination destination, ResponseTable table, RetryPolicy policy) {
    boolean isProbed() {
      return destination.isDicom() || destination.isHttp();
    }
  }

  /**
   * @throws IOException when the table of responses makes no sense
   */
  public Sends(
      Settings settings, Deliveries deliveries, BatchObserver observer, InstantSource clock)
      throws IOException {
    this.deliveries = deliveries;
    this.observer = observer;
    this.clock = clock;
    this.archive = settings.archive().path();
    this.log = new AnswerLog(deliveries);
    this.places = new Places(settings.batch().concurrency());
    for (Destination destination : settings.destinations()) {
      lanes.put(
          destination.name(),
          new Lane(
              destination,
              ResponseTable.read(
                  settings.batch().responses(),
                  destination.isDicom() ? "dicom" : "http",
                  destination.responses()),
              new RetryPolicy(destination.retry())));
    }
  }

  /** Every destination, to be rung. */
  public List<String> destinations() {
    return List.copyOf(lanes.keySet());
  }

  /** The destination's next batch; null when there is none, or it is not to be sent to now. */
  public Sending begin(String name) {
    Lane lane = lanes.get(name);
    Destination destination = lane.destination();
    if (!destination.windows().isOpen(localTime()) || !places.take(name, destination.priority())) {
      return null;
    }
    Optional<ClaimedBatch> claimed = Optional.empty();
    try {
      claimed = deliveries.claim(name, !lane.isProbed());
    } finally {
      if (claimed.isEmpty()) {
        places.release(name);
      }
    }
    if (claimed.isEmpty()) {
      return null;
    }
    CrashPoint.SEND_CLAIMED.reached();
    return new Sending(claimed.get(), archive, lane.table(), log, destination.verify());
  }

  private LocalDateTime localTime() {
    return LocalDateTime.ofInstant(clock.instant(), ZoneId.systemDefault());
  }

  /** The destination says that it has these. */
  public void found(Sending sending, Iterable<String> sopInstanceUids) {
    sending.found(sopInstanceUids);
  }

  /** How many associations the study took. */
  public void associations(Sending sending, Integer number) {
    sending.tookAssociations(number);
  }

  /** An HTTP destination answered about one instance; no status: it took it without a word. */
  public void answered(Sending sending, Parcel parcel, Integer httpStatus) {
    if (httpStatus == null) {
      sending.taken(parcel);
    } else {
      sending.answered(parcel, httpStatus);
    }
  }

  /** Sending one instance ended in an exception. */
  public void broke(Sending sending, Parcel parcel, Throwable failure) {
    LOG.info(
        "instance not taken to={} study={} cause={}",
        sending.getBatch().destination(),
        parcel.studyId(),
        reason(failure));
    sending.broke(parcel, verdict(failure), reason(failure));
  }

  private static Verdict verdict(Throwable failure) {
    Verdict verdict = Verdict.RETRY;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException
          || cause instanceof UnknownHostException
          || cause instanceof NoRouteToHostException
          || cause instanceof SSLException) {
        return Verdict.OUTAGE;
      }
      if (cause instanceof IOException) {
        verdict = Verdict.UNCONFIRMED;
      }
    }
    return verdict;
  }

  /** What may be shown of a failure: its kind, for its words may hold an address or a name. */
  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName();
  }

  /** Records what an attempt came to; the destinations to be rung. */
  public List<String> settle(Sending sending) {
    ClaimedBatch batch = sending.getBatch();
    log.flush();
    CrashPoint.SEND_SETTLING.reached();
    Attempt attempt = sending.attempt();
    Optional<Settled> settled =
        deliveries.settle(batch, attempt, lanes.get(batch.destination()).policy());
    CrashPoint.SEND_SETTLED.reached();
    observer.attempted(
        batch.destination(),
        attempt.associations(),
        attempt.failedAssociations(),
        attempt.confirmed());
    settled.ifPresentOrElse(
        end -> say(batch, attempt, end),
        () -> LOG.warn("lease lost batch={}; another process goes on with it", batch.id()));
    return released(batch.destination());
  }

  private void say(ClaimedBatch batch, Attempt attempt, Settled settled) {
    if (settled.status() == BatchStatus.SENT) {
      LOG.info(
          "batch sent batch={} study={} to={} instances={} associations={}",
          batch.id(),
          batch.studyUid(),
          batch.destination(),
          batch.size(),
          attempt.associations());
    } else if (settled.status() == BatchStatus.FAILED) {
      LOG.error(
          "batch failed batch={} study={} to={}: {}",
          batch.id(),
          batch.studyUid(),
          batch.destination(),
          settled.summary());
    } else {
      LOG.warn(
          "batch not sent yet batch={} study={} to={}: {}",
          batch.id(),
          batch.studyUid(),
          batch.destination(),
          settled.summary());
    }
    if (settled.status() != BatchStatus.READY) {
      observer.ended(batch.destination(), settled.status(), settled.sinceOpened());
    }
  }

  private List<String> released(String destination) {
    List<String> ring = new ArrayList<>();
    places.release(destination).ifPresent(ring::add);
    ring.add(destination);
    return ring;
  }

  /** An attempt broke for a reason of our own: the batch is tried again a little later. */
  public void giveBack(Sending sending, Throwable failure) {
    if (sending == null) {
      LOG.warn("sending not begun cause={}", failure.getMessage());
      return;
    }
    ClaimedBatch batch = sending.getBatch();
    if (failure instanceof StorageUnavailable) {
      LOG.warn("batch given back batch={} cause={}", batch.id(), failure.getMessage());
    } else {
      LOG.error("sending broke batch={} to={}", batch.id(), batch.destination(), failure);
    }
    try {
      deliveries.giveBack(
          batch, OWN_TROUBLE, "sending broke: " + reason(failure) + "; see the log");
    } catch (StorageUnavailable e) {
      LOG.warn("lease left to run out batch={} cause={}", batch.id(), e.getMessage());
    } finally {
      places.release(batch.destination());
    }
  }

  /** The destination itself when it should be asked whether it answers again; null otherwise. */
  public String probeDue(String name) {
    return lanes.get(name).isProbed() && deliveries.probeDue(name) ? name : null;
  }

  /** The destination answers. */
  public void alive(String name) {
    deliveries.closeCircuit(name);
    LOG.info("destination answers again to={}", name);
  }

  /** The destination answered a probe over HTTP with this status. */
  public void probed(String name, int httpStatus) {
    if (httpStatus < 500 && !List.of(401, 403, 407, 408, 425, 429).contains(httpStatus)) {
      alive(name);
    } else {
      deliveries.openCircuit(name, "HTTP " + httpStatus);
    }
  }

  /** The destination still does not answer. */
  public void stillAway(String name, Throwable failure) {
    LOG.debug("destination still away to={} cause={}", name, reason(failure));
    deliveries.openCircuit(name, "no answer to a probe: " + reason(failure));
  }

  /** Keeps this process's batches for as long as it sends. */
  public void renewLeases() {
    deliveries.renew();
  }

  @Override
  public void close() {
    log.close();
    try {
      deliveries.releaseAll();
    } catch (StorageUnavailable e) {
      LOG.warn("batches' leases left to run out cause={}", e.getMessage());
    }
  }
}
