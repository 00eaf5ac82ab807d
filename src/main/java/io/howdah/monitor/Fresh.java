package io.howdah.monitor;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * A value that is looked up again when someone asks and the last one is older than {@code age}: one
 * look at a time, in a thread of its own, so that a disk or database that hangs holds up no one who
 * is not willing to wait, and many askers cost what one does. Safe for use by many threads.
 */
final class Fresh<T> implements AutoCloseable {
  private final Supplier<T> source;
  private final long age;
  private final ExecutorService thread;
  private CompletableFuture<T> latest;
  private long begun;

  Fresh(String name, Supplier<T> source, Duration age) {
    this.source = source;
    this.age = age.toNanos();
    this.thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread made = new Thread(work, "howdah-" + name);
              made.setDaemon(true);
              return made;
            });
  }

  /** The value, now or when the look that is under way ends; the caller's own to wait on. */
  synchronized CompletableFuture<T> get() {
    long now = System.nanoTime();
    if (latest == null || latest.isDone() && now - begun > age) {
      begun = now;
      latest = CompletableFuture.supplyAsync(source, thread);
    }
    return latest.copy();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
