package io.howdah.storage;

import java.time.InstantSource;
import org.jdbi.v3.core.Handle;

/**
 * The time as the database tells it, so that processes on machines with different clocks agree on
 * when a batch is complete. SQLite is part of this process and has this machine's clock.
 */
public interface DatabaseTime {
  /** Milliseconds since 1970. */
  long now(Handle handle);

  /** The clock of the server on PostgreSQL, the given one on SQLite. */
  static DatabaseTime of(Database database, InstantSource clock) {
    return database.isEmbedded() ? by(clock) : DatabaseTime::ofServer;
  }

  /** A clock of one's own. */
  static DatabaseTime by(InstantSource clock) {
    return handle -> clock.millis();
  }

  private static long ofServer(Handle handle) {
    return handle
        .createQuery("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)")
        .mapTo(Long.class)
        .one();
  }
}
