package io.howdah.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsReaderTest {
  @TempDir Path base;
  private Path config;
  private final Map<String, String> environment = new HashMap<>();
  private final Map<String, String> system = new HashMap<>();

  @BeforeEach
  void makeConfigFolder() throws IOException {
    config = Files.createDirectory(base.resolve("config"));
  }

  private Settings read() {
    return SettingsReader.read(base, config, environment, system);
  }

  private List<String> complaints() {
    BadSettings bad = catchThrowableOfType(BadSettings.class, this::read);
    return bad == null ? List.of() : bad.complaints();
  }

  private void file(String... lines) throws IOException {
    Files.write(config.resolve("application.properties"), List.of(lines));
  }

  @Test
  void without_any_setting_everything_lives_below_data_on_loopback() {
    Settings settings = read();
    Path data = base.resolve("data");
    assertThat(settings.data()).isEqualTo(data);
    assertThat(settings.roles()).containsExactlyInAnyOrder(Role.values());
    assertThat(settings.http())
        .isEqualTo(
            new Settings.Http(
                "127.0.0.1",
                8080,
                Optional.empty(),
                false,
                512,
                2000,
                Duration.ofSeconds(30),
                1024));
    assertThat(settings.management())
        .isEqualTo(new Settings.Management("127.0.0.1", 8081, Optional.empty()));
    assertThat(settings.health()).isEqualTo(new Settings.Health(Duration.ofMinutes(5)));
    assertThat(settings.database().url()).isEqualTo("jdbc:sqlite:" + data.resolve("howdah.db"));
    assertThat(settings.database().isSqlite()).isTrue();
    assertThat(settings.redis()).isEmpty();
    assertThat(settings.statusService()).isEmpty();
    assertThat(settings.intake())
        .isEqualTo(
            new Settings.Intake(
                data.resolve("uploads"), 104857600, 4L << 30, 5000, 1L << 30, 8, Optional.empty()));
    assertThat(settings.inbox().directory()).isEqualTo(data.resolve("inbox"));
    assertThat(settings.archive())
        .isEqualTo(
            new Settings.Archive(
                data.resolve("archive"), "original.dcm", 4, 2L << 20, Duration.ofDays(7)));
    assertThat(settings.quarantine()).isEqualTo(data.resolve("quarantine"));
    assertThat(settings.work())
        .isEqualTo(new Settings.Work(Duration.ofSeconds(30), Duration.ofSeconds(2), 5));
    assertThat(settings.events().patientData()).isFalse();
  }

  /**
   * Another good value for every key there is; a new key must be added here, or the test below
   * fails.
   */
  private Map<String, String> others() throws IOException {
    Path secret = Files.writeString(base.resolve("secret"), "x");
    Map<String, String> others = new LinkedHashMap<>();
    others.put("howdah.roles", "gateway, status");
    others.put("howdah.data", "elsewhere");
    others.put("howdah.http.host", "localhost");
    others.put("howdah.http.port", "9090");
    others.put("howdah.http.api-keys-file", secret.toString());
    others.put("howdah.http.anonymous", "true");
    others.put("howdah.http.max-connections", "7");
    others.put("howdah.http.max-client-rate", "7");
    others.put("howdah.http.idle-timeout", "7s");
    others.put("howdah.http.min-body-rate", "7KB");
    others.put("howdah.management.host", "localhost");
    others.put("howdah.management.port", "9091");
    others.put("howdah.management.users-file", secret.toString());
    others.put("howdah.health.stage-age", "7m");
    others.put("howdah.db.url", "jdbc:postgresql://db/howdah");
    others.put("howdah.db.user", "howdah");
    others.put("howdah.db.password-file", secret.toString());
    others.put("howdah.db.pool-size", "3");
    others.put("howdah.redis.url", "redis://cache:6380");
    others.put("howdah.status.service-url", "http://status:8003");
    others.put("howdah.events.patient-data", "true");
    others.put("howdah.events.retention", "2d");
    others.put("howdah.intake.uploads", "up");
    others.put("howdah.intake.max-file-size", "7MB");
    others.put("howdah.intake.max-request-size", "1GB");
    others.put("howdah.intake.max-files", "7");
    others.put("howdah.intake.disk-reserve", "7MB");
    others.put("howdah.intake.workers", "7");
    others.put("howdah.intake.canary", "7s");
    others.put("howdah.inbox.directory", "in");
    others.put("howdah.inbox.settle", "7s");
    others.put("howdah.inbox.poll", "7s");
    others.put("howdah.inbox.taken-retention", "8d");
    others.put("howdah.dicom.enabled", "true");
    others.put("howdah.dicom.peers", "CT1@10.1.2.3");
    others.put("howdah.dicom.ae-title", "GATE");
    others.put("howdah.dicom.host", "127.0.0.1");
    others.put("howdah.dicom.port", "104");
    others.put("howdah.dicom.max-associations", "7");
    others.put("howdah.dicom.max-associations-per-peer", "7");
    others.put("howdah.dicom.max-object-size", "7GB");
    others.put("howdah.dicom.max-pdu", "64KB");
    others.put("howdah.dicom.window", "7");
    others.put("howdah.dicom.idle-timeout", "7s");
    others.put("howdah.dicom.accept-unknown-classes", "true");
    others.put("howdah.dicom.commitment-overdue", "7h");
    others.put("howdah.dicom.tls-key-file", secret.toString());
    others.put("howdah.dicom.tls-certificate-file", secret.toString());
    others.put("howdah.dicom.tls-key-password-file", secret.toString());
    others.put("howdah.dicom.tls-trust-file", secret.toString());
    others.put("howdah.dicom.tls-mutual", "true");
    others.put("howdah.quarantine.path", "held");
    others.put("howdah.validate.profiles", "profiles");
    others.put("howdah.validate.workers", "7");
    others.put("howdah.describe.workers", "7");
    others.put("howdah.archive.path", "kept");
    others.put("howdah.archive.file-name", "{study_id}.dcm");
    others.put("howdah.archive.workers", "7");
    others.put("howdah.archive.scrub-rate", "7MB");
    others.put("howdah.archive.scrub-every", "8d");
    others.put("howdah.work.lease", "7s");
    others.put("howdah.work.sweep", "7s");
    others.put("howdah.work.max-attempts", "7");
    others.put("howdah.batch.quiet-period", "7s");
    others.put("howdah.batch.max-wait", "7m");
    others.put("howdah.batch.look-back", "8d");
    others.put("howdah.batch.stuck-after", "7h");
    others.put("howdah.batch.retention", "7d");
    others.put("howdah.send.retry", "2x7s");
    others.put("howdah.send.responses", "answers.yaml");
    others.put("howdah.send.concurrency", "7");
    others.put("howdah.pacs-upload.database", "pacs.db");
    others.put("howdah.pacs-upload.storage", "store");
    others.put("howdah.pacs-upload.worklist", "worklist.db");
    others.put("howdah.pacs-upload.contract", "v1");
    others.put("howdah.pacs-upload.endpoint", "https://cloud/api");
    others.put("howdah.pacs-upload.token", "token");
    others.put("howdah.pacs-upload.token-file", secret.toString());
    others.put("howdah.pacs-upload.token-command", "print-token");
    others.put("howdah.pacs-upload.poll", "0.5");
    others.put("howdah.pacs-upload.batch-size", "7");
    others.put("howdah.pacs-upload.max-attempts", "7");
    others.put("howdah.pacs-upload.strict-compat", "true");
    others.put("howdah.pacs-upload.concurrency", "7");
    others.put("howdah.pacs-upload.ahead", "7");
    others.put("howdah.pacs-upload.ambiguous-schedule", "2x7s");
    others.put("howdah.pacs-upload.link-wait", "8d");
    others.put("howdah.pacs-upload.outcomes", "outcomes.yaml");
    others.put("howdah.pacs-upload.connect-timeout", "7s");
    others.put("howdah.pacs-upload.response-timeout", "7s");
    others.put("howdah.pacs-upload.min-rate", "7KB");
    others.put("howdah.pacs-upload.proxy", "http://proxy:3128");
    others.put("howdah.pacs-upload.ca-file", secret.toString());
    others.put("howdah.pacs-upload.report-failures", "true");
    others.put("howdah.pacs-upload.canary", "7s");
    others.put("howdah.pacs-upload.busy-timeout", "7s");
    others.put("howdah.pacs-upload.retention", "7d");
    others.put("howdah.sessions.allowed-paths", "one, two");
    others.put("howdah.sessions.store", "copies");
    others.put("howdah.sessions.max-file-size", "7MB");
    others.put("howdah.sessions.max-open", "7");
    others.put("howdah.sessions.max-opening", "7");
    others.put("howdah.sessions.max-retries", "7");
    others.put("howdah.sessions.retention", "8d");
    others.put("howdah.sessions.key-file", secret.toString());
    others.put("howdah.sessions.key-command", "print-key");
    others.put("howdah.sync.hub.url", "https://hub");
    others.put("howdah.sync.hub.key-file", secret.toString());
    others.put("howdah.sync.hub.ca-file", secret.toString());
    others.put("howdah.sync.after", "7s");
    others.put("howdah.sync.lanes", "7");
    others.put("howdah.sync.chunk-size", "7MB");
    others.put("howdah.sync.rate", "2MB/s, 20:00-06:00 unlimited");
    others.put("howdah.sync.time-zone", "Asia/Kathmandu");
    others.put("howdah.sync.compression", "zstd");
    others.put("howdah.sync.connect-timeout", "7s");
    others.put("howdah.sync.response-timeout", "7s");
    others.put("howdah.sync.min-rate", "7KB");
    others.put("howdah.sync.probe", "7s");
    others.put("howdah.hub.path", "elsewhere/hub");
    others.put("howdah.hub.max-size", "7MB");
    others.put("howdah.hub.max-open", "7");
    others.put("howdah.hub.max-open-bytes", "7GB");
    others.put("howdah.hub.expiry", "8d");
    others.put("howdah.hub.silence", "7s");
    others.put("howdah.hub.lock-wait", "7s");
    others.put("howdah.hub.sync-every", "7MB");
    others.put("howdah.hub.workers", "7");
    others.put("howdah.hub.rejected-retention", "7d");
    others.put("howdah.hub.tidy", "7m");
    others.put("howdah.hub.max-manifest-files", "7");
    others.put("howdah.hub.max-results", "7");
    others.put("howdah.log.level", "DEBUG");
    others.put("howdah.crashpoint", "INTAKE_LINKED:2");
    return others;
  }

  private static Settings withoutTexts(Settings settings) {
    return new Settings(
        settings.config(),
        settings.data(),
        settings.roles(),
        settings.http(),
        settings.management(),
        settings.health(),
        settings.database(),
        settings.redis(),
        settings.statusService(),
        settings.events(),
        settings.intake(),
        settings.inbox(),
        settings.dicom(),
        settings.quarantine(),
        settings.validation(),
        settings.describeWorkers(),
        settings.archive(),
        settings.work(),
        settings.pacsUpload(),
        settings.batch(),
        settings.destinations(),
        settings.sessions(),
        settings.sync(),
        settings.hub(),
        settings.logLevel(),
        settings.crashPoint(),
        Map.of());
  }

  private static Properties documented() throws IOException {
    Properties documented = new Properties();
    try (InputStream in = SettingsReader.class.getResourceAsStream(SettingsReader.DEFAULTS)) {
      documented.load(in);
    }
    return documented;
  }

  @Test
  void every_documented_key_changes_what_is_read_from_file_and_environment() throws IOException {
    assertThat(others().keySet()).isEqualTo(new TreeMap<>(documented()).keySet());
    Settings plain = withoutTexts(read());
    for (Map.Entry<String, String> other : others().entrySet()) {
      file(other.getKey() + "=" + other.getValue());
      Settings byFile = read();
      assertThat(withoutTexts(byFile)).as(other.getKey() + " in the file").isNotEqualTo(plain);
      assertThat(byFile.effective())
          .containsEntry(
              other.getKey(),
              other.getKey().equals("howdah.pacs-upload.token") ? "(hidden)" : other.getValue());
      file();
      environment.put(SettingsReader.variable(other.getKey()), other.getValue());
      assertThat(read()).as(other.getKey() + " in the environment").isEqualTo(byFile);
      environment.clear();
      system.put(other.getKey(), other.getValue());
      assertThat(read()).as(other.getKey() + " as a property").isEqualTo(byFile);
      system.clear();
    }
  }

  @Test
  void every_key_is_explained_by_a_comment_of_its_own_or_its_neighbours() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("config/application.properties"));
    String before = "";
    for (String line : lines) {
      if (line.startsWith("howdah.") && !before.startsWith("#") && !before.startsWith("howdah.")) {
        assertThat(line).as("a key without a comment above it").isEmpty();
      }
      before = line;
    }
  }

  @Test
  void the_variables_of_the_old_services_are_still_understood() {
    environment.putAll(
        Map.of(
            "HOST", "localhost",
            "PORT", "9999",
            "REDIS_URL", "redis://r:1",
            "STATUS_SERVICE_URL", "http://s:2",
            "UPLOADS_PATH", "/u",
            "ARCHIVE_PATH", "/a",
            "MAX_FILE_SIZE", "5",
            "LOG_LEVEL", "debug"));
    environment.putAll(
        Map.of(
            "CLOUD_API_ENDPOINT", "https://c/x/",
            "CLOUD_API_CONTRACT", "v1",
            "CLOUD_API_TOKEN", "t",
            "PACS_DB_PATH", "/p/pacs.db",
            "PACS_STORAGE_PATH", "/p/s",
            "MWL_DB_PATH", "/p/w.db",
            "UPLOAD_POLL_INTERVAL", "0.25",
            "UPLOAD_BATCH_SIZE", "11",
            "MAX_UPLOAD_RETRIES", "4",
            "UPLOAD_STRICT_COMPAT", "true"));
    Settings settings = read();
    assertThat(settings.http().host()).isEqualTo("localhost");
    assertThat(settings.http().port()).isEqualTo(9999);
    assertThat(settings.redis()).contains(URI.create("redis://r:1"));
    assertThat(settings.statusService()).contains(URI.create("http://s:2"));
    assertThat(settings.intake().uploads()).isEqualTo(Path.of("/u"));
    assertThat(settings.archive().path()).isEqualTo(Path.of("/a"));
    assertThat(settings.intake().maxFileSize()).isEqualTo(5);
    assertThat(settings.logLevel()).isEqualTo("DEBUG");
    assertThat(settings.pacsUpload().endpoint()).isEqualTo(URI.create("https://c/x/"));
    assertThat(settings.pacsUpload().contract()).isEqualTo("v1");
    assertThat(settings.pacsUpload().token().value()).isEqualTo("t");
    assertThat(settings.pacsUpload().database()).isEqualTo(Path.of("/p/pacs.db"));
    assertThat(settings.pacsUpload().storage()).isEqualTo(Path.of("/p/s"));
    assertThat(settings.pacsUpload().worklist()).isEqualTo(Path.of("/p/w.db"));
    assertThat(settings.pacsUpload().poll()).isEqualTo(Duration.ofMillis(250));
    assertThat(settings.pacsUpload().batchSize()).isEqualTo(11);
    assertThat(settings.pacsUpload().maxAttempts()).isEqualTo(4);
    assertThat(settings.pacsUpload().strictCompat()).isTrue();
    assertThat(SettingsReader.ALIASES.keySet()).isEqualTo(environment.keySet());
  }

  @Test
  void howdahs_own_variable_wins_over_the_old_one() {
    environment.put("PORT", "1111");
    environment.put("HOWDAH_HTTP_PORT", "2222");
    assertThat(read().http().port()).isEqualTo(2222);
  }

  @Test
  void the_nearer_source_wins() throws IOException {
    file("howdah.http.port=1");
    assertThat(read().http().port()).isEqualTo(1);
    Files.writeString(base.resolve(".env"), "PORT=2\n");
    assertThat(read().http().port()).isEqualTo(2);
    environment.put("PORT", "3");
    assertThat(read().http().port()).isEqualTo(3);
    system.put("howdah.http.port", "4");
    assertThat(read().http().port()).isEqualTo(4);
  }

  @Test
  void a_dot_env_file_may_export_quote_and_comment() throws IOException {
    Files.writeString(
        base.resolve(".env"),
        """
        # the old services' settings
        export PORT="4711"
        ARCHIVE_PATH='/my archive'

        HOWDAH_LOG_LEVEL = WARN
        UNRELATED=1
        no assignment
        """);
    Settings settings = read();
    assertThat(settings.http().port()).isEqualTo(4711);
    assertThat(settings.archive().path()).isEqualTo(Path.of("/my archive"));
    assertThat(settings.logLevel()).isEqualTo("WARN");
  }

  @Test
  void all_that_is_wrong_is_said_at_once() throws IOException {
    file("howdah.http.prot=1", "howdah.work.lease=soon", "howdah.db.pool-size=-1", "other.key=x");
    environment.put("HOWDAH_INBOX_POL", "1s");
    environment.put("MAX_FILE_SIZE", "big");
    system.put("howdah.roles", "gateway,postman");
    assertThat(complaints())
        .hasSize(6)
        .anyMatch(text -> text.contains("howdah.http.prot") && text.contains("howdah.http.port"))
        .anyMatch(text -> text.contains("HOWDAH_INBOX_POL") && text.contains("HOWDAH_INBOX_POLL"))
        .anyMatch(text -> text.contains("howdah.work.lease") && text.contains("30s"))
        .anyMatch(text -> text.contains("howdah.db.pool-size") && text.contains("from 1 to 200"))
        .anyMatch(text -> text.contains("howdah.intake.max-file-size"))
        .anyMatch(text -> text.contains("'postman' is no role"));
  }

  @Test
  void nonsense_is_refused_key_by_key() throws IOException {
    Map<String, List<String>> nonsense =
        Map.of(
            "howdah.http.port", List.of("", "x", "65536", "-1", "1.5"),
            "howdah.http.idle-timeout", List.of("", "0s", "30", "1y", "-1s", "9999999999s"),
            "howdah.intake.max-file-size",
                List.of("", "0", "-1", "1.5MB", "1PB", "999999999999999TB"),
            "howdah.http.anonymous", List.of("", "yes", "1"),
            "howdah.redis.url", List.of("http://x:1", "redis:", "redis://", "x y"),
            "howdah.status.service-url", List.of("ftp://x", "status:8003"),
            "howdah.db.url", List.of("jdbc:oracle:x", "postgresql://x"),
            "howdah.archive.file-name", List.of("", "a/b", "..", ".x", "metadata.json", "a\\\\b"),
            "howdah.log.level", List.of("", "LOUD"),
            "howdah.roles", List.of("", "all,nobody"));
    for (Map.Entry<String, List<String>> key : nonsense.entrySet()) {
      for (String value : key.getValue()) {
        file(key.getKey() + "=" + value);
        assertThat(complaints()).as(key.getKey() + "=" + value).hasSize(1);
        assertThat(complaints().get(0)).contains(key.getKey());
      }
    }
  }

  @Test
  void sizes_and_durations_take_their_units() throws IOException {
    Map<String, Long> sizes =
        Map.of("1", 1L, "7B", 7L, "2KB", 2048L, "3mb", 3L << 20, "4 GB", 4L << 30, "1TB", 1L << 40);
    for (Map.Entry<String, Long> size : sizes.entrySet()) {
      file("howdah.intake.max-file-size=" + size.getKey());
      assertThat(read().intake().maxFileSize()).isEqualTo(size.getValue());
    }
    Map<String, Duration> durations =
        Map.of(
            "1500ms", Duration.ofMillis(1500),
            "2s", Duration.ofSeconds(2),
            "3m", Duration.ofMinutes(3),
            "4h", Duration.ofHours(4),
            "5d", Duration.ofDays(5));
    for (Map.Entry<String, Duration> duration : durations.entrySet()) {
      file("howdah.work.lease=" + duration.getKey());
      assertThat(read().work().lease()).isEqualTo(duration.getValue());
    }
  }

  @Test
  void one_file_may_always_fill_a_whole_request() {
    environment.put("MAX_FILE_SIZE", "8GB");
    assertThat(read().intake().maxRequestSize()).isEqualTo(8L << 30);
  }

  @Test
  void strangers_are_not_let_in_by_accident() throws IOException {
    for (String host : List.of("0.0.0.0", "::", "192.168.1.5", "gateway.example")) {
      environment.clear();
      environment.put("HOST", host);
      assertThat(complaints())
          .singleElement()
          .asString()
          .contains("would let anyone in", "howdah.http.api-keys-file", "howdah.http.anonymous");
      environment.put("HOWDAH_HTTP_ANONYMOUS", "true");
      assertThat(complaints()).isEmpty();
      environment.remove("HOWDAH_HTTP_ANONYMOUS");
      Path keys = Files.writeString(base.resolve("keys"), "00");
      environment.put("HOWDAH_HTTP_API_KEYS_FILE", keys.toString());
      assertThat(complaints()).isEmpty();
    }
  }

  @Test
  void a_secret_file_that_is_not_there_or_is_a_folder_is_named() throws IOException {
    for (String file : List.of("nowhere", "config")) {
      file("howdah.http.api-keys-file=" + file);
      assertThat(complaints()).singleElement().asString().contains("api-keys-file", file);
    }
  }

  @Test
  void folders_that_would_eat_each_others_files_are_refused() throws IOException {
    for (List<String> lines :
        List.of(
            List.of("howdah.inbox.directory=data/uploads"),
            List.of("howdah.inbox.directory=data"),
            List.of("howdah.inbox.directory=data/archive"),
            List.of("howdah.archive.path=data/inbox/archive"),
            List.of("howdah.quarantine.path=data/uploads"),
            List.of("howdah.intake.uploads=same", "howdah.archive.path=same"))) {
      file(lines.toArray(String[]::new));
      assertThat(complaints()).as(lines.toString()).isNotEmpty();
      assertThat(complaints().get(0)).contains("must not");
    }
  }

  @Test
  void a_settings_file_that_cannot_be_read_is_a_complaint_and_no_stack_trace() throws IOException {
    file("howdah.log.level=\\u00zz", "howdah.http.port=x");
    assertThat(complaints()).anyMatch(text -> text.contains("application.properties"));
    Files.write(
        config.resolve("application.properties"),
        "# pr\u00fcfen\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(complaints()).anyMatch(text -> text.contains("application.properties"));
  }

  @Test
  void an_unknown_crash_point_stops_the_start() throws IOException {
    for (String point :
        List.of("NOWHERE", "INTAKE_LINKED:0", "INTAKE_LINKED:x", "INTAKE_LINKED:")) {
      file("howdah.crashpoint=" + point);
      assertThat(complaints()).as(point).singleElement().asString().contains("howdah.crashpoint");
    }
    file("howdah.crashpoint=intake_linked:3");
    assertThat(complaints()).isEmpty();
  }

  @Test
  void a_role_alone_is_a_process_of_its_own() {
    environment.put("HOWDAH_ROLES", "validator");
    assertThat(read().roles()).isEqualTo(Set.of(Role.VALIDATOR));
  }

  @Test
  void launcher_and_test_variables_are_no_settings() {
    environment.put("HOWDAH_CONFIG", "x");
    environment.put("HOWDAH_SHARED", "y");
    environment.put("HOWDAH_JAVA_OPTS", "-Xmx1g");
    assertThat(complaints()).isEmpty();
  }

  @Test
  void effective_values_hold_every_key_and_no_secret() throws IOException {
    assertThat(read().effective().keySet()).isEqualTo(new TreeMap<>(documented()).keySet());
    assertThat(read().effective().keySet())
        .as("secrets live in files; a key that held one would be printed at the start")
        .filteredOn(key -> !key.equals("howdah.pacs-upload.token"))
        .noneMatch(key -> key.matches(".*(password|secret|token|key)$"));
    environment.put("CLOUD_API_TOKEN", "s3cr3t");
    assertThat(read().effective().values()).doesNotContain("s3cr3t");
    assertThat(read().toString()).doesNotContain("s3cr3t");
  }
}
