package io.howdah.cli;

import io.howdah.settings.Settings;
import io.howdah.storage.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Our own rows, where there are any; a command makes no database. */
final class OwnDatabase {
  private OwnDatabase() {}

  /** The database, opened; empty when it is a file that is not there. */
  static Optional<Database> open(Settings settings) {
    boolean there =
        !settings.database().isSqlite()
            || Files.exists(Path.of(settings.database().url().substring("jdbc:sqlite:".length())));
    return there ? Optional.of(Database.open(settings.database())) : Optional.empty();
  }
}
