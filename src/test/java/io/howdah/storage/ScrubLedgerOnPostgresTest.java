package io.howdah.storage;

import io.howdah.settings.Settings;
import io.howdah.support.PostgresServer;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class ScrubLedgerOnPostgresTest extends ScrubLedgerContract {
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
}
