package io.howdah.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.disk.Disk;
import io.howdah.quarantine.Quarantine;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.storage.Database;
import io.howdah.storage.OwnFolders;
import io.howdah.storage.SqlStudies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long the inbox keeps what it took. */
class TakenFilesTest {
  private static final Duration SLACK = Duration.ofMinutes(1);

  @TempDir Path directory;

  private static Inbox at(Instant now, Settings settings, Database database) throws IOException {
    InstantSource clock = InstantSource.fixed(now);
    Disk disk = new Disk();
    SqlStudies studies =
        new SqlStudies(database, clock, "test", Duration.ofSeconds(30), Set.of(), Set.of());
    return new Inbox(
        settings,
        new Intake(settings, disk, studies, reason -> {}),
        new Quarantine(
            new OwnFolders(database).recognise("quarantine", settings.quarantine()), disk),
        reason -> {},
        clock);
  }

  @Test
  void a_taken_file_is_forgotten_after_the_time_of_the_setting_however_old_it_was_when_it_came()
      throws IOException {
    Settings settings =
        SettingsReader.read(
            directory,
            directory,
            Map.of(
                "HOWDAH_DATA",
                directory.resolve("data").toString(),
                "HOWDAH_INBOX_TAKEN_RETENTION",
                "3d"),
            Map.of());
    try (Database database = Database.open(settings.database())) {
      Instant moved = Instant.now();
      at(moved, settings, database).prepare();
      Path taken = settings.inbox().directory().resolve(".taken/1-scan.dcm");
      Files.writeString(taken, "bytes");
      Files.setLastModifiedTime(taken, FileTime.from(Instant.parse("2001-01-01T00:00:00Z")));

      assertThat(at(moved.plus(Duration.ofDays(3)).minus(SLACK), settings, database).forgetTaken())
          .isZero();
      assertThat(taken).exists();
      assertThat(at(moved.plus(Duration.ofDays(3)).plus(SLACK), settings, database).forgetTaken())
          .isEqualTo(1);
      assertThat(taken).doesNotExist();
    }
  }
}
