package io.howdah.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.Disk;
import io.howdah.disk.OwnFolder;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.status.NewStudy;
import io.howdah.status.Outcome;
import io.howdah.status.Stage;
import io.howdah.status.StudyState;
import io.howdah.storage.Database;
import io.howdah.storage.OwnFolders;
import io.howdah.storage.SqlScrubLedger;
import io.howdah.storage.SqlStudies;
import io.howdah.support.MutableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F14 in the archive; each object here is ten bytes, and so many are read in a second. */
class ScrubTest {
  private static final String FIRST = "11111111-2222-4333-8444-555555555551";
  private static final String SECOND = "11111111-2222-4333-8444-555555555552";

  @TempDir Path directory;
  private final MutableClock clock = new MutableClock();
  private Settings settings;
  private Database database;
  private OwnFolder folder;
  private ScrubLedger ledger;
  private Scrub scrub;

  @BeforeEach
  void two_studies_are_archived() throws IOException {
    settings = settings("10");
    database = Database.open(settings.database());
    folder = new OwnFolders(database).recognise("archive", settings.archive().path());
    archived(FIRST, "0123456789");
    archived(SECOND, "9876543210");
    started(settings);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private Settings settings(String rate) {
    return SettingsReader.read(
        directory, directory, Map.of("HOWDAH_ARCHIVE_SCRUB_RATE", rate), Map.of());
  }

  /** As a process does at its start, when the lease of an earlier one has run out. */
  private void started(Settings with) {
    clock.advance(Duration.ofMinutes(1));
    ledger =
        new SqlScrubLedger(database, clock, "node " + clock.instant(), with.archive().scrubEvery());
    scrub = new Scrub(with.archive(), folder, ledger);
  }

  private void archived(String id, String bytes) throws IOException {
    SqlStudies studies =
        new SqlStudies(database, clock, "test", Duration.ofSeconds(30), Set.of(), Set.of());
    ObjectNode none = JsonNodeFactory.instance.objectNode();
    Files.createDirectory(object(id).getParent());
    Files.writeString(object(id), bytes);
    studies.accept(
        List.of(
            new NewStudy(
                id, "http", "a.dcm", 10, Disk.sha256(object(id)), Optional.empty(), none)));
    studies.finish(
        studies.claim(id, Stage.VALIDATE).orElseThrow(), Outcome.of(StudyState.VALIDATED, none));
    studies.finish(
        studies.claim(id, Stage.DESCRIBE).orElseThrow(), Outcome.of(StudyState.DESCRIBED, none));
    studies.finish(
        studies.claim(id, Stage.ARCHIVE).orElseThrow(), Outcome.of(StudyState.ARCHIVED, none));
  }

  private Path object(String id) {
    return settings.archive().objectOf(id);
  }

  private void pass() throws IOException {
    clock.advance(settings.archive().scrubEvery());
    for (int second = 0; second < 10; second++) {
      scrub.scrub();
    }
  }

  @Test
  void an_archive_in_which_all_is_well_raises_no_alarm() throws IOException {
    pass();
    assertThat(ledger.due(10)).isEmpty();
    assertThat(ledger.damaged()).isEmpty();
  }

  @Test
  void what_is_wrong_has_a_code_and_is_left_as_it_is() throws IOException {
    Files.writeString(object(FIRST), "0123456780");
    Files.delete(object(SECOND));
    pass();
    assertThat(ledger.damaged())
        .isEqualTo(Map.of(Damage.CHECKSUM_MISMATCH, 1L, Damage.FILE_MISSING, 1L));
    assertThat(object(FIRST)).hasContent("0123456780");
    assertThat(object(SECOND)).doesNotExist();
  }

  @Test
  void a_torn_object_a_link_and_a_folder_that_was_removed_are_told_apart() throws IOException {
    Files.writeString(object(FIRST), "0123");
    Files.move(object(SECOND), directory.resolve("elsewhere"));
    Files.createSymbolicLink(object(SECOND), directory.resolve("elsewhere"));
    pass();
    assertThat(ledger.damaged())
        .isEqualTo(Map.of(Damage.CHECKSUM_MISMATCH, 1L, Damage.UNREADABLE, 1L));
    Files.delete(object(SECOND));
    Files.delete(object(SECOND).getParent());
    pass();
    assertThat(ledger.damaged())
        .isEqualTo(Map.of(Damage.CHECKSUM_MISMATCH, 1L, Damage.STUDY_MISSING, 1L));
  }

  @Test
  void an_object_larger_than_a_seconds_share_is_read_in_parts() throws IOException {
    started(settings("4"));
    scrub.scrub();
    scrub.scrub();
    assertThat(ledger.due(1)).extracting(ScrubLedger.Kept::studyId).containsExactly(FIRST);
    scrub.scrub();
    assertThat(ledger.due(1)).extracting(ScrubLedger.Kept::studyId).containsExactly(SECOND);
    assertThat(ledger.damaged()).isEmpty();
  }

  @Test
  void it_goes_on_after_a_restart_where_it_was() throws IOException {
    scrub.scrub();
    Files.delete(object(FIRST)); // seen in this pass already
    Files.delete(object(SECOND));
    started(settings);
    scrub.scrub();
    assertThat(ledger.damaged()).isEqualTo(Map.of(Damage.FILE_MISSING, 1L));
    pass();
    assertThat(ledger.damaged()).isEqualTo(Map.of(Damage.FILE_MISSING, 2L));
  }

  /** F25. */
  @Test
  void an_archive_that_is_not_mounted_is_waited_for_and_no_damage() throws IOException {
    Path aside = directory.resolve("unmounted");
    Files.move(folder.path(), aside);
    pass();
    Files.createDirectory(folder.path());
    pass();
    assertThat(ledger.damaged()).isEmpty();
    Files.delete(folder.path());
    Files.move(aside, folder.path());
    assertThat(ledger.due(10)).hasSize(2);
    pass();
    assertThat(ledger.damaged()).isEmpty();
    assertThat(ledger.due(10)).isEmpty();
  }

  @Test
  void a_mount_lost_while_it_reads_is_no_damage_either() throws IOException {
    Path aside = directory.resolve("unmounted");
    ScrubLedger losing =
        new ScrubLedger() {
          @Override
          public List<Kept> due(int limit) {
            List<Kept> due = ledger.due(limit);
            try {
              Files.move(folder.path(), aside);
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
            return due;
          }

          @Override
          public List<String> record(List<Look> looks) {
            return ledger.record(looks);
          }

          @Override
          public Map<Damage, Long> damaged() {
            return ledger.damaged();
          }
        };
    new Scrub(settings.archive(), folder, losing).scrub();
    assertThat(aside).exists();
    assertThat(ledger.damaged()).isEmpty();
    assertThat(ledger.due(10)).hasSize(2);
  }
}
