package io.howdah.sync;

import io.howdah.session.Session;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** A session this process works on now. Safe for use by many threads. */
final class Running {
  private static final long WINDOW = TimeUnit.SECONDS.toNanos(10);

  private final Deque<long[]> moved = new ArrayDeque<>();
  private volatile Session session;

  Running(Session session) {
    this.session = session;
  }

  /** The session as we last knew it. */
  Session session() {
    return session;
  }

  void is(Session now) {
    session = now;
  }

  /** So many bytes were taken by the hub until this moment. */
  synchronized void moved(long bytes, long nanos) {
    moved.addLast(new long[] {nanos, bytes});
    while (nanos - moved.peekFirst()[0] > WINDOW && moved.size() > 2) {
      moved.removeFirst();
    }
  }

  /** Bytes a second over the last seconds. */
  synchronized long rate(long nanos) {
    if (moved.size() < 2) {
      return 0;
    }
    long[] first = moved.peekFirst();
    long bytes = moved.peekLast()[1] - first[1];
    return Math.max(0, bytes * TimeUnit.SECONDS.toNanos(1) / Math.max(1, nanos - first[0]));
  }
}
