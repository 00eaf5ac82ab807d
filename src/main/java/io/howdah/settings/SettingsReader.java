package io.howdah.settings;

import io.howdah.dicom.net.PeerList;
import io.howdah.dicom.net.ServerSettings;
import io.howdah.disk.CrashPoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads {@link Settings}: system properties over environment over {@code .env} over {@code
 * config/application.properties} over the packaged defaults. An unknown key or a bad value ends the
 * reading with every complaint at once.
 */
public final class SettingsReader extends TypedValues {
  /** The packaged {@code config/application.properties}, where every key has its default. */
  static final String DEFAULTS = "/config/application.properties";

  /** Variables of the systems Howdah replaces, and the keys they set. */
  static final Map<String, String> ALIASES =
      Map.ofEntries(
          Map.entry("HOST", "howdah.http.host"),
          Map.entry("PORT", "howdah.http.port"),
          Map.entry("REDIS_URL", "howdah.redis.url"),
          Map.entry("STATUS_SERVICE_URL", "howdah.status.service-url"),
          Map.entry("UPLOADS_PATH", "howdah.intake.uploads"),
          Map.entry("ARCHIVE_PATH", "howdah.archive.path"),
          Map.entry("MAX_FILE_SIZE", "howdah.intake.max-file-size"),
          Map.entry("CLOUD_API_ENDPOINT", "howdah.pacs-upload.endpoint"),
          Map.entry("CLOUD_API_CONTRACT", "howdah.pacs-upload.contract"),
          Map.entry("CLOUD_API_TOKEN", "howdah.pacs-upload.token"),
          Map.entry("PACS_DB_PATH", "howdah.pacs-upload.database"),
          Map.entry("PACS_STORAGE_PATH", "howdah.pacs-upload.storage"),
          Map.entry("MWL_DB_PATH", "howdah.pacs-upload.worklist"),
          Map.entry("UPLOAD_POLL_INTERVAL", "howdah.pacs-upload.poll"),
          Map.entry("UPLOAD_BATCH_SIZE", "howdah.pacs-upload.batch-size"),
          Map.entry("MAX_UPLOAD_RETRIES", "howdah.pacs-upload.max-attempts"),
          Map.entry("UPLOAD_STRICT_COMPAT", "howdah.pacs-upload.strict-compat"),
          Map.entry("LOG_LEVEL", "howdah.log.level"));

  /** What a value is shown as that nobody may read. */
  private static final String HIDDEN = "(hidden)";

  /** Variables that begin with HOWDAH_ and are no keys: the launcher's and the tests' own. */
  private static final Set<String> NOT_KEYS =
      Set.of("HOWDAH_CONFIG", "HOWDAH_JAVA_OPTS", "HOWDAH_SHARED", "HOWDAH_HOME");

  /**
   * Properties that begin with howdah. and are no settings: the command line's and the build's own.
   */
  private static final Set<String> NOT_SETTINGS =
      Set.of("howdah.config", "howdah.jar", "howdah.jsa.skip");

  private static final Pattern PAUSES = Pattern.compile("(\\d{1,4})x(\\d{1,9}(?:ms|s|m|h|d))");

  private SettingsReader(Path base) {
    super(base);
  }

  /**
   * Reads the settings of this process: its environment, its system properties, the directory it
   * was started in.
   */
  public static Settings read() {
    Map<String, String> environment = System.getenv();
    Path base = Path.of("").toAbsolutePath();
    String config =
        System.getProperty("howdah.config", environment.getOrDefault("HOWDAH_CONFIG", "config"));
    return read(base, base.resolve(config), environment, System.getProperties());
  }

  /**
   * Reads settings from given sources.
   *
   * @throws BadSettings naming every unknown key and bad value
   */
  public static Settings read(
      Path base, Path config, Map<String, String> environment, Map<?, ?> system) {
    SettingsReader reader = new SettingsReader(base);
    reader.defaults();
    reader.file(config.resolve("application.properties"));
    reader.environment(reader.dotEnv(base.resolve(".env")), ".env");
    reader.environment(environment, "environment");
    system.forEach((key, value) -> reader.system(key.toString(), value.toString()));
    return reader.settings(config);
  }

