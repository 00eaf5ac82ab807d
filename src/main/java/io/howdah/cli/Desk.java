package io.howdah.cli;

import io.howdah.batch.BatchDesk;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.storage.Database;
import io.howdah.storage.DatabaseTime;
import io.howdah.storage.SqlBatchDesk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.ToIntFunction;

/** The rows of batches, for a command. */
final class Desk {
  private Desk() {}

  /**
   * Opens the database of this directory's settings for {@code work}; a command makes none.
   *
   * @throws Unable when there is none yet
   */
  static int with(ToIntFunction<BatchDesk> work) {
    Settings settings = SettingsReader.read();
    if (settings.database().isSqlite()
        && Files.notExists(Path.of(settings.database().url().substring("jdbc:sqlite:".length())))) {
      throw new Unable(
          "there is no database in "
              + settings.data()
              + "; run this in the gateway's directory, or set HOWDAH_DATA");
    }
    try (Database database = Database.open(settings.database())) {
      return work.applyAsInt(
          new SqlBatchDesk(
              database,
              DatabaseTime.of(database, InstantSource.system()),
              settings.batch().stuckAfter()));
    }
  }
}
