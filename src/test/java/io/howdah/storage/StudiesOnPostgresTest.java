package io.howdah.storage;

import io.howdah.settings.Settings;
import io.howdah.support.PostgresServer;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class StudiesOnPostgresTest extends StudiesContract {
  private static Database database;

  @BeforeAll
  static void open() {
    database =
        Database.open(new Settings.Database(PostgresServer.newDatabase(), "", Optional.empty(), 8));
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @Override
  Database database() {
    return database;
  }

  @Override
  int waiting() {
    return database
        .transactions()
        .read(
            handle ->
                handle
                    .createQuery(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
                    .mapTo(Integer.class)
                    .one());
  }
}
