package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.disk.Disk;
import io.howdah.disk.OwnFolder;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.storage.Database;
import io.howdah.storage.OwnFolders;
import io.howdah.support.Mount;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoctorTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  @TempDir Path directory;
  private final Map<String, String> environment = new TreeMap<>();
  private final Diagnosis diagnosis = new Diagnosis();

  @BeforeEach
  void atHome() {
    environment.put("HOWDAH_DATA", directory.resolve("data").toString());
    environment.put("HOWDAH_INTAKE_DISK_RESERVE", "0");
    environment.put("HOWDAH_MANAGEMENT_PORT", "0");
    environment.put("PORT", "0");
  }

  private Settings settings() {
    return SettingsReader.read(directory, directory.resolve("config"), environment, Map.of());
  }

  private void folders() throws Exception {
    for (String name : List.of("uploads", "inbox", "quarantine", "archive")) {
      Disk.createDirectories(directory.resolve("data").resolve(name));
    }
  }

  private void lookAtFolders() {
    new FolderChecks(settings(), diagnosis, InstantSource.system()).check();
  }

  private void lookAtDatabase() {
    new DatabaseChecks(settings(), diagnosis, InstantSource.fixed(NOW)).check();
  }

  private List<Diagnosis.Finding> found(Diagnosis.Level level) {
    return diagnosis.findings().stream().filter(finding -> finding.level() == level).toList();
  }

  @Test
  void a_place_that_is_not_used_yet_is_well() throws Exception {
    lookAtFolders();
    lookAtDatabase();
    new NetworkChecks(settings(), diagnosis).check();
    assertThat(diagnosis.findings())
        .isNotEmpty()
        .allMatch(finding -> finding.level() == Diagnosis.Level.OK);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void looking_leaves_nothing_behind() throws Exception {
    folders();
    lookAtFolders();
    assertThat(diagnosis.isWell()).isTrue();
    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void a_file_where_a_folder_should_be_is_found() throws Exception {
    folders();
    Files.delete(directory.resolve("data/archive"));
    Files.writeString(directory.resolve("data/archive"), "");
    lookAtFolders();
    assertThat(found(Diagnosis.Level.FAIL))
        .anyMatch(
            finding ->
                finding.about().equals("folder archive")
                    && finding.sentence().contains("is no folder"));
  }

  @Test
  void folders_and_secrets_that_everyone_may_read_are_found() throws Exception {
    folders();
    Path archive = directory.resolve("data/archive");
    Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path keys = Files.writeString(directory.resolve("keys"), "");
    Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-r--r--"));
    environment.put("HOWDAH_HTTP_API_KEYS_FILE", keys.toString());
    lookAtFolders();
    assertThat(found(Diagnosis.Level.WARN))
        .extracting(Diagnosis.Finding::advice)
        .containsExactlyInAnyOrder("chmod 750 " + archive, "chmod 600 " + keys);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "howdah.http.api-keys-file",
        "howdah.db.password-file",
        "howdah.dicom.tls-key-file",
        "howdah.dicom.tls-key-password-file",
        "howdah.pacs-upload.token-file",
        "howdah.sessions.key-file",
        "howdah.sync.hub.key-file",
        "howdah.management.users-file"
      })
  void a_file_that_holds_a_secret_is_for_its_owner_only(String key) throws Exception {
    Path file = Files.writeString(directory.resolve("secret"), "0".repeat(64) + "\n");
    environment.put(
        key.toUpperCase(java.util.Locale.ROOT).replaceAll("[.-]", "_"), file.toString());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    lookAtFolders();
    assertThat(found(Diagnosis.Level.WARN)).isEmpty();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    lookAtFolders();
    assertThat(found(Diagnosis.Level.WARN))
        .extracting(Diagnosis.Finding::about, Diagnosis.Finding::advice)
        .containsExactly(tuple(key, "chmod 600 " + file));
  }

  private Path otherDevice() throws IOException {
    Path memory = Path.of("/dev/shm");
    assumeTrue(
        Files.isWritable(memory) && !Disk.sameDevice(memory, directory),
        "skipped: /dev/shm is no device of its own here");
    return memory;
  }

  @Test
  void folders_on_other_devices_are_found() throws Exception {
    Path memory = otherDevice();
    folders();
    Path archive = Files.createTempDirectory(memory, "howdah-doctor");
    try {
      environment.put("ARCHIVE_PATH", archive.toString());
      lookAtFolders();
      assertThat(found(Diagnosis.Level.WARN))
          .anyMatch(finding -> finding.sentence().contains("different devices"));
    } finally {
      Files.delete(archive);
    }
  }

  @Test
  void folders_that_are_still_to_be_made_on_other_devices_are_found() throws Exception {
    Path memory = otherDevice();
    environment.put("ARCHIVE_PATH", memory.resolve("howdah-doctor-not-there").toString());
    lookAtFolders();
    assertThat(found(Diagnosis.Level.WARN))
        .hasSize(1)
        .allMatch(
            finding ->
                finding.about().equals("uploads and archive")
                    && finding.sentence().contains("different devices"));
    assertThat(memory.resolve("howdah-doctor-not-there")).doesNotExist();
  }

  @Test
  void folders_that_take_no_file_or_cannot_be_made_are_found() throws Exception {
    folders();
    try (Mount mount = Mount.small(directory.resolve("data/archive"), "size=1m")) {
      org.junit.jupiter.api.Assumptions.assumeTrue(
          mount.isReadOnly(true), "skipped: a mount cannot be made read-only here");
      environment.put(
          "HOWDAH_QUARANTINE_PATH", directory.resolve("data/archive/quarantine").toString());
      lookAtFolders();
    }
    assertThat(found(Diagnosis.Level.FAIL))
        .extracting(Diagnosis.Finding::about, Diagnosis.Finding::sentence)
        .contains(
            tuple(
                "folder archive", "no file can be written in " + directory.resolve("data/archive")),
            tuple(
                "folder quarantine",
                directory.resolve("data/archive/quarantine")
                    + " is not there, and cannot be made in "
                    + directory.resolve("data/archive")));
  }

  @Test
  void a_disk_with_less_than_the_reserve_is_found() throws Exception {
    folders();
    environment.put("HOWDAH_INTAKE_DISK_RESERVE", "4000TB");
    lookAtFolders();
    assertThat(found(Diagnosis.Level.FAIL))
        .anyMatch(
            finding ->
                finding.about().equals("space for uploads") && finding.sentence().contains("507"));
  }

  @Test
  void a_folder_that_is_not_mounted_is_found() throws Exception {
    Path archive = settings().archive().path();
    try (Database database = Database.open(settings().database())) {
      new OwnFolders(database).recognise("archive", archive);
    }
    lookAtDatabase();
    assertThat(diagnosis.isWell()).isTrue();
    Files.delete(archive.resolve(OwnFolder.SENTINEL));
    lookAtDatabase();
    assertThat(found(Diagnosis.Level.FAIL))
        .anyMatch(
            finding ->
                finding.about().equals("folder archive")
                    && finding.sentence().contains(OwnFolder.SENTINEL));
  }

  private Path database() throws Exception {
    Settings settings = settings();
    Database.open(settings.database()).close();
    return directory.resolve("data/howdah.db");
  }

  private void sql(String statement) throws Exception {
    try (Connection connection =
        DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("data/howdah.db"))) {
      connection.createStatement().execute(statement);
    }
  }

  @Test
  void a_whole_database_is_well_and_says_its_version() throws Exception {
    database();
    lookAtDatabase();
    assertThat(diagnosis.findings())
        .allMatch(finding -> finding.level() == Diagnosis.Level.OK)
        .anyMatch(finding -> finding.sentence().contains("quick check ok"))
        .anyMatch(finding -> finding.about().equals("schema"));
  }

  @Test
  void a_damaged_database_is_found() throws Exception {
    Path file = database();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(java.nio.ByteBuffer.allocate(60_000), 5_000);
    }
    lookAtDatabase();
    assertThat(diagnosis.isWell()).isFalse();
    assertThat(found(Diagnosis.Level.FAIL).get(0).advice()).contains("backup");
  }

  @Test
  void a_file_that_is_no_database_is_found() throws Exception {
    Files.createDirectories(directory.resolve("data"));
    Files.writeString(directory.resolve("data/howdah.db"), "not a database ".repeat(1000));
    lookAtDatabase();
    assertThat(diagnosis.isWell()).isFalse();
  }

  @Test
  void a_migration_that_broke_off_is_found() throws Exception {
    database();
    sql("UPDATE flyway_schema_history SET success = 0 WHERE version = '1'");
    lookAtDatabase();
    assertThat(found(Diagnosis.Level.FAIL))
        .anyMatch(finding -> finding.sentence().contains("half way"));
  }

  @Test
  void failed_stranded_and_future_studies_are_found() throws Exception {
    database();
    String insert =
        "INSERT INTO study (study_id, state, source, created_at, updated_at) VALUES ('%s', '%s', 'http', %d, %d)";
    long now = NOW.toEpochMilli();
    long longAgo = NOW.minus(Duration.ofDays(2)).toEpochMilli();
    sql(String.format(insert, "a", "failed", now, now));
    sql(String.format(insert, "b", "validating", longAgo, longAgo));
    sql(String.format(insert, "c", "archived", now, now + 3_600_000));
    lookAtDatabase();
    assertThat(found(Diagnosis.Level.WARN))
        .extracting(Diagnosis.Finding::sentence)
        .anyMatch(sentence -> sentence.startsWith("1 failed"))
        .anyMatch(sentence -> sentence.startsWith("1 are under way, the oldest since 2026-11-19"))
        .anyMatch(sentence -> sentence.contains("still to come"));
    assertThat(diagnosis.isWell()).isTrue();
  }

  @Test
  void a_port_that_another_program_has_is_found() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread stranger =
          new Thread(
              () -> {
                try (Socket socket = other.accept();
                    OutputStream out = socket.getOutputStream()) {
                  out.write("220 some other protocol\r\n".getBytes(StandardCharsets.US_ASCII));
                } catch (java.io.IOException e) {
                  // the test is over
                }
              });
      stranger.setDaemon(true);
      stranger.start();
      environment.put("PORT", Integer.toString(other.getLocalPort()));
      new NetworkChecks(settings(), diagnosis).check();
    }
    assertThat(found(Diagnosis.Level.FAIL))
        .hasSize(1)
        .allMatch(
            finding ->
                finding.about().equals("business port") && finding.advice().contains("PORT"));
  }

  @Test
  void a_dicom_port_that_another_program_has_is_found_where_one_is_needed() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      environment.put("HOWDAH_DICOM_HOST", "127.0.0.1");
      environment.put("HOWDAH_DICOM_PORT", Integer.toString(other.getLocalPort()));
      new NetworkChecks(settings(), diagnosis).check();
      assertThat(diagnosis.isWell()).isTrue();
      environment.put("HOWDAH_DICOM_PEERS", "CT1@10.1.2.3");
      new NetworkChecks(settings(), diagnosis).check();
    }
    assertThat(found(Diagnosis.Level.FAIL))
        .hasSize(1)
        .allMatch(
            finding ->
                finding.about().equals("DICOM port")
                    && finding.advice().contains("howdah.dicom.port"));
  }

  @Test
  void a_redis_that_is_away_is_a_warning_and_one_that_is_something_else_a_failure()
      throws Exception {
    environment.put("REDIS_URL", "redis://:hunter2@127.0.0.1:1");
    new NetworkChecks(settings(), diagnosis).check();
    assertThat(found(Diagnosis.Level.WARN))
        .anyMatch(finding -> finding.about().equals("redis"))
        .noneMatch(finding -> finding.sentence().contains("hunter2"));
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread stranger =
          new Thread(
              () -> {
                try (Socket socket = other.accept()) {
                  socket
                      .getOutputStream()
                      .write("HTTP/1.1 400 Bad Request\r\n".getBytes(StandardCharsets.US_ASCII));
                } catch (java.io.IOException e) {
                  // the test is over
                }
              });
      stranger.setDaemon(true);
      stranger.start();
      environment.put("REDIS_URL", "redis://127.0.0.1:" + other.getLocalPort());
      new NetworkChecks(settings(), diagnosis).check();
    }
    assertThat(found(Diagnosis.Level.FAIL))
        .anyMatch(finding -> finding.sentence().contains("is no Redis"));
  }

  @Test
  void every_bad_setting_and_profile_is_a_finding_and_the_exit_code_1() throws Exception {
    CommandLineRun settings =
        CommandLineRun.with(Map.of("howdah.http.port", "eighty"), "doctor", "--json");
    assertThat(settings.exitCode()).isEqualTo(1);
    assertThat(settings.out()).contains("\"level\":\"FAIL\",\"about\":\"settings\"");
    Path profiles = Files.createDirectory(directory.resolve("profiles"));
    Files.writeString(profiles.resolve("default.yaml"), "no: [profile");
    CommandLineRun profile =
        CommandLineRun.with(
            Map.of(
                "howdah.data",
                directory.resolve("data").toString(),
                "howdah.intake.disk-reserve",
                "0",
                "howdah.validate.profiles",
                profiles.toString()),
            "doctor");
    assertThat(profile.exitCode()).isEqualTo(1);
    assertThat(profile.out()).contains("FAIL  profiles", "→ correct it in " + profiles);
  }
}
