package io.howdah.send;

import io.howdah.disk.CrashPoint;
import io.howdah.disk.StorageUnavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits answers while the next instance is on its way: those that came during one commit share
 * the next, and a sender is never more than {@link #LIMIT} answers ahead of the rows. Safe for use
 * by many threads.
 */
final class AnswerLog implements AutoCloseable {
  /** How many answers may be heard and not yet recorded; so many could be asked for again. */
  static final int LIMIT = 16;

  private static final Logger LOG = LoggerFactory.getLogger(AnswerLog.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);

  private final Deliveries deliveries;
  private final BlockingQueue<Answer> waiting = new ArrayBlockingQueue<>(LIMIT);
  private final Thread thread = new Thread(this::run, "howdah-answers");
  private final Object progress = new Object();
  private long heard;
  private long recorded;
  private volatile boolean closed;

  AnswerLog(Deliveries deliveries) {
    this.deliveries = deliveries;
    thread.setDaemon(true);
    thread.start();
  }

  /** Takes an answer; waits while too many are unrecorded. */
  void add(Answer answer) {
    synchronized (progress) {
      heard++;
    }
    CrashPoint.SEND_ANSWERED.reached();
    boolean taken = false;
    try {
      taken = waiting.offer(answer, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (!taken) {
        throw new StorageUnavailable("the database has recorded no answer for too long", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageUnavailable("interrupted before an answer was recorded", e);
    } finally {
      if (!taken) {
        synchronized (progress) {
          heard--;
        }
      }
    }
  }

  /**
   * Returns when all that was heard until now is recorded.
   *
   * @throws StorageUnavailable when the database does not record it in time
   */
  void flush() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    synchronized (progress) {
      long until = heard;
      while (recorded < until) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          throw new StorageUnavailable("the database has recorded no answer for too long", null);
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(progress, left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new StorageUnavailable("interrupted before answers were recorded", e);
        }
      }
    }
  }

  private void run() {
    List<Answer> group = new ArrayList<>();
    while (!closed || !waiting.isEmpty()) {
      try {
        Answer first = waiting.poll(100, TimeUnit.MILLISECONDS);
        if (first != null) {
          group.add(first);
          waiting.drainTo(group);
          record(group);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } finally {
        group.clear();
      }
    }
  }

  private void record(List<Answer> group) throws InterruptedException {
    while (true) {
      try {
        deliveries.record(group);
        CrashPoint.SEND_RECORDED.reached();
        break;
      } catch (StorageUnavailable e) {
        LOG.warn("answers not recorded yet count={} cause={}", group.size(), e.getMessage());
        if (closed) {
          LOG.warn("answers lost at the stop count={}; they are asked for again", group.size());
          break;
        }
        TimeUnit.MILLISECONDS.sleep(BETWEEN_TRIES.toMillis());
      } catch (RuntimeException e) {
        LOG.error("answers cannot be recorded count={}", group.size(), e);
        break;
      }
    }
    synchronized (progress) {
      recorded += group.size();
      progress.notifyAll();
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
