package io.howdah.validate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.howdah.disk.Disk;
import io.howdah.events.Outbox;
import io.howdah.quarantine.Quarantine;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.status.NewStudy;
import io.howdah.status.Stage;
import io.howdah.status.Work;
import io.howdah.storage.Database;
import io.howdah.storage.OwnFolders;
import io.howdah.storage.SqlOutbox;
import io.howdah.storage.SqlStudies;
import io.howdah.support.DicomFixtures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

/** What the validate stage tells others of its verdict. */
class ValidationTest {
  private static final String ID = "11111111-2222-4333-8444-555555555555";

  @TempDir private Path directory;
  private Settings settings;
  private Database database;
  private SqlStudies studies;
  private Validation validation;

  @BeforeEach
  void open() throws IOException {
    settings =
        SettingsReader.read(
            directory,
            directory,
            Map.of("HOWDAH_DATA", directory.resolve("data").toString()),
            Map.of());
    database = Database.open(settings.database());
    studies =
        new SqlStudies(
            database,
            InstantSource.system(),
            "test",
            Duration.ofSeconds(30),
            Set.of(),
            Set.of(Outbox.Target.REDIS));
    OwnFolders folders = new OwnFolders(database);
    Disk disk = new Disk();
    Work work =
        new Work(
            studies,
            settings,
            folders.recognise("uploads", settings.intake().uploads()),
            disk,
            InstantSource.system());
    validation =
        new Validation(
            new ProfileExamination(Profiles.in(settings.validation().profiles())),
            studies,
            work,
            new Quarantine(folders.recognise("quarantine", settings.quarantine()), disk));
  }

  @AfterEach
  void close() {
    database.close();
  }

  private JsonNode told(byte[] bytes) throws IOException {
    Path waiting = Files.write(settings.intake().uploads().resolve(ID + ".dcm"), bytes);
    studies.accept(
        List.of(
            new NewStudy(
                ID,
                "http",
                "a.dcm",
                bytes.length,
                Disk.sha256(waiting),
                Optional.empty(),
                JsonNodeFactory.instance.objectNode())));
    validation.record(validation.judge(studies.claim(ID, Stage.VALIDATE).orElseThrow()));
    List<String> events =
        new SqlOutbox(database, InstantSource.system(), "test")
            .unsent(Outbox.Target.REDIS, 100).stream()
                .filter(message -> message.channel().equals("validation"))
                .map(Outbox.Message::payload)
                .toList();
    assertThat(events).hasSize(1);
    return new ObjectMapper().readTree(events.get(0));
  }

  /** Contract §3. */
  @Test
  void the_event_of_an_invalid_study_names_the_file_where_it_is_kept() throws IOException {
    byte[] bytes = "no object".getBytes(StandardCharsets.US_ASCII);
    JsonNode event = told(bytes);
    assertThat(event.path("event").asText()).isEqualTo("study.validation.failed");
    assertThat(Path.of(event.path("file_path").asText()))
        .isEqualTo(settings.quarantine().resolve(ID + ".dcm"))
        .hasBinaryContent(bytes);
    assertThat(settings.intake().uploads().resolve(ID + ".dcm")).doesNotExist();
  }

  /** Contract §3. */
  @Test
  void the_event_of_a_valid_study_names_the_file_where_it_waits() throws IOException {
    byte[] bytes = DicomFixtures.ct(1);
    JsonNode event = told(bytes);
    assertThat(event.path("event").asText()).isEqualTo("study.validated");
    assertThat(Path.of(event.path("file_path").asText()))
        .isEqualTo(settings.intake().uploads().resolve(ID + ".dcm"))
        .hasBinaryContent(bytes);
  }
}
