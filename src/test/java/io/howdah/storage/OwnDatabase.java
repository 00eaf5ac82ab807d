package io.howdah.storage;

import io.howdah.settings.Settings;
import io.howdah.support.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A new database that the tests of one class share; closed, and its file gone, after them. */
final class OwnDatabase implements BeforeAllCallback, AfterAllCallback {
  private final Supplier<String> url;
  private Path directory;
  private Database database;

  private OwnDatabase(boolean embedded) {
    url = embedded ? this::file : PostgresServer::newDatabase;
  }

  static OwnDatabase onSqlite() {
    return new OwnDatabase(true);
  }

  static OwnDatabase onPostgres() {
    return new OwnDatabase(false);
  }

  Database get() {
    return database;
  }

  private String file() {
    try {
      directory = Files.createTempDirectory("howdah-db");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "jdbc:sqlite:" + directory.resolve("howdah.db");
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    database = Database.open(new Settings.Database(url.get(), "", Optional.empty(), 8));
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    database.close();
    if (directory != null) {
      Files.delete(directory.resolve("howdah.db")); // SQLite takes the rest away when it closes
      Files.delete(directory);
    }
  }
}
