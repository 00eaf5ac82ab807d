package io.howdah.support;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** A real PostgreSQL server, one for the whole test run, stopped with it. */
public final class PostgresServer {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private PostgresServer() {}

  private static final class Running {
    private static final EmbeddedPostgres SERVER = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder()
            .setServerConfig("max_connections", "300")
            .setServerConfig("shared_buffers", "64MB")
            .setServerConfig("fsync", "off") // durability is PostgreSQL's own promise, tested there
            .start();
      } catch (IOException e) {
        throw new UncheckedIOException("PostgreSQL did not start", e);
      }
    }
  }

  /** The address of a new, empty database. */
  public static String newDatabase() {
    String name = "howdah" + DATABASES.incrementAndGet();
    run("CREATE DATABASE " + name);
    return Running.SERVER.getJdbcUrl("postgres", name);
  }

  /** Ends every connection to a database and lets no new one in, as a server that is away does. */
  public static void takeAway(String url) {
    String name = url.replaceAll(".*/([a-z0-9]+)(\\?.*)?", "$1");
    run("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
    run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
  }

  /** Lets connections in again. */
  public static void bringBack(String url) {
    run(
        "ALTER DATABASE "
            + url.replaceAll(".*/([a-z0-9]+)(\\?.*)?", "$1")
            + " ALLOW_CONNECTIONS true");
  }

  private static void run(String sql) {
    try (Connection connection = Running.SERVER.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("PostgreSQL refused: " + sql, e);
    }
  }
}
