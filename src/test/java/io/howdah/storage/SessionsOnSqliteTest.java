package io.howdah.storage;

import io.howdah.settings.Settings;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

class SessionsOnSqliteTest extends SessionsContract {
  @TempDir Path directory;

  @Override
  Database open() {
    return Database.open(
        new Settings.Database(
            "jdbc:sqlite:" + directory.resolve("howdah.db"), "", Optional.empty(), 8));
  }
}
