package io.howdah.storage;

import io.howdah.disk.CrashPoint;
import io.howdah.disk.StorageUnavailable;
import java.sql.SQLException;
import java.util.Set;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionException;

/**
 * PostgreSQL's transactions: each on a pooled connection, in the caller's thread; the server groups
 * the commits.
 */
final class PooledTransactions implements Transactions {
  private static final int ATTEMPTS = 5;

  /** Serialization failure, deadlock, and a unique key that another transaction took first. */
  private static final Set<String> LOST_RACE = Set.of("40001", "40P01", "23505");

  private final Jdbi jdbi;

  PooledTransactions(DataSource pool) {
    this.jdbi = Jdbi.create(pool);
  }

  @Override
  public <T> T write(Function<Handle, T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        T result =
            jdbi.inTransaction(
                handle -> {
                  T value = work.apply(handle);
                  CrashPoint.DB_BEFORE_COMMIT.reached();
                  return value;
                });
        CrashPoint.DB_AFTER_COMMIT.reached();
        return result;
      } catch (JdbiException e) {
        if (attempt == ATTEMPTS || !lostRace(e)) {
          throw e instanceof TransactionException
              ? StorageUnavailable.undecided("the database could not commit", e)
              : new StorageUnavailable("the database refused a write; nothing was recorded", e);
        }
      }
    }
  }

  /**
   * Another transaction was first: this one was undone as a whole, and finds that when it looks
   * again.
   */
  private static boolean lostRace(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return LOST_RACE.contains(String.valueOf(sql.getSQLState()));
      }
    }
    return false;
  }

  @Override
  public <T> T progress(Function<Handle, T> work) {
    return write(
        handle -> {
          handle.execute("SET LOCAL synchronous_commit = off");
          return work.apply(handle);
        });
  }

  @Override
  public <T> T read(Function<Handle, T> work) {
    try {
      return jdbi.withHandle(work::apply);
    } catch (JdbiException e) {
      throw new StorageUnavailable("the database does not answer", e);
    }
  }

  @Override
  public void close() {
    // the pool is closed by Database, which made it
  }
}
