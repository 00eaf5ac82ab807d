package io.howdah.monitor;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * What the rows say, read at most once in {@code age} however often it is asked for; while they
 * cannot be read within two seconds, what was seen last. Safe for use by many threads.
 */
final class LastSeen<T> implements AutoCloseable {
  private static final long PATIENCE_MS = 2_000;

  private final Fresh<T> fresh;
  private volatile T last;

  /**
   * @param none what is said before anything was seen
   */
  LastSeen(String name, Supplier<T> rows, Duration age, T none) {
    this.fresh = new Fresh<>(name, rows, age);
    this.last = none;
  }

  T get() {
    try {
      last = fresh.get().get(PATIENCE_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // the check of the database tells of it
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return last;
  }

  @Override
  public void close() {
    fresh.close();
  }
}
