package io.howdah.storage;

import io.howdah.settings.Settings;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class ScrubLedgerOnSqliteTest extends ScrubLedgerContract {
  @TempDir static Path directory;
  private static Database database;

  @BeforeAll
  static void open() {
    database =
        Database.open(
            new Settings.Database(
                "jdbc:sqlite:" + directory.resolve("howdah.db"), "", Optional.empty(), 8));
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
