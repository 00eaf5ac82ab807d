package io.howdah.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs the same work in many threads that begin at the same moment. */
public final class Together {
  private Together() {}

  /** What each thread does, given its number. */
  public interface Work {
    void run(int thread) throws Exception;
  }

  /** Returns when all have ended; fails with the first failure, or after two minutes. */
  public static void run(int threads, Work work) {
    run(threads, Duration.ofMinutes(2), work);
  }

  /** Returns when all have ended; fails with the first failure, or after {@code limit} for one. */
  public static void run(int threads, Duration limit, Work work) {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      CyclicBarrier start = new CyclicBarrier(threads);
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int thread = i;
        running.add(
            pool.submit(
                () -> {
                  start.await(10, TimeUnit.SECONDS);
                  work.run(thread);
                  return null;
                }));
      }
      for (Future<?> one : running) {
        one.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (ExecutionException e) {
      throw new AssertionError("a thread failed", e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("a thread did not end", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      end(pool);
    }
  }

  private static void end(ExecutorService pool) {
    pool.shutdownNow();
    try {
      if (!pool.awaitTermination(1, TimeUnit.MINUTES)) {
        throw new AssertionError("a thread did not end and would disturb the next test");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
