package io.howdah.storage;

import io.howdah.disk.CrashPoint;
import io.howdah.disk.StorageUnavailable;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SQLite's transactions: one writer thread on one connection, which commits all writes that wait at
 * the same time with one fsync. One that fails takes no other with it: the group is undone and run
 * again with a savepoint for each. Reads use a pool of their own.
 */
final class GroupCommit implements Transactions {
  private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);
  private static final int QUEUE_LIMIT = 10_000;
  private static final int GROUP_LIMIT = 128;

  /**
   * Pages the writer keeps at most; with SQLite's usual 2 MB it reads its indexes again and again.
   */
  private static final int CACHE_KB = 16 * 1024;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Jdbi writer;
  private final Jdbi readers;
  private final BlockingQueue<Write<?>> queue = new ArrayBlockingQueue<>(QUEUE_LIMIT);
  private final Thread thread;
  private final long patience;
  private volatile boolean closed;
  private Handle handle;
  private PreparedStatement begin;
  private PreparedStatement commit;
  private PreparedStatement rollback;
  private boolean syncing;

  GroupCommit(DataSource writer, DataSource readers) {
    this(writer, readers, PATIENCE);
  }

  /**
   * @param patience how long a write may wait for its turn
   */
  GroupCommit(DataSource writer, DataSource readers, Duration patience) {
    this.patience = patience.toMillis();
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
    enqueue(write);
    boolean interrupted = false;
    try {
      return write.done.get(patience, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw thrown(e.getCause());
    } catch (TimeoutException | InterruptedException e) {
      interrupted = e instanceof InterruptedException;
      if (write.giveUp()) {
        throw new StorageUnavailable("the database did not begin a write in time", e);
      }
      return decided(write);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void enqueue(Write<?> write) {
    try {
      if (!closed && queue.offer(write, patience, TimeUnit.MILLISECONDS)) {
        if (!closed || !queue.remove(write)) {
          return;
        }
      }
      throw new StorageUnavailable("the database takes no more writes now; try again", null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageUnavailable("interrupted before a write began", e);
    }
  }

  /**
   * A write that has begun may be committed any moment; to answer before would be to guess, and a
   * caller that guesses wrong removes the bytes of a row that exists.
   */
  private static <T> T decided(Write<T> write) {
    try {
      return write.done.join();
    } catch (CompletionException e) {
      throw thrown(e.getCause());
    }
  }

  private static RuntimeException thrown(Throwable cause) {
    if (cause instanceof JdbiException) {
      return new StorageUnavailable("the database refused a write; nothing was recorded", cause);
    }
    return cause instanceof RuntimeException runtime
        ? runtime
        : new StorageUnavailable("a write ended unexpectedly", cause);
  }

  @Override
  public <T> T read(Function<Handle, T> work) {
    try {
      return readers.withHandle(work::apply);
    } catch (JdbiException e) {
      throw new StorageUnavailable("the database does not answer", e);
    }
  }

  /** Writes that wait for their turn. */
  int queued() {
    return queue.size();
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
    boolean committing = false;
    try {
      open();
      sync(group.stream().anyMatch(write -> write.durable));
      List<Write<?>> begun = group.stream().filter(Write::begin).toList();
      run(begin);
      if (!together(begun)) {
        run(rollback);
        run(begin);
        begun.forEach(write -> write.attempt(handle));
      }
      CrashPoint.DB_BEFORE_COMMIT.reached();
      committing = true;
      run(commit);
      CrashPoint.DB_AFTER_COMMIT.reached();
      group.forEach(Write::answer);
    } catch (RuntimeException | Error e) {
      LOG.warn("commit failed writes={} cause={}", group.size(), rootOf(e));
      StorageUnavailable failure =
          committing
              ? StorageUnavailable.undecided("the database could not commit", e)
              : new StorageUnavailable("the database takes no writes; nothing was recorded", e);
      group.forEach(write -> write.fail(failure));
      reopenLater();
    }
  }

  /** False when one of them failed; what the others did is then to be undone. */
  private boolean together(List<Write<?>> begun) {
    for (Write<?> write : begun) {
      if (!write.succeeds(handle)) {
        return false;
      }
    }
    return true;
  }

  private void open() {
    if (handle == null) {
      handle = writer.open();
      handle.setStatementBuilder(new KeptStatements());
      handle.execute("PRAGMA cache_size = -" + CACHE_KB);
      begin = prepared("BEGIN IMMEDIATE");
      commit = prepared("COMMIT");
      rollback = prepared("ROLLBACK");
      syncing = true;
    }
  }

  private PreparedStatement prepared(String sql) {
    try {
      return handle.getConnection().prepareStatement(sql);
    } catch (SQLException e) {
      throw new StorageUnavailable("the database does not prepare " + sql, e);
    }
  }

  private static void run(PreparedStatement statement) {
    try {
      statement.execute();
    } catch (SQLException e) {
      throw new StorageUnavailable("the database refused a transaction", e);
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
    List<Write<?>> late = new ArrayList<>();
    queue.drainTo(late);
    late.forEach(write -> write.fail(new StorageUnavailable("the database is closed", null)));
    reopenLater();
  }

  /** One caller's work and what came of it. */
  private static final class Write<T> {
    private final Function<Handle, T> work;
    private final boolean durable;
    private final CompletableFuture<T> done = new CompletableFuture<>();
    private final AtomicBoolean begun = new AtomicBoolean();
    private T result;
    private RuntimeException failure;

    Write(Function<Handle, T> work, boolean durable) {
      this.work = work;
      this.durable = durable;
    }

    /** True when it had not begun; then it never will. */
    boolean giveUp() {
      return begun.compareAndSet(false, true);
    }

    /** False when its caller has given it up. */
    boolean begin() {
      return begun.compareAndSet(false, true);
    }

    boolean succeeds(Handle handle) {
      try {
        result = work.apply(handle);
        return true;
      } catch (RuntimeException e) {
        return false;
      }
    }

    void attempt(Handle handle) {
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

    void answer() {
      if (failure != null) {
        done.completeExceptionally(failure);
      } else {
        done.complete(result);
      }
    }

    void fail(StorageUnavailable e) {
      done.completeExceptionally(e);
    }
  }
}
