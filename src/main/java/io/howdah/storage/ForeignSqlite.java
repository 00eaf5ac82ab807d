package io.howdah.storage;

import io.howdah.pacsupload.PacsCondition;
import io.howdah.pacsupload.PacsUnavailable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/**
 * An SQLite file that belongs to another system: never created, its journal mode never changed,
 * waited for when locked, opened anew when another file has taken its place. One connection reads
 * and one writes, so that a reader never waits for a neighbour's lock. Safe for use by many
 * threads.
 */
final class ForeignSqlite implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignSqlite.class);

  private final Path file;
  private final String name;
  private final int busyTimeoutMs;
  private final Session reader = new Session(false);
  private final Session writer = new Session(true);
  private final ReentrantLock state = new ReentrantLock();
  private volatile PacsCondition condition = PacsCondition.ABSENT;
  private volatile int replacements;
  private Object fileKey;

  /**
   * @param name what log lines call it
   */
  ForeignSqlite(Path file, String name, int busyTimeoutMs) {
    this.file = file;
    this.name = name;
    this.busyTimeoutMs = busyTimeoutMs;
  }

  /** What a caller does with a connection. */
  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  <T> T read(Work<T> work) {
    return reader.run(work);
  }

  /** Runs {@code work} in one IMMEDIATE transaction that is on disk when this returns. */
  <T> T write(Work<T> work) {
    return writer.run(
        connection -> {
          sync(connection, true);
          return transaction(connection, work);
        });
  }

  /**
   * Runs {@code work} in one IMMEDIATE transaction that every later reader sees but that a power
   * cut may undo, for what is simply done again then. Costs no fsync where the file's owner keeps a
   * write-ahead log, and is a {@link #write} where not.
   */
  <T> T progress(Work<T> work) {
    return writer.run(
        connection -> {
          sync(connection, false);
          return transaction(connection, work);
        });
  }

  private static void sync(Connection connection, boolean durable) throws SQLException {
    boolean logged;
    try (Statement statement = connection.createStatement();
        ResultSet mode = statement.executeQuery("PRAGMA journal_mode")) {
      logged = mode.next() && mode.getString(1).equalsIgnoreCase("wal");
    }
    execute(connection, "PRAGMA synchronous = " + (durable || !logged ? "FULL" : "NORMAL"));
  }

  private static <T> T transaction(Connection connection, Work<T> work) throws SQLException {
    execute(connection, "BEGIN IMMEDIATE");
    try {
      T result = work.on(connection);
      execute(connection, "COMMIT");
      return result;
    } catch (SQLException | RuntimeException e) {
      try {
        execute(connection, "ROLLBACK");
      } catch (SQLException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  PacsCondition condition() {
    return condition;
  }

  int replacements() {
    return replacements;
  }

  private void become(PacsCondition now) {
    PacsCondition before = condition;
    condition = now;
    if (now != before) {
      if (now.isWell()) {
        LOG.info("{} {}", name, now.sentence());
      } else {
        LOG.warn("{} {}", name, now.sentence());
      }
    }
  }

  private PacsUnavailable unavailable(PacsCondition now, Throwable cause) {
    become(now);
    return new PacsUnavailable(now, cause);
  }

  /**
   * Looks whether the file is still the one that was opened; closes the connections when it is not.
   */
  private void look() {
    Object key;
    try {
      key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      reader.drop();
      writer.drop();
      if (e instanceof AccessDeniedException) {
        throw unavailable(PacsCondition.NOT_PERMITTED, e);
      }
      throw unavailable(fileKey == null ? PacsCondition.ABSENT : PacsCondition.GONE, e);
    }
    state.lock();
    try {
      if (fileKey != null && !fileKey.equals(key)) {
        replacements++;
        LOG.warn("{} was replaced by another file; opening it anew", name);
        reader.stale = true;
        writer.stale = true;
      }
      fileKey = key;
    } finally {
      state.unlock();
    }
  }

  private Connection open(boolean writable) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    config.setBusyTimeout(busyTimeoutMs);
    config.setGetGeneratedKeys(false);
    Properties properties = config.toProperties();
    Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, properties);
    if (!writable) {
      execute(connection, "PRAGMA query_only = ON");
    }
    return connection;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private PacsCondition conditionOf(SQLException e) {
    int code = e instanceof SQLiteException sqlite ? sqlite.getResultCode().code & 0xff : 0;
    return switch (code) {
      case 5, 6 -> PacsCondition.LOCKED;
      case 8 -> PacsCondition.READ_ONLY;
      case 11, 26 -> PacsCondition.CORRUPT;
      case 3, 14, 23 -> PacsCondition.NOT_PERMITTED;
      case 10, 13 -> PacsCondition.DISK;
      default -> PacsCondition.NOT_A_PACS;
    };
  }

  @Override
  public void close() {
    reader.drop();
    writer.drop();
  }

  /** One connection and the lock that lets one thread use it. */
  private final class Session {
    private final boolean writes;
    private final ReentrantLock lock = new ReentrantLock(true);
    private Connection connection;
    private volatile boolean stale;

    Session(boolean writes) {
      this.writes = writes;
    }

    <T> T run(Work<T> work) {
      lock.lock();
      try {
        look();
        if (stale) {
          drop();
          stale = false;
        }
        if (connection == null) {
          connection = open(writes);
        }
        T result = work.on(connection);
        if (writes || condition != PacsCondition.READ_ONLY && condition != PacsCondition.LOCKED) {
          become(PacsCondition.USABLE);
        }
        return result;
      } catch (SQLException e) {
        drop();
        throw unavailable(conditionOf(e), e);
      } finally {
        lock.unlock();
      }
    }

    /** Closes the connection; the next use opens another. */
    void drop() {
      lock.lock();
      try {
        if (connection != null) {
          connection.close();
        }
      } catch (SQLException e) {
        LOG.debug("{} did not close: {}", name, e.getMessage());
      } finally {
        connection = null;
        lock.unlock();
      }
    }
  }
}
