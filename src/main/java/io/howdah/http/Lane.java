package io.howdah.http;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Steps done one after the other, in the order they came, by whichever threads of a pool are free:
 * an upload that waits for its sender holds none. Safe for use by many threads.
 */
public final class Lane {
  /** One step. */
  public interface Step {
    /** Does it. */
    void run() throws Exception;
  }

  private final Executor pool;
  private final Consumer<Throwable> failed;
  private final Deque<Step> steps = new ArrayDeque<>();
  private boolean running;

  /**
   * @param failed told of a step that ended in an exception; the steps after it are run all the
   *     same
   */
  public Lane(Executor pool, Consumer<Throwable> failed) {
    this.pool = pool;
    this.failed = failed;
  }

  /** Adds a step; throws RejectedExecutionException when the pool is closed. */
  public void run(Step step) {
    synchronized (steps) {
      steps.add(step);
      if (running) {
        return;
      }
      running = true;
    }
    pool.execute(this::drain);
  }

  private void drain() {
    for (Step step = next(); step != null; step = next()) {
      try {
        step.run();
      } catch (Exception | Error e) {
        failed.accept(e);
      }
    }
  }

  private Step next() {
    synchronized (steps) {
      Step step = steps.poll();
      running = step != null;
      return step;
    }
  }
}
