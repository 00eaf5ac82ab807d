package io.howdah.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.Disk;
import io.howdah.disk.FolderNotOurs;
import io.howdah.quarantine.Quarantine;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.status.Claim;
import io.howdah.status.NewStudy;
import io.howdah.status.Outcome;
import io.howdah.status.Stage;
import io.howdah.status.StudyState;
import io.howdah.status.Work;
import io.howdah.storage.Database;
import io.howdah.storage.OwnFolders;
import io.howdah.storage.SqlStudies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveTest {
  private static final String ID = "11111111-2222-4333-8444-555555555555";

  @TempDir Path directory;
  private Settings settings;
  private Database database;
  private SqlStudies studies;
  private Archive archive;
  private Path waiting;

  @BeforeEach
  void described() throws IOException {
    described(Map.of("HOWDAH_DATA", directory.resolve("data").toString()));
  }

  private void described(Map<String, String> environment) throws IOException {
    settings = SettingsReader.read(directory, directory, environment, Map.of());
    database = Database.open(settings.database());
    studies =
        new SqlStudies(
            database, InstantSource.system(), "test", Duration.ofSeconds(30), Set.of(), Set.of());
    OwnFolders folders = new OwnFolders(database);
    Disk disk = new Disk();
    Work work =
        new Work(
            studies,
            settings,
            folders.recognise("uploads", settings.intake().uploads()),
            disk,
            InstantSource.system());
    archive =
        new Archive(
            settings,
            folders.recognise("archive", settings.archive().path()),
            disk,
            studies,
            work,
            new Quarantine(folders.recognise("quarantine", settings.quarantine()), disk));
    waiting = settings.intake().uploads().resolve(ID + ".dcm");
    Files.writeString(waiting, "bytes");
    ObjectNode none = JsonNodeFactory.instance.objectNode();
    studies.accept(
        List.of(
            new NewStudy(ID, "http", "a.dcm", 5, Disk.sha256(waiting), Optional.empty(), none)));
    Claim claim = studies.claim(ID, Stage.VALIDATE).orElseThrow();
    studies.finish(claim, Outcome.of(StudyState.VALIDATED, none));
    claim = studies.claim(ID, Stage.DESCRIBE).orElseThrow();
    studies.finish(claim, Outcome.of(StudyState.DESCRIBED, none));
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void store(String metadata) throws IOException {
    Files.writeString(settings.intake().uploads().resolve(ID + ".metadata.json"), metadata);
    archive.record(archive.store(studies.claim(ID, Stage.ARCHIVE).orElseThrow()));
  }

  private StudyState state() {
    return studies.status(ID).orElseThrow().status();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"a\":1", "\0\0\0\0\0\0\0", "{}{}", "[]"})
  void metadata_that_a_power_cut_left_incomplete_is_written_again_and_never_archived(String left)
      throws IOException {
    store(left);
    assertThat(state()).isEqualTo(StudyState.VALIDATED);
    assertThat(archive.metadata(ID)).doesNotExist();
    assertThat(waiting).exists();
  }

  /** F25. */
  @Test
  void nothing_is_written_where_the_archive_is_not_mounted() throws IOException {
    Path aside = directory.resolve("unmounted");
    Files.move(settings.archive().path(), aside);
    Files.createDirectory(settings.archive().path());
    assertThatThrownBy(() -> store("{}"))
        .isInstanceOf(FolderNotOurs.class)
        .hasMessageContaining("archive folder")
        .hasMessageNotContaining(directory.toString());
    assertThat(settings.archive().path()).isEmptyDirectory();
    assertThat(state()).isEqualTo(StudyState.DESCRIBED);
    assertThat(waiting).exists();
  }

  /** Contract §3: the other name. */
  @Test
  void the_object_may_have_the_studys_name() throws IOException {
    database.close();
    described(
        Map.of(
            "HOWDAH_DATA",
            directory.resolve("other").toString(),
            "HOWDAH_ARCHIVE_FILE_NAME",
            "{study_id}.dcm"));
    store("{}");
    assertThat(directory.resolve("other/archive/" + ID + "/" + ID + ".dcm")).hasContent("bytes");
    assertThat(directory.resolve("other/archive/" + ID + "/metadata.json")).hasContent("{}");
    assertThat(studies.status(ID).orElseThrow().details().path("archive_path").asText())
        .isEqualTo(ID + "/" + ID + ".dcm");
  }

  /** F34. */
  @Test
  void a_study_that_the_archive_has_already_is_had_from_there_and_its_metadata_stays()
      throws IOException {
    Files.createDirectory(archive.object(ID).getParent());
    Files.move(waiting, archive.object(ID));
    Files.writeString(archive.metadata(ID), "{\"accepted_at\":\"then\"}");
    store("{\"accepted_at\":\"now\"}");
    assertThat(state()).isEqualTo(StudyState.ARCHIVED);
    assertThat(archive.object(ID)).hasContent("bytes");
    assertThat(archive.metadata(ID)).hasContent("{\"accepted_at\":\"then\"}");
    assertThat(waiting).doesNotExist();
  }

  @Test
  void whole_metadata_is_archived_with_the_object_and_the_waiting_copies_go() throws IOException {
    store("{\"a\":{\"b\":[1,2]}}");
    assertThat(state()).isEqualTo(StudyState.ARCHIVED);
    assertThat(archive.object(ID)).hasContent("bytes");
    assertThat(archive.metadata(ID)).hasContent("{\"a\":{\"b\":[1,2]}}");
    assertThat(waiting).doesNotExist();
  }
}
