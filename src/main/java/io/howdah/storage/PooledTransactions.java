package io.howdah.storage;

import io.howdah.disk.CrashPoint;
import io.howdah.disk.StorageUnavailable;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * PostgreSQL's transactions: each on a pooled connection, in the caller's thread; the server groups
 * the commits.
 */
final class PooledTransactions implements Transactions {
  private final Jdbi jdbi;

  PooledTransactions(DataSource pool) {
    this.jdbi = Jdbi.create(pool);
  }

  @Override
  public <T> T write(Function<Handle, T> work) {
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
      throw new StorageUnavailable("the database refused a write; nothing was recorded", e);
    }
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
