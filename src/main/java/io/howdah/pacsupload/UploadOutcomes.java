package io.howdah.pacsupload;

import io.howdah.disk.CrashPoint;
import io.howdah.disk.StorageUnavailable;
import io.howdah.pacsupload.UploadBatch.Turn;
import io.howdah.pacsupload.UploadOutcome.Kind;
import io.howdah.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what became of images, many at once, while others are sent: first in our own rows, then
 * in pacs.db, which is told again until it takes it. Safe for use by many threads.
 */
public final class UploadOutcomes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UploadOutcomes.class);
  private static final int AT_ONCE = 1_000;
  private static final int RECORD_ATTEMPTS = 3;

  /** Outcomes gather this long, so that one sync serves many. */
  private static final long GATHER_MS = 50;

  private final Settings.PacsUpload settings;
  private final Pacs pacs;
  private final UploadLedger ledger;
  private final UploadLeases leases;
  private final UploadPolicy policy;
  private final Endpoint endpoint;
  private final Pace pace;
  private final UploadObserver observer;
  private final InstantSource clock;
  private final Queue<Noted> noted = new ConcurrentLinkedQueue<>();
  private final Queue<Turn> untried = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean gathering = new AtomicBoolean();
  private final ScheduledExecutorService recorder =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "pacs-upload-recorder");
            thread.setDaemon(true);
            return thread;
          });

  public UploadOutcomes(
      Settings.PacsUpload settings,
      Pacs pacs,
      UploadLedger ledger,
      UploadLeases leases,
      Endpoint endpoint,
      Pace pace,
      UploadObserver observer,
      InstantSource clock) {
    this.settings = settings;
    this.pacs = pacs;
    this.ledger = ledger;
    this.leases = leases;
    this.policy = new UploadPolicy(settings);
    this.endpoint = endpoint;
    this.pace = pace;
    this.observer = observer;
    this.clock = clock;
  }

  private record Noted(Turn turn, UploadLedger.Result result) {}

  /** Takes note of what an attempt came to. */
  public void record(Turn turn, UploadOutcome outcome) {
    CrashPoint.PACS_SENT.reached();
    ClaimedImage claim = turn.claim();
    Instant now = clock.instant();
    Decision decision = policy.decide(claim, outcome, turn.batch().backoff(), now);
    boolean report =
        settings.reportFailures()
            && settings.contract().equals("v1")
            && decision.status().equals("FAILED");
    turn.batch().count(outcome);
    endpoint.notice(claim, outcome, now);
    observer.ended(claim, outcome, Duration.between(claim.startedAt(), now));
    noted.add(new Noted(turn, new UploadLedger.Result(claim, outcome, decision, report)));
    gather();
  }

  /** Decides what an exception in one of the steps means for the image. */
  public void giveBack(Turn turn, Throwable failure) {
    UploadOutcome outcome;
    if (failure instanceof UploadStopped stopped) {
      outcome = stopped.outcome();
    } else {
      LOG.error("upload attempt broke uid={}", turn.claim().uid(), failure);
      outcome = UploadOutcome.of(Kind.STORE_TROUBLE, "gateway", failure.getClass().getSimpleName());
    }
    record(turn, outcome);
  }

  /** Gives an image back that was claimed and not tried; the attempt does not count. */
  void giveBackUntried(Turn turn) {
    untried.add(turn);
    gather();
  }

  private void gather() {
    if (gathering.compareAndSet(false, true)) {
      recorder.schedule(this::recordAll, GATHER_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void recordAll() {
    gathering.set(false);
    List<Noted> results = drained(noted);
    List<Turn> back = drained(untried);
    try {
      if (!results.isEmpty()) {
        recordResults(results.stream().map(Noted::result).toList());
      }
      if (!back.isEmpty()) {
        recordUntried(back.stream().map(Turn::claim).toList());
      }
    } finally {
      results.forEach(one -> ended(one.turn().batch()));
      back.forEach(turn -> ended(turn.batch()));
    }
  }

  private static <T> List<T> drained(Queue<T> queue) {
    List<T> taken = new ArrayList<>();
    for (T one = queue.poll(); one != null; one = queue.poll()) {
      taken.add(one);
    }
    return taken;
  }

  private void recordResults(List<UploadLedger.Result> results) {
    List<Mark> marks = new ArrayList<>();
    try {
      Set<String> counted = recorded(results);
      for (UploadLedger.Result result : results) {
        ClaimedImage claim = result.claim();
        if (!counted.contains(claim.uid())) {
          LOG.warn("lease lost uid={}; the outcome does not count", claim.uid());
          continue;
        }
        say(claim, result.outcome(), result.decision());
        marks.add(result.mark());
      }
      CrashPoint.PACS_RECORDED.reached();
      pacs.mark(marks, clock.instant());
      CrashPoint.PACS_MARKED.reached();
      ledger.settled(marks);
    } catch (PacsUnavailable e) {
      LOG.warn(
          "outcomes kept until pacs.db takes them count={} cause={}", marks.size(), e.getMessage());
    } catch (StorageUnavailable e) {
      LOG.warn("leases left to run out count={} cause={}", results.size(), e.getMessage());
    } finally {
      leases.abandon(fences(results.stream().map(UploadLedger.Result::claim).toList()));
    }
  }

  private static Map<String, Long> fences(List<ClaimedImage> claims) {
    Map<String, Long> fences = new HashMap<>();
    claims.forEach(claim -> fences.put(claim.uid(), claim.fence()));
    return fences;
  }

  private Set<String> recorded(List<UploadLedger.Result> results) {
    for (int attempt = 1; ; attempt++) {
      try {
        return ledger.record(results, clock.instant());
      } catch (StorageUnavailable e) {
        if (attempt == RECORD_ATTEMPTS) {
          throw e;
        }
        LOG.warn("outcomes not recorded yet count={} cause={}", results.size(), e.getMessage());
      }
    }
  }

  private void recordUntried(List<ClaimedImage> claims) {
    try {
      pacs.mark(
          claims.stream().map(claim -> Mark.untried(claim, "not tried yet")).toList(),
          clock.instant());
      leases.release(fences(claims));
    } catch (PacsUnavailable | StorageUnavailable e) {
      LOG.warn("images given back later count={} cause={}", claims.size(), e.getMessage());
      leases.abandon(fences(claims));
    }
  }

  private void say(ClaimedImage claim, UploadOutcome outcome, Decision decision) {
    switch (decision.status()) {
      case "COMPLETE" ->
          LOG.info(
              "Successfully uploaded {} (status: {})", claim.uid(), outcome.status().orElse(0));
      case "FAILED" ->
          LOG.error(
              "Upload permanently failed for {} after {} attempts: {}",
              claim.uid(),
              claim.attempt(),
              outcome.summary());
      default ->
          LOG.warn(
              "Upload failed for {} (attempt {}/{}): {}",
              claim.uid(),
              claim.attempt(),
              settings.maxAttempts(),
              outcome.summary());
    }
  }

  private void ended(UploadBatch batch) {
    if (batch.recorded()) {
      settle(batch);
    }
  }

  /** Ends a batch, which decides when the next is due. */
  void settle(UploadBatch batch) {
    endpoint.judge(batch);
    boolean trouble = pace.isInTrouble();
    Duration backoff = pace.settle(batch, endpoint.isAway(), clock.instant());
    if (trouble && !pace.isInTrouble()) {
      LOG.info("the cloud takes images again");
      try {
        ledger.wake(clock.instant());
      } catch (StorageUnavailable e) {
        LOG.warn("images wait out their pauses cause={}", e.getMessage());
      }
    }
    if (batch.size() > 0) {
      LOG.info(
          "Batch complete: {}/{} succeeded, backoff now {}s",
          batch.delivered(),
          batch.size(),
          String.format(Locale.ROOT, "%.1f", backoff.toMillis() / 1000.0));
    }
  }

  /** Tells pacs.db the outcomes it could not take when they came. */
  void settleMarks() {
    List<Mark> marks = ledger.unsettled(AT_ONCE);
    if (!marks.isEmpty() && pacs.condition().isThere()) {
      pacs.mark(marks, clock.instant());
      ledger.settled(marks);
    }
  }

  /** Forgets what was finished long ago. */
  public void prune() {
    ledger.prune(clock.instant().minus(settings.retention()));
  }

  /** Returns when all that was noted before is recorded. */
  void flush() {
    try {
      recorder.submit(this::recordAll).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("outcomes could not be recorded", e);
    }
  }

  /** Ends the recording, once all that was sent is recorded. */
  @Override
  public void close() {
    recorder.shutdown();
    try {
      if (!recorder.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("outcomes not recorded at the end; their leases run out");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
