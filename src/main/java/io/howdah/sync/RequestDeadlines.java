package io.howdah.sync;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;

/**
 * Ends requests that take too long: when no piece of the body moved for as long as the hub may be
 * silent, or when the whole took longer than that and its size at the least rate. Waiting for the
 * budget counts for neither. Blocking writes have no time limit of their own.
 */
final class RequestDeadlines implements AutoCloseable {
  private static final long LOOK_MS = 500;

  private final long silence;
  private final long minRate;
  private final ScheduledThreadPoolExecutor timer;
  private final Set<HttpUriRequestBase> watched = ConcurrentHashMap.newKeySet();

  /**
   * @param minRate bytes a second
   */
  RequestDeadlines(Duration silence, long minRate) {
    this.silence = silence.toNanos();
    this.minRate = minRate;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "sync-deadlines");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
  }

  /** Watches a request until closed. */
  Watch watch(HttpUriRequestBase request, Chunk body) {
    watched.add(request);
    long begun = System.nanoTime();
    long most =
        silence
            + silence
            + TimeUnit.SECONDS.toNanos(Math.max(0, body.getContentLength()) / minRate);
    ScheduledFuture<?> looking =
        timer.scheduleWithFixedDelay(
            () -> {
              long now = System.nanoTime();
              boolean silent =
                  body.getContentLength() > 0 && now - body.movedAt() > silence + silence;
              if (silent || now - begun - body.waited() > most) {
                request.cancel();
              }
            },
            LOOK_MS,
            LOOK_MS,
            TimeUnit.MILLISECONDS);
    return () -> {
      looking.cancel(false);
      watched.remove(request);
    };
  }

  /** Ends all requests that are watched now. */
  void endAll() {
    watched.forEach(HttpUriRequestBase::cancel);
  }

  /** A watched request. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
