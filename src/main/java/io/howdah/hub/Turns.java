package io.howdah.hub;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Who may touch an upload: one at a time, in the order they came. The others wait without a thread.
 * Safe for use by many threads.
 */
final class Turns {
  /** Somebody who wants to touch the upload. */
  interface Taker {
    /** It is this one's turn, until it {@linkplain Turns#leave leaves}. */
    void turn();

    /** True when it has let the others wait for nothing. */
    boolean isSilent();

    /** Told to leave as soon as it can. */
    void makeWay();
  }

  private final Deque<Taker> queue = new ArrayDeque<>();
  private Taker present;

  /** Queues; {@link Taker#turn} is called when it is time, perhaps at once. */
  void take(Taker taker) {
    synchronized (this) {
      if (present != null) {
        queue.add(taker);
        return;
      }
      present = taker;
    }
    taker.turn();
  }

  /** Lets the next one in. */
  void leave(Taker taker) {
    Taker next;
    synchronized (this) {
      if (present != taker) {
        queue.remove(taker);
        return;
      }
      present = queue.poll();
      next = present;
    }
    if (next != null) {
      next.turn();
    }
  }

  /** Gives up waiting; false when its turn has come in the meantime. */
  synchronized boolean giveUp(Taker taker) {
    return queue.remove(taker);
  }

  /** Tells one who has fallen silent to make way. */
  void hurry() {
    Taker now;
    synchronized (this) {
      now = present;
    }
    if (now != null && now.isSilent()) {
      now.makeWay();
    }
  }

  /** True when nobody is here. */
  synchronized boolean isIdle() {
    return present == null;
  }
}
