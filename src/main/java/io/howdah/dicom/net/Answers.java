package io.howdah.dicom.net;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The answers of one association on their way out. With an asynchronous window objects are made
 * durable side by side while the next ones come in, each answered when it is done, never more at a
 * time than the window; without one they are answered in turn (PS3.7 §D.3.3.3). Safe for use by the
 * threads of one association.
 */
final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

  private final MessageWriter writer;
  private final Transport transport;
  private final Executor completions;
  private final int window;
  private final Semaphore free;

  Answers(MessageWriter writer, Transport transport, Executor completions, int window) {
    this.writer = writer;
    this.transport = transport;
    this.completions = completions;
    this.window = window;
    this.free = new Semaphore(window);
  }

  boolean mayOverlap() {
    return window > 1;
  }

  /** True while an object is being completed that has not been answered. */
  boolean outstanding() {
    return free.availablePermits() < window;
  }

  /** Held back until {@link #flush}, so that several leave together. */
  synchronized void add(int contextId, CommandSet answer) throws AssociationEnded {
    writer.command(contextId, answer);
  }

  synchronized void flush() throws AssociationEnded {
    writer.flush();
  }

  /** Completes an object on another thread and answers then; waits while the window is full. */
  void later(int contextId, CommandSet request, StoreReception reception) {
    free.acquireUninterruptibly();
    Runnable task =
        () -> {
          try {
            complete(contextId, request, reception);
          } finally {
            free.release();
          }
        };
    try {
      completions.execute(task);
    } catch (RejectedExecutionException e) {
      task.run();
    }
  }

  private void complete(int contextId, CommandSet request, StoreReception reception) {
    try {
      CommandSet answer = CommandSet.answer(request, reception.complete());
      synchronized (this) {
        writer.command(contextId, answer);
        writer.flush();
      }
    } catch (AssociationEnded e) {
      // the reading thread must learn of it: it alone ends the association
      transport.cut();
    } catch (RuntimeException | Error e) {
      LOG.error("object could not be completed", e);
      transport.cut();
    }
  }

  /** Waits until every object handed to {@link #later} has been answered or given up. */
  void awaitAll() {
    free.acquireUninterruptibly(window);
    free.release(window);
  }
}
