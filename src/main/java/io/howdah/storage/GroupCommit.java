package io.howdah.storage;

import io.howdah.disk.CrashPoint;
import io.howdah.disk.StorageUnavailable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SQLite's transactions: one writer thread on one connection, which commits all writes that wait at
 * the same time with one fsync; each runs in its own savepoint, so one that fails takes no other
 * with it. Reads use a pool of their own.
 */
final class GroupCommit implements Transactions {
  private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);
  private static final int QUEUE_LIMIT = 10_000;
  private static final int GROUP_LIMIT = 128;
  private static final long WAIT_LIMIT_SECONDS = 30;

  private final Jdbi writer;
  private final Jdbi readers;
  private final BlockingQueue<Write<?>> queue = new ArrayBlockingQueue<>(QUEUE_LIMIT);
  private final Thread thread;
  private volatile boolean closed;
  private Handle handle;
  private boolean syncing;

  GroupCommit(DataSource writer, DataSource readers) {
    this.writer = Jdbi.create(writer);
    this.readers = Jdbi.create(readers);
    this.thread = new Thread(this::run, "howdah-commit");
    this.thread.setDaemon(true);
    this.thread.start();
  }

  @Override
  public <T> T write(Function<Handle, T> work) {
    return done(new Write<>(work, true));
  }

  @Override
  public <T> T progress(Function<Handle, T> work) {
    return done(new Write<>(work, false));
  }

  private <T> T done(Write<T> write) {
    try {
      if (closed || !queue.offer(write, WAIT_LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new StorageUnavailable("the database takes no more writes now; try again", null);
      }
      return write.done.get(WAIT_LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof JdbiException jdbi
          ? new StorageUnavailable("the database refused a write; nothing was recorded", jdbi)
          : rethrown(e.getCause());
    } catch (TimeoutException e) {
      write.done.cancel(false);
      throw new StorageUnavailable(
          "the database did not commit within " + WAIT_LIMIT_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageUnavailable("interrupted while waiting for a commit", e);
    }
  }

  private static RuntimeException rethrown(Throwable cause) {
    if (cause instanceof RuntimeException runtime) {
      return runtime;
    }
    return new StorageUnavailable("a write ended unexpectedly", cause);
  }

  @Override
  public <T> T read(Function<Handle, T> work) {
    try {
      return readers.withHandle(work::apply);
    } catch (JdbiException e) {
      throw new StorageUnavailable("the database does not answer", e);
    }
  }

  private void run() {
    List<Write<?>> group = new ArrayList<>(GROUP_LIMIT);
    while (!closed || !queue.isEmpty()) {
      try {
        Write<?> first = queue.poll(100, TimeUnit.MILLISECONDS);
        if (first == null) {
          continue;
        }
        group.add(first);
        queue.drainTo(group, GROUP_LIMIT - 1);
        commit(group);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } finally {
        group.clear();
      }
    }
  }

  private void commit(List<Write<?>> group) {
    try {
      open();
      sync(group.stream().anyMatch(write -> write.durable));
      handle.execute("BEGIN IMMEDIATE");
      if (group.size() == 1) {
        group.get(0).attemptAlone(handle);
      } else {
        for (Write<?> write : group) {
          write.attempt(handle);
        }
      }
      CrashPoint.DB_BEFORE_COMMIT.reached();
      handle.execute("COMMIT");
      CrashPoint.DB_AFTER_COMMIT.reached();
      group.forEach(Write::answer);
    } catch (RuntimeException | Error e) {
      LOG.warn("commit failed writes={} cause={}", group.size(), rootOf(e));
      group.forEach(write -> write.fail(e));
      reopenLater();
    }
  }

  private void open() {
    if (handle == null) {
      handle = writer.open();
      handle.setStatementBuilder(new KeptStatements());
      syncing = true;
    }
  }

  /**
   * A group with nothing durable in it is committed without an fsync; the next durable one syncs it
   * as well.
   */
  private void sync(boolean durable) {
    if (syncing != durable) {
      handle.execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
      syncing = durable;
    }
  }

  /**
   * After an error the connection may be in any state, and after an fsync error its pages cannot be
   * trusted.
   */
  private void reopenLater() {
    Handle broken = handle;
    handle = null;
    if (broken != null) {
      try {
        broken.execute("ROLLBACK");
      } catch (RuntimeException e) {
        LOG.debug("rollback after a failed commit: {}", rootOf(e));
      }
      try {
        broken.close();
      } catch (RuntimeException e) {
        LOG.debug("close after a failed commit: {}", rootOf(e));
      }
    }
  }

  private static String rootOf(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + ": " + root.getMessage();
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    reopenLater();
  }

  /** One caller's work and what came of it. */
  private static final class Write<T> {
    private final Function<Handle, T> work;
    private final boolean durable;
    private final CompletableFuture<T> done = new CompletableFuture<>();
    private T result;
    private RuntimeException failure;

    Write(Function<Handle, T> work, boolean durable) {
      this.work = work;
      this.durable = durable;
    }

    void attempt(Handle handle) {
      if (done.isDone()) {
        failure = new StorageUnavailable("given up before it began", null);
        return;
      }
      handle.execute("SAVEPOINT w");
      try {
        result = work.apply(handle);
        handle.execute("RELEASE w");
      } catch (RuntimeException e) {
        failure = e;
        handle.execute("ROLLBACK TO w");
        handle.execute("RELEASE w");
      }
    }

    /** The only one of its transaction, which ends with it: no savepoint is needed. */
    void attemptAlone(Handle handle) {
      try {
        result = work.apply(handle);
      } catch (RuntimeException e) {
        failure = e;
        handle.execute("ROLLBACK");
        handle.execute("BEGIN IMMEDIATE");
      }
    }

    void answer() {
      if (failure != null) {
        done.completeExceptionally(failure);
      } else {
        done.complete(result);
      }
    }

    void fail(Throwable e) {
      done.completeExceptionally(
          new StorageUnavailable("the database could not commit; nothing was recorded", e));
    }
  }
}