  private void defaults() {
    Properties properties = new Properties();
    try (InputStream in = SettingsReader.class.getResourceAsStream(DEFAULTS)) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    properties.forEach((key, value) -> values.put(key.toString(), value.toString().trim()));
  }

  private void file(Path file) {
    if (!Files.isRegularFile(file)) {
      return;
    }
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (IOException | IllegalArgumentException e) { // not UTF-8, or an unfinished \\u escape
      complaints.add(file + " cannot be read: " + e.getMessage());
    }
    properties.forEach(
        (key, value) -> set(key.toString(), value.toString(), file.getFileName().toString()));
  }

  private void set(String key, String value, String source) {
    if (!key.startsWith("howdah.")) {
      return;
    }
    if (!values.containsKey(key) && !DestinationKeys.isKey(key)) {
      complaints.add(key + " (" + source + ") is not a setting; the nearest is " + nearest(key));
    } else {
      values.put(key, value.trim());
    }
  }

  private void environment(Map<String, String> environment, String source) {
    Map<String, String> byVariable =
        values.keySet().stream()
            .collect(Collectors.toMap(SettingsReader::variable, Function.identity()));
    ALIASES.forEach(
        (variable, key) -> {
          if (environment.containsKey(variable) && !environment.get(variable).isBlank()) {
            values.put(key, environment.get(variable).trim());
          }
        });
    environment.forEach(
        (variable, value) -> {
          if (variable.startsWith("HOWDAH_") && !NOT_KEYS.contains(variable)) {
            String key =
                Optional.ofNullable(byVariable.get(variable))
                    .or(() -> DestinationKeys.ofVariable(variable))
                    .orElse(null);
            if (key == null) {
              complaints.add(
                  variable
                      + " ("
                      + source
                      + ") is not a setting; the nearest is "
                      + variable(nearest(variable.toLowerCase(Locale.ROOT).replace('_', '.'))));
            } else {
              values.put(key, value.trim());
            }
          }
        });
  }

  private void system(String key, String value) {
    if (key.startsWith("howdah.") && !NOT_SETTINGS.contains(key)) {
      set(key, value, "system property");
    }
  }

