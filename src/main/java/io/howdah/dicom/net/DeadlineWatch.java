package io.howdah.dicom.net;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * One daemon thread that ends blocked reads and writes whose time has passed, to within {@link
 * #TICK_NANOS}; it costs the threads that do the work two field writes. Safe for use by many
 * threads.
 */
final class DeadlineWatch {
  private static final long TICK_NANOS = 25_000_000;
  private static final DeadlineWatch SHARED = new DeadlineWatch();

  private final Set<Transport> watched = ConcurrentHashMap.newKeySet();
  private final Thread thread;

  private DeadlineWatch() {
    thread = new Thread(this::run, "dicom-deadlines");
    thread.setDaemon(true);
    thread.start();
  }

  static void add(Transport transport) {
    SHARED.watched.add(transport);
    LockSupport.unpark(SHARED.thread);
  }

  static void remove(Transport transport) {
    SHARED.watched.remove(transport);
  }

  private void run() {
    while (true) {
      if (watched.isEmpty()) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, TICK_NANOS);
      }
      long now = System.nanoTime();
      for (Transport transport : watched) {
        transport.expire(now);
      }
    }
  }
}
