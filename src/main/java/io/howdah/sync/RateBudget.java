package io.howdah.sync;

import io.howdah.settings.RateSchedule;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Bytes a second that all uploads to a hub share. Each share is given a moment right after the one
 * before; who asks waits for its own. Nothing is saved up, so no burst follows a pause. Safe for
 * use by many threads.
 */
public final class RateBudget {
  /** Waits; by hand in tests. */
  interface Sleeper {
    void sleep(long nanos) throws InterruptedException;
  }

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** The longest a wait may go on without looking whether another rate holds now. */
  private static final long LOOK = TimeUnit.SECONDS.toNanos(1);

  private final RateSchedule schedule;
  private final ZoneId zone;
  private final InstantSource clock;
  private final LongSupplier ticker;
  private final Sleeper sleeper;
  private final CountDownLatch ended;
  private long free;
  private boolean begun;

  RateBudget(
      RateSchedule schedule,
      ZoneId zone,
      InstantSource clock,
      LongSupplier ticker,
      Sleeper sleeper) {
    this(schedule, zone, clock, ticker, sleeper, new CountDownLatch(1));
  }

  private RateBudget(
      RateSchedule schedule,
      ZoneId zone,
      InstantSource clock,
      LongSupplier ticker,
      Sleeper sleeper,
      CountDownLatch ended) {
    this.schedule = schedule;
    this.zone = zone;
    this.clock = clock;
    this.ticker = ticker;
    this.sleeper = sleeper;
    this.ended = ended;
  }

  /** A budget in real time. */
  public static RateBudget of(RateSchedule schedule, ZoneId zone, InstantSource clock) {
    CountDownLatch ended = new CountDownLatch(1);
    return new RateBudget(
        schedule,
        zone,
        clock,
        System::nanoTime,
        nanos -> ended.await(nanos, TimeUnit.NANOSECONDS),
        ended);
  }

  /** Bytes a second now; empty: unlimited. */
  public Optional<Long> now() {
    return schedule.at(LocalTime.ofInstant(clock.instant(), zone));
  }

  /**
   * Returns when {@code bytes} may be sent, or when it makes no difference any more.
   *
   * @return nanoseconds that were waited
   */
  long take(int bytes) throws InterruptedException {
    long waited = 0;
    Optional<Long> rate = now();
    if (rate.isEmpty()) {
      return waited;
    }
    long mine = reserve(bytes, rate.get());
    for (long left = mine - ticker.getAsLong();
        left > 0 && ended.getCount() > 0;
        left = mine - ticker.getAsLong()) {
      long nap = Math.min(left, LOOK);
      sleeper.sleep(nap);
      waited += nap;
      if (left > nap && !now().equals(rate)) {
        forget();
        return waited;
      }
    }
    return waited;
  }

  /** From now on nobody waits, because nothing is sent any more. */
  void end() {
    ended.countDown();
  }

  private synchronized long reserve(int bytes, long rate) {
    long now = ticker.getAsLong();
    if (!begun || now - free > 0) {
      begun = true;
      free = now;
    }
    long mine = free;
    free += Math.multiplyHigh(bytes, SECOND) == 0 ? bytes * SECOND / rate : Long.MAX_VALUE / 2;
    return mine;
  }

  /** Another rate holds: what was promised under the old one is void. */
  private synchronized void forget() {
    free = ticker.getAsLong();
  }
}