  /** The environment variable that sets a key. */
  static String variable(String key) {
    return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  private Map<String, String> dotEnv(Path file) {
    if (!Files.isRegularFile(file)) {
      return Map.of();
    }
    Map<String, String> read = new TreeMap<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String text = line.strip();
        int equals = text.indexOf('=');
        if (!text.startsWith("#") && equals > 0) {
          String name = text.substring(0, equals).strip().replaceFirst("^export\\s+", "");
          read.put(name, text.substring(equals + 1).strip().replaceAll("^([\"'])(.*)\\1$", "$2"));
        }
      }
    } catch (IOException e) {
      complaints.add(file + " cannot be read: " + e.getMessage());
    }
    return read;
  }

  private Settings settings(Path config) {
    Path data = base.resolve(text("howdah.data")).normalize();
    long maxFileSize = size("howdah.intake.max-file-size", 1);
    Settings settings =
        new Settings(
            config,
            data,
            roles(),
            new Settings.Http(
                text("howdah.http.host"),
                number("howdah.http.port", 0, 65535),
                optionalPath("howdah.http.api-keys-file"),
                flag("howdah.http.anonymous"),
                number("howdah.http.max-connections", 1, 100_000),
                number("howdah.http.max-client-rate", 0, 1_000_000),
                duration("howdah.http.idle-timeout", Duration.ofSeconds(1)),
                size("howdah.http.min-body-rate", 0)),
            new Settings.Management(
                text("howdah.management.host"),
                number("howdah.management.port", 0, 65535),
                optionalPath("howdah.management.users-file")),
            new Settings.Health(duration("howdah.health.stage-age", Duration.ofSeconds(1))),
            new Settings.Database(
                databaseUrl(data),
                text("howdah.db.user"),
                optionalPath("howdah.db.password-file"),
                number("howdah.db.pool-size", 1, 200)),
            uri("howdah.redis.url", Set.of("redis", "rediss")),
            uri("howdah.status.service-url", Set.of("http", "https")),
            new Settings.Events(
                flag("howdah.events.patient-data"),
                duration("howdah.events.retention", Duration.ofSeconds(1))),
            new Settings.Intake(
                path("howdah.intake.uploads", data.resolve("uploads")),
                maxFileSize,
                Math.max(size("howdah.intake.max-request-size", 1), maxFileSize),
                number("howdah.intake.max-files", 1, 1_000_000),
                size("howdah.intake.disk-reserve", 0),
                number("howdah.intake.workers", 1, 256),
                period("howdah.intake.canary")),
            new Settings.Inbox(
                path("howdah.inbox.directory", data.resolve("inbox")),
                duration("howdah.inbox.settle", Duration.ofMillis(100)),
                duration("howdah.inbox.poll", Duration.ofMillis(50)),
                duration("howdah.inbox.taken-retention", Duration.ofSeconds(1))),
            dicom(),
            path("howdah.quarantine.path", data.resolve("quarantine")),
            new Settings.Validation(
                base.resolve(text("howdah.validate.profiles")).normalize(),
                number("howdah.validate.workers", 1, 64)),
            number("howdah.describe.workers", 1, 64),
            new Settings.Archive(
                path("howdah.archive.path", data.resolve("archive")),
                archiveFileName(),
                number("howdah.archive.workers", 1, 64),
                size("howdah.archive.scrub-rate", 0),
                duration("howdah.archive.scrub-every", Duration.ofSeconds(1))),
            new Settings.Work(
                duration("howdah.work.lease", Duration.ofSeconds(1)),
                duration("howdah.work.sweep", Duration.ofMillis(100)),
                number("howdah.work.max-attempts", 1, 1000)),
            pacsUpload(),
            batch(),
            DestinationKeys.read(values, batch(), complaints),
            sessions(data),
            sync(),
            hub(data),
            oneOf("howdah.log.level", Set.of("ERROR", "WARN", "INFO", "DEBUG")),
            crashPoint(),
            shown());
    openToStrangers(settings.http());
    folders(settings);
    openToStrangers(settings.management());
    if (settings.management().port() != 0
        && settings.management().port() == settings.http().port()) {
      complaints.add(
          "howdah.management.port and howdah.http.port are both "
              + settings.http().port()
              + "; the business port never serves what is meant for operators, choose another");
    }
    if (!complaints.isEmpty()) {
      throw new BadSettings(complaints);
    }
    return settings;
  }

  private DicomSettings dicom() {
    String peers = text("howdah.dicom.peers");
    String aeTitle = text("howdah.dicom.ae-title");
    for (Map.Entry<String, Runnable> each :
        Map.<String, Runnable>of(
                "howdah.dicom.peers", () -> PeerList.parse(peers),
                "howdah.dicom.ae-title",
                    () -> ServerSettings.of(aeTitle, "127.0.0.1", 0, PeerList.NONE))
            .entrySet()) {
      try {
        each.getValue().run();
      } catch (IllegalArgumentException e) {
        complaints.add(each.getKey() + ": " + e.getMessage());
      }
    }
    Optional<Path> tlsKey = optionalPath("howdah.dicom.tls-key-file");
    Optional<Path> tlsTrust = optionalPath("howdah.dicom.tls-trust-file");
    Optional<Path> tlsCertificate = optionalPath("howdah.dicom.tls-certificate-file");
    Optional<Path> tlsKeyPassword = optionalPath("howdah.dicom.tls-key-password-file");
    return new DicomSettings(
        flag("howdah.dicom.enabled"),
        peers,
        aeTitle,
        text("howdah.dicom.host"),
        number("howdah.dicom.port", 0, 65535),
        number("howdah.dicom.max-associations", 1, 1000),
        number("howdah.dicom.max-associations-per-peer", 1, 1000),
        size("howdah.dicom.max-object-size", 1),
        (int) Math.min(1024 * 1024, size("howdah.dicom.max-pdu", 4096)),
        number("howdah.dicom.window", 1, 1024),
        duration("howdah.dicom.idle-timeout", Duration.ofSeconds(1)),
        flag("howdah.dicom.accept-unknown-classes"),
        duration("howdah.dicom.commitment-overdue", Duration.ofSeconds(1)),
        tlsKey,
        tlsCertificate,
        tlsKeyPassword,
        tlsTrust,
        flag("howdah.dicom.tls-mutual"));
  }

  private Map<String, String> shown() {
    Map<String, String> shown = new TreeMap<>(values);
    shown.computeIfPresent(
        "howdah.pacs-upload.token", (key, value) -> value.isEmpty() ? value : HIDDEN);
    shown.computeIfPresent(
        "howdah.pacs-upload.proxy",
        (key, value) -> value.replaceFirst("//.*@", "//" + HIDDEN + "@"));
    return Collections.unmodifiableMap(shown);
  }

  private Settings.Hub hub(Path data) {
    return new Settings.Hub(
        path("howdah.hub.path", data.resolve("hub")),
        size("howdah.hub.max-size", 1),
        number("howdah.hub.max-open", 1, 1_000_000),
        size("howdah.hub.max-open-bytes", 1),
        duration("howdah.hub.expiry", Duration.ofSeconds(1)),
        duration("howdah.hub.silence", Duration.ofMillis(100)),
        duration("howdah.hub.lock-wait", Duration.ofMillis(100)),
        size("howdah.hub.sync-every", 64 * 1024),
        number("howdah.hub.workers", 1, 256),
        duration("howdah.hub.rejected-retention", Duration.ofSeconds(1)),
        duration("howdah.hub.tidy", Duration.ofMillis(100)),
        number("howdah.hub.max-manifest-files", 1, 1_000_000),
        number("howdah.hub.max-results", 1, 1_000_000));
  }

  private Settings.PacsUpload pacsUpload() {
    String contract = oneOf("howdah.pacs-upload.contract", Set.of("source-message-header", "v1"));
    URI usual =
        URI.create(
            contract.equals("v1")
                ? "http://localhost:8000/api/v1/dicom"
                : "http://localhost:8000/api/dicom/upload/");
    Settings.PacsUpload.Token token =
        new Settings.PacsUpload.Token(
            text("howdah.pacs-upload.token"),
            optionalPath("howdah.pacs-upload.token-file"),
            text("howdah.pacs-upload.token-command"));
    if (Stream.of(token.value(), token.file().map(Path::toString).orElse(""), token.command())
            .filter(text -> !text.isEmpty())
            .count()
        > 1) {
      complaints.add(
          "howdah.pacs-upload.token, token-file and token-command exclude each other: set one of them");
    }
    return new Settings.PacsUpload(
        path("howdah.pacs-upload.database", base),
        path("howdah.pacs-upload.storage", base),
        path("howdah.pacs-upload.worklist", base),
        contract,
        uri("howdah.pacs-upload.endpoint", Set.of("http", "https")).orElse(usual),
        token,
        seconds("howdah.pacs-upload.poll"),
        number("howdah.pacs-upload.batch-size", 1, 10_000),
        number("howdah.pacs-upload.max-attempts", 1, 1000),
        flag("howdah.pacs-upload.strict-compat"),
        number("howdah.pacs-upload.concurrency", 1, 64),
        number("howdah.pacs-upload.ahead", 1, 10_000),
        schedule("howdah.pacs-upload.ambiguous-schedule"),
        duration("howdah.pacs-upload.link-wait", Duration.ofSeconds(1)),
        base.resolve(text("howdah.pacs-upload.outcomes")).normalize(),
        duration("howdah.pacs-upload.connect-timeout", Duration.ofMillis(100)),
        duration("howdah.pacs-upload.response-timeout", Duration.ofMillis(100)),
        size("howdah.pacs-upload.min-rate", 1),
        uri("howdah.pacs-upload.proxy", Set.of("http")),
        optionalPath("howdah.pacs-upload.ca-file"),
        flag("howdah.pacs-upload.report-failures"),
        period("howdah.pacs-upload.canary"),
        duration("howdah.pacs-upload.busy-timeout", Duration.ofMillis(1)),
        duration("howdah.pacs-upload.retention", Duration.ofDays(1)));
  }

  private Settings.Batch batch() {
    return new Settings.Batch(
        duration("howdah.batch.quiet-period", Duration.ofMillis(1)),
        duration("howdah.batch.max-wait", Duration.ofMillis(1)),
        duration("howdah.batch.look-back", Duration.ZERO),
        duration("howdah.batch.stuck-after", Duration.ofSeconds(1)),
        duration("howdah.batch.retention", Duration.ofDays(1)),
        schedule("howdah.send.retry"),
        base.resolve(text("howdah.send.responses")).normalize(),
        number("howdah.send.concurrency", 1, 256));
  }

  private List<Duration> schedule(String key) {
    try {
      return pauses(text(key));
    } catch (IllegalArgumentException e) {
      complaints.add(key + " " + e.getMessage());
      return List.of(Duration.ofMinutes(1));
    }
  }

  private Settings.Sessions sessions(Path data) {
    List<Path> allowed = new ArrayList<>();
    for (String folder : text("howdah.sessions.allowed-paths").split(",")) {
      if (!folder.isBlank()) {
        allowed.add(base.resolve(folder.strip()).normalize());
      }
    }
    Optional<Path> keyFile = optionalPath("howdah.sessions.key-file");
    String command = text("howdah.sessions.key-command");
    if (keyFile.isPresent() && !command.isEmpty()) {
      complaints.add(
          "howdah.sessions.key-file and key-command exclude each other: set one of them");
    }
    return new Settings.Sessions(
        path("howdah.sessions.store", data.resolve("sessions")),
        List.copyOf(allowed),
        size("howdah.sessions.max-file-size", 1),
        number("howdah.sessions.max-open", 1, 10_000_000),
        number("howdah.sessions.max-opening", 1, 10_000),
        number("howdah.sessions.max-retries", 0, 1000),
        duration("howdah.sessions.retention", Duration.ZERO),
        keyFile.isPresent() || !command.isEmpty()
            ? Optional.of(new Settings.Sessions.SealKey(keyFile, command))
            : Optional.empty());
  }

  private Settings.Sync sync() {
    String rate = text("howdah.sync.rate");
    Optional<RateSchedule> schedule =
        RateSchedule.parse(rate, text -> Optional.of(sizeOf(text)).filter(bytes -> bytes > 0));
    if (schedule.isEmpty()) {
      complaints.add(
          "howdah.sync.rate must be such as 2MB/s, 20:00-06:00 unlimited, was '" + rate + "'");
    }
    return new Settings.Sync(
        uri("howdah.sync.hub.url", Set.of("http", "https")),
        optionalPath("howdah.sync.hub.key-file"),
        optionalPath("howdah.sync.hub.ca-file"),
        duration("howdah.sync.after", Duration.ZERO),
        number("howdah.sync.lanes", 1, 64),
        chunk("howdah.sync.chunk-size"),
        schedule.orElse(RateSchedule.UNLIMITED),
        zone("howdah.sync.time-zone"),
        oneOf("howdah.sync.compression", Set.of("none", "zstd")).equals("zstd"),
        duration("howdah.sync.connect-timeout", Duration.ofMillis(100)),
        duration("howdah.sync.response-timeout", Duration.ofMillis(100)),
        size("howdah.sync.min-rate", 1),
        duration("howdah.sync.probe", Duration.ofMillis(100)));
  }

  private int chunk(String key) {
    long chunk = size(key, 1024);
    if (chunk > 64L << 20) {
      complaints.add(
          key + " must be 64MB at most: a chunk is held in memory, was '" + text(key) + "'");
      return 64 << 20;
    }
    return (int) chunk;
  }

  private ZoneId zone(String key) {
    try {
      return text(key).isEmpty() ? ZoneId.systemDefault() : ZoneId.of(text(key));
    } catch (DateTimeException e) {
      complaints.add(key + " must be a time zone such as Europe/London, was '" + text(key) + "'");
      return ZoneId.systemDefault();
    }
  }

  /**
   * A schedule such as 5x1m,12x5m,24x1h: five pauses of a minute, twelve of five, 24 of an hour.
   *
   * @throws IllegalArgumentException when it is none
   */
  static List<Duration> pauses(String text) {
    List<Duration> pauses = new ArrayList<>();
    for (String part : text.split(",")) {
      Matcher matcher = PAUSES.matcher(part.strip());
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "must be a list such as 5x1m,12x5m,24x1h, was '" + text + "'");
      }
      pauses.addAll(
          Collections.nCopies(Integer.parseInt(matcher.group(1)), parsed(matcher.group(2)).get()));
    }
    return List.copyOf(pauses);
  }

  private void openToStrangers(Settings.Http http) {
    if (!http.isLoopback() && http.apiKeysFile().isEmpty() && !http.anonymous()) {
      complaints.add(
          "howdah.http.host="
              + http.host()
              + " would let anyone in: set howdah.http.api-keys-file, or howdah.http.anonymous=true on a network you trust");
    }
  }

  /** The inbox takes whatever lies below it, so nothing of our own may lie there. */
  private void folders(Settings settings) {
    Map<String, Path> folders = new TreeMap<>();
    folders.put("howdah.data", settings.data());
    folders.put("howdah.intake.uploads", settings.intake().uploads());
    folders.put("howdah.archive.path", settings.archive().path());
    folders.put("howdah.quarantine.path", settings.quarantine());
    folders.put("howdah.hub.path", settings.hub().path());
    Path inbox = settings.inbox().directory();
    folders.forEach(
        (key, folder) -> {
          if (folder.startsWith(inbox)) {
            complaints.add(key + " must not lie in howdah.inbox.directory, which is " + inbox);
          }
          folders.forEach(
              (other, its) -> {
                if (key.compareTo(other) < 0 && its.equals(folder)) {
                  complaints.add(key + " and " + other + " must not be the same folder");
                }
              });
        });
  }

  private String crashPoint() {
    String text = text("howdah.crashpoint");
    if (!CrashPoint.isKnown(text)) {
      complaints.add(
          "howdah.crashpoint must be NAME or NAME:n, one of "
              + Arrays.toString(CrashPoint.values())
              + ", was '"
              + text
              + "'");
    }
    return text;
  }

  private void openToStrangers(Settings.Management management) {
    if (!management.isLoopback() && management.usersFile().isEmpty()) {
      complaints.add(
          "howdah.management.host="
              + management.host()
              + " would show the console to other machines: set howdah.management.users-file, or keep 127.0.0.1");
    }
  }

  private Set<Role> roles() {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String name : text("howdah.roles").split(",")) {
      if (name.strip().equals("all")) {
        roles.addAll(EnumSet.allOf(Role.class));
        continue;
      }
      Arrays.stream(Role.values())
          .filter(role -> role.key().equals(name.strip()))
          .findFirst()
          .ifPresentOrElse(
              roles::add,
              () ->
                  complaints.add(
                      "howdah.roles: '"
                          + name.strip()
                          + "' is no role; there are all, "
                          + Arrays.stream(Role.values())
                              .map(Role::key)
                              .collect(Collectors.joining(", "))));
    }
    return roles;
  }

  private String databaseUrl(Path data) {
    String url = text("howdah.db.url");
    if (url.isEmpty()) {
      return "jdbc:sqlite:" + data.resolve("howdah.db");
    }
    if (!url.startsWith("jdbc:sqlite:") && !url.startsWith("jdbc:postgresql:")) {
      complaints.add("howdah.db.url must begin with jdbc:sqlite: or jdbc:postgresql:");
    }
    return url;
  }

  private String archiveFileName() {
    String name = text("howdah.archive.file-name");
    if (name.isEmpty()
        || name.contains("/")
        || name.contains("\\")
        || name.startsWith(".")
        || name.equals("metadata.json")) {
      complaints.add(
          "howdah.archive.file-name must be a plain file name such as original.dcm or {study_id}.dcm, was '"
              + name
              + "'");
    }
    return name;
  }
}
