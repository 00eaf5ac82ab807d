package io.howdah.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.howdah.disk.StorageUnavailable;
import io.howdah.settings.Settings;
import io.howdah.support.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
  @TempDir Path directory;

  private Settings.Database sqlite() {
    return new Settings.Database(
        "jdbc:sqlite:" + directory.resolve("sub/howdah.db"), "", Optional.empty(), 2);
  }

  private static void refuses(Settings.Database settings, String... words) {
    assertThatExceptionOfType(StorageUnavailable.class)
        .isThrownBy(() -> Database.open(settings).close())
        .withMessageContainingAll(words)
        .satisfies(
            failure ->
                assertThat(failure.getMessage().lines()).as("one line for people").hasSize(1));
  }

  @Test
  void a_database_is_made_once_and_opened_again() {
    Database.open(sqlite()).close();
    try (Database database = Database.open(sqlite())) {
      database.probe();
    }
  }

  @Test
  void the_file_is_readable_by_its_owner_and_group_only() throws IOException {
    try (Database database = Database.open(sqlite())) {
      database.probe();
      for (String name : new String[] {"howdah.db", "howdah.db-wal", "howdah.db-shm"}) {
        Path file = directory.resolve("sub").resolve(name);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .as(name)
            .isEqualTo("rw-r-----");
      }
    }
  }

  @Test
  void commits_survive_a_power_cut_and_the_log_stays_small() {
    try (Database database = Database.open(sqlite())) {
      String[] pragmas = {"journal_mode", "synchronous", "foreign_keys", "busy_timeout"};
      String[] expected = {"wal", "2", "1", "5000"};
      for (int i = 0; i < pragmas.length; i++) {
        String pragma = pragmas[i];
        String value =
            database
                .transactions()
                .write(handle -> handle.createQuery("PRAGMA " + pragma).mapTo(String.class).one());
        assertThat(value).as(pragma).isEqualTo(expected[i]);
      }
    }
  }

  @Test
  void a_database_written_by_a_newer_howdah_is_left_alone() {
    newer(sqlite());
    refuses(sqlite(), "newer Howdah", "99");
    Settings.Database postgres =
        new Settings.Database(PostgresServer.newDatabase(), "", Optional.empty(), 2);
    newer(postgres);
    refuses(postgres, "newer Howdah", "99");
  }

  private static void newer(Settings.Database settings) {
    try (Database database = Database.open(settings)) {
      database
          .transactions()
          .write(
              handle ->
                  handle.execute(
                      """
                      INSERT INTO flyway_schema_history
                        (installed_rank, version, description, type, script, installed_by, execution_time, success)
                      VALUES (99, '99', 'later', 'SQL', 'V99__later.sql', 'x', 1, true)"""));
    }
  }

  @Test
  void a_file_that_is_no_database_is_named_as_such() throws IOException {
    Path file = Files.createDirectories(directory.resolve("sub")).resolve("howdah.db");
    byte[] noise = new byte[8192];
    new Random(1).nextBytes(noise);
    Files.write(file, noise);
    refuses(sqlite(), "howdah.db", "damaged", "backup");
    assertThat(Files.readAllBytes(file)).as("it is evidence").isEqualTo(noise);
  }

  @Test
  void a_database_with_damaged_pages_is_named_as_such() throws IOException {
    Database.open(sqlite()).close();
    Path file = directory.resolve("sub/howdah.db");
    byte[] bytes = Files.readAllBytes(file);
    new Random(1).nextBytes(bytes);
    byte[] whole = Files.readAllBytes(file);
    System.arraycopy(bytes, 4096, whole, 4096, whole.length - 4096);
    Files.write(file, whole);
    refuses(sqlite(), "howdah.db", "damaged");
  }

  @Test
  void a_folder_in_the_databases_place_and_a_server_that_is_away_are_told() throws IOException {
    Files.createDirectories(directory.resolve("sub/howdah.db"));
    refuses(sqlite(), "cannot be opened");
    refuses(
        new Settings.Database(
            "jdbc:postgresql://127.0.0.1:1/none?connectTimeout=1", "", Optional.empty(), 2),
        "cannot be opened");
  }

  @Test
  void another_programs_database_is_not_taken_over() throws IOException {
    Files.createDirectories(directory.resolve("sub"));
    org.jdbi.v3.core.Jdbi.create("jdbc:sqlite:" + directory.resolve("sub/howdah.db"))
        .useHandle(handle -> handle.execute("CREATE TABLE stored_instances (a TEXT)"));
    refuses(sqlite(), "cannot be opened");
  }

  @Test
  void a_password_is_read_from_its_file_and_never_shown() throws IOException {
    Path password = Files.writeString(directory.resolve("password"), "s3cret\n");
    String url = PostgresServer.newDatabase().replaceAll("\\?.*", "");
    Database.open(new Settings.Database(url, "postgres", Optional.of(password), 2)).close();
    assertThatExceptionOfType(StorageUnavailable.class)
        .isThrownBy(
            () ->
                Database.open(new Settings.Database(url, "nobody", Optional.of(password), 2))
                    .close())
        .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("s3cret"));
  }
}
