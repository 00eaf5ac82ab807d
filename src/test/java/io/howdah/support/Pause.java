package io.howdah.support;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for what another process does: looking again and again, up to a limit. */
public final class Pause {
  private static final long BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(20);

  private Pause() {}

  /** The time between two looks. */
  public static void aMoment() {
    LockSupport.parkNanos(BETWEEN_LOOKS);
  }

  /**
   * Returns as soon as {@code condition} holds.
   *
   * @throws AssertionError saying what was waited for, when it does not in time
   */
  public static void until(String what, Duration limit, BooleanSupplier condition) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited " + limit.toSeconds() + " s in vain for: " + what);
      }
      aMoment();
    }
  }
}
