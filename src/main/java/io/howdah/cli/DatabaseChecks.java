package io.howdah.cli;

import io.howdah.disk.OwnFolder;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Looks at the database without changing it, beside a running gateway or without one. */
final class DatabaseChecks {
  private static final String ABOUT = "database";
  private static final Duration SKEW = Duration.ofSeconds(60);
  private static final String UNFINISHED =
      "held = 1 AND state NOT IN ('failed', 'validation_failed', 'archived')";

  private final Settings settings;
  private final Diagnosis diagnosis;
  private final InstantSource clock;

  DatabaseChecks(Settings settings, Diagnosis diagnosis, InstantSource clock) {
    this.settings = settings;
    this.diagnosis = diagnosis;
    this.clock = clock;
  }

  void check() {
    settings.database().file().ifPresentOrElse(this::sqlite, this::postgres);
  }

  private void sqlite(Path file) {
    if (Files.notExists(file)) {
      diagnosis.ok(ABOUT, file + " is not there yet; the first start makes it");
      return;
    }
    try (Connection connection = DatabaseConnection.readOnly(settings.database())) {
      String check = one(connection, "PRAGMA quick_check(1)");
      if (!check.equals("ok")) {
        damaged(file, check);
        return;
      }
      String mode = one(connection, "PRAGMA journal_mode");
      if (!mode.equals("wal")) {
        diagnosis.warn(
            ABOUT,
            file + " has the journal mode " + mode,
            "none, the next start sets wal; see that no other program changes it");
      }
      diagnosis.ok(
          ABOUT,
          file + ", SQLite " + one(connection, "SELECT sqlite_version()") + ", quick check ok");
      rows(connection);
    } catch (SQLException e) {
      damaged(file, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // an SQLite file has no password
    }
  }

  private void damaged(Path file, String reason) {
    diagnosis.fail(
        ABOUT,
        file + " cannot be read: " + reason,
        "see that this user may read it; if it is damaged restore a backup, files without a row are taken in again");
  }

  private void postgres() {
    String url = EffectiveSettings.shown(settings.database().url());
    try (Connection connection = DatabaseConnection.readOnly(settings.database())) {
      diagnosis.ok(ABOUT, url + " answers, PostgreSQL " + one(connection, "SHOW server_version"));
      rows(connection);
    } catch (SQLException e) {
      diagnosis.fail(
          ABOUT,
          url
              + " does not answer as it should: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
          "see that the server runs, and that howdah.db.user may log in with that password");
    } catch (IOException e) {
      diagnosis.fail(ABOUT, "the password cannot be read", "see howdah.db.password-file");
    }
  }

  private void rows(Connection connection) throws SQLException {
    String tables =
        settings.database().isSqlite()
            ? "SELECT COUNT(*) FROM sqlite_master WHERE name = 'study'"
            : "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'study'";
    if (one(connection, tables).equals("0")) {
      diagnosis.ok("schema", "not there yet; the first start makes it");
      return;
    }
    String failed = one(connection, "SELECT COUNT(*) FROM flyway_schema_history WHERE NOT success");
    if (failed.equals("0")) {
      diagnosis.ok(
          "schema",
          "version "
              + one(
                  connection,
                  "SELECT version FROM flyway_schema_history WHERE version IS NOT NULL ORDER BY installed_rank DESC LIMIT 1"));
    } else {
      diagnosis.fail(
          "schema",
          "a migration ended half way",
          "restore the backup that was made before the update, and report it");
    }
    studies(connection);
    if (!one(connection, tables.replace("'study'", "'own_folder'")).equals("0")) {
      folder(connection, "uploads", settings.intake().uploads());
      folder(connection, "archive", settings.archive().path());
      folder(connection, "quarantine", settings.quarantine());
    }
  }

  private void folder(Connection connection, String name, Path path) throws SQLException {
    String id =
        one(connection, "SELECT id FROM own_folder WHERE marked = 1 AND name = '" + name + "'");
    OwnFolder folder = new OwnFolder(name, path, id);
    if (!id.isEmpty() && !folder.isOurs()) {
      diagnosis.fail(
          "folder " + name,
          path + " is not the folder that the gateway wrote to: it lacks " + OwnFolder.SENTINEL,
          "mount the right one; one that is meant to be new is given the old one's files with that one");
    }
  }

  private void studies(Connection connection) throws SQLException {
    long now = clock.millis();
    long oldest =
        Long.parseLong(
            one(connection, "SELECT COALESCE(MIN(created_at), 0) FROM study WHERE " + UNFINISHED));
    Duration age = Duration.ofMillis(Math.max(0, now - oldest));
    if (oldest != 0 && age.compareTo(settings.health().stageAge()) > 0) {
      diagnosis.warn(
          "studies",
          one(connection, "SELECT COUNT(*) FROM study WHERE " + UNFINISHED)
              + " are under way, the oldest since "
              + Instant.ofEpochMilli(oldest),
          "see that a gateway with every role runs; its log and /observe/health say what holds it up");
    }
    String failed = one(connection, "SELECT COUNT(*) FROM study WHERE state = 'failed'");
    if (failed.equals("0")) {
      diagnosis.ok(
          "studies",
          one(connection, "SELECT COUNT(*) FROM study WHERE state = 'archived'")
              + " archived, none failed");
    } else {
      diagnosis.warn(
          "studies",
          failed + " failed; their bytes are kept",
          "'howdah status --state failed' says why, 'howdah requeue' tries them again");
    }
    long newest = Long.parseLong(one(connection, "SELECT COALESCE(MAX(updated_at), 0) FROM study"));
    if (newest > now + SKEW.toMillis()) {
      diagnosis.warn(
          "clock",
          "the newest row is of " + Instant.ofEpochMilli(newest) + ", which is still to come",
          "this machine's clock was set back, or is wrong; set it by a time server");
    }
  }

  private static String one(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    }
  }
}
