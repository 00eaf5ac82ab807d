package io.howdah.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.disk.FolderNotOurs;
import io.howdah.disk.OwnFolder;
import io.howdah.settings.SettingsReader;
import io.howdah.support.Together;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F25: a folder is the one the rows speak of, or it is not used. */
class OwnFoldersTest {
  @TempDir Path directory;
  private Path archive;
  private Database database;
  private OwnFolders folders;

  @BeforeEach
  void open() {
    archive = directory.resolve("archive");
    database = database("data");
    folders = new OwnFolders(database);
  }

  private Database database(String data) {
    return Database.open(
        SettingsReader.read(
                directory,
                directory.resolve("config"),
                Map.of("HOWDAH_DATA", directory.resolve(data).toString()),
                Map.of())
            .database());
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void a_folder_is_made_and_marked_once_and_recognised_ever_after() throws IOException {
    OwnFolder first = folders.recognise("archive", archive);
    assertThat(first.checked()).isEqualTo(archive);
    assertThat(Files.readString(archive.resolve(OwnFolder.SENTINEL))).isNotBlank();
    assertThat(folders.recognise("archive", archive).isOurs()).isTrue();
    assertThat(archive.toFile().list()).containsExactly(OwnFolder.SENTINEL);
  }

  @Test
  void an_empty_mount_point_is_not_marked_again_and_stays_empty() throws IOException {
    folders.recognise("archive", archive);
    Files.delete(archive.resolve(OwnFolder.SENTINEL));
    assertThatThrownBy(() -> folders.recognise("archive", archive))
        .isInstanceOf(FolderNotOurs.class)
        .hasMessageContaining(archive.toString())
        .hasMessageContaining("mount the right one");
    assertThat(archive).isEmptyDirectory();
  }

  @Test
  void a_folder_that_has_gone_is_not_made_again() throws IOException {
    OwnFolder folder = folders.recognise("archive", archive);
    Files.move(archive, directory.resolve("aside"));
    assertThatThrownBy(() -> folders.recognise("archive", archive))
        .isInstanceOf(FolderNotOurs.class);
    assertThatThrownBy(folder::checked).isInstanceOf(FolderNotOurs.class);
    assertThat(archive).doesNotExist();
    Files.move(directory.resolve("aside"), archive);
    assertThat(folder.checked()).isEqualTo(archive);
  }

  @Test
  void another_gateways_folder_is_not_ours() throws IOException {
    OwnFolder ours = folders.recognise("archive", archive);
    Path theirs = directory.resolve("theirs");
    try (Database other = database("other")) {
      new OwnFolders(other).recognise("archive", theirs);
    }
    Files.move(archive, directory.resolve("aside"));
    Files.move(theirs, archive);
    assertThat(ours.isOurs()).isFalse();
    assertThatThrownBy(() -> folders.recognise("archive", archive))
        .isInstanceOf(FolderNotOurs.class);
  }

  @Test
  void a_new_database_takes_over_an_old_folder_and_its_mark() throws IOException {
    folders.recognise("archive", archive);
    String mark = Files.readString(archive.resolve(OwnFolder.SENTINEL));
    try (Database other = database("other")) {
      assertThat(new OwnFolders(other).recognise("archive", archive).isOurs()).isTrue();
    }
    assertThat(Files.readString(archive.resolve(OwnFolder.SENTINEL))).isEqualTo(mark);
  }

  @Test
  void an_older_versions_empty_mark_is_filled_in() throws IOException {
    Files.createDirectory(archive);
    Files.createFile(archive.resolve(OwnFolder.SENTINEL));
    assertThat(folders.recognise("archive", archive).isOurs()).isTrue();
    assertThat(Files.readString(archive.resolve(OwnFolder.SENTINEL))).isNotBlank();
  }

  @Test
  void processes_that_start_at_once_agree() throws IOException {
    List<OwnFolder> all = new CopyOnWriteArrayList<>();
    Together.run(8, thread -> all.add(folders.recognise("archive", archive)));
    assertThat(all).hasSize(8).allMatch(OwnFolder::isOurs);
    assertThat(archive.toFile().list()).containsExactly(OwnFolder.SENTINEL);
  }
}
