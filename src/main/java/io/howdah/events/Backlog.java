package io.howdah.events;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one receiver is still to be told, in order, and the patience with it while it is away: tried
 * again after 200 ms, then twice as long each time, up to 5 s; said once in the log, and once a
 * minute while it lasts. Safe for use by many threads.
 */
public final class Backlog {
  private static final Logger LOG = LoggerFactory.getLogger(Backlog.class);
  private static final int AT_ONCE = 200;
  private static final Duration SHORTEST = Duration.ofMillis(200);
  private static final Duration LONGEST = Duration.ofSeconds(5);
  private static final Duration BETWEEN_LINES = Duration.ofMinutes(1);

  /** Answers that say nothing about the message, only about the receiver or our way to it. */
  private static final Set<Integer> TRY_LATER = Set.of(401, 403, 404, 407, 408, 421, 425, 429);

  private final Outbox outbox;
  private final Outbox.Target target;
  private final LongSupplier nanoTime;
  private Duration wait = Duration.ZERO;
  private long tryAt;
  private long awaySince;
  private long saidAt;

  /**
   * @param nanoTime a clock that only runs forward, as {@link System#nanoTime()} does
   */
  public Backlog(Outbox outbox, Outbox.Target target, LongSupplier nanoTime) {
    this.outbox = outbox;
    this.target = target;
    this.nanoTime = nanoTime;
  }

  /** The oldest messages, at most 200; none while the receiver is given time to come back. */
  public List<Outbox.Message> due() {
    return isWaiting() ? List.of() : outbox.unsent(target, AT_ONCE);
  }

  private synchronized boolean isWaiting() {
    return !wait.isZero() && tryAt - nanoTime.getAsLong() > 0;
  }

  /** The receiver has a message. */
  public void told(Outbox.Message message) {
    outbox.sent(List.of(message));
    back();
  }

  /**
   * The receiver answered a message over HTTP. One it will never take is not offered again, so that
   * those behind it are.
   *
   * @throws IOException when it may take the message later
   */
  public void answered(Outbox.Message message, int status) throws IOException {
    boolean taken = status >= 200 && status < 300;
    if (!taken && (status < 400 || status >= 500 || TRY_LATER.contains(status))) {
      throw new IOException("it answered " + status);
    }
    if (!taken) {
      LOG.warn(
          "event refused to={} study={} seq={} status={}",
          target,
          message.studyId(),
          message.seq(),
          status);
    }
    told(message);
  }

  private synchronized void back() {
    if (!wait.isZero()) {
      LOG.info(
          "events go out again to={} after={}s",
          target,
          Duration.ofNanos(nanoTime.getAsLong() - awaySince).toSeconds());
      wait = Duration.ZERO;
    }
  }

  /** The receiver did not take a message; the rest waits behind it. */
  public synchronized void away(Throwable cause) {
    long now = nanoTime.getAsLong();
    boolean first = wait.isZero();
    if (first) {
      awaySince = now;
      wait = SHORTEST;
    } else {
      wait = wait.multipliedBy(2).compareTo(LONGEST) > 0 ? LONGEST : wait.multipliedBy(2);
    }
    tryAt = now + wait.toNanos();
    if (first || now - saidAt > BETWEEN_LINES.toNanos()) {
      saidAt = now;
      LOG.warn("events wait in the outbox to={} cause={}", target, rootOf(cause));
    }
  }

  private static String rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + ": " + root.getMessage();
  }
}
