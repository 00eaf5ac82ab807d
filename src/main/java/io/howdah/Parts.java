package io.howdah;

import io.howdah.archive.Archive;
import io.howdah.archive.Scrub;
import io.howdah.describe.Description;
import io.howdah.describe.HeaderMetadata;
import io.howdah.disk.CrashPoint;
import io.howdah.disk.Disk;
import io.howdah.disk.StorageUnavailable;
import io.howdah.events.Backlog;
import io.howdah.events.Bell;
import io.howdah.events.Outbox;
import io.howdah.events.RedisRelay;
import io.howdah.http.AnswerProcessor;
import io.howdah.http.BusinessServer;
import io.howdah.http.Problems;
import io.howdah.intake.Canary;
import io.howdah.intake.Inbox;
import io.howdah.intake.Intake;
import io.howdah.intake.Reconciler;
import io.howdah.intake.UploadComponent;
import io.howdah.monitor.ArchiveBoard;
import io.howdah.monitor.CanaryBoard;
import io.howdah.monitor.Metrics;
import io.howdah.monitor.Monitor;
import io.howdah.pacsupload.PacsUploads;
import io.howdah.quarantine.Quarantine;
import io.howdah.settings.Role;
import io.howdah.settings.Settings;
import io.howdah.status.Stage;
import io.howdah.status.StatusApi;
import io.howdah.status.Studies;
import io.howdah.status.Work;
import io.howdah.storage.Database;
import io.howdah.storage.SqlOutbox;
import io.howdah.storage.SqlScrubLedger;
import io.howdah.storage.SqlStudies;
import io.howdah.validate.Examination;
import io.howdah.validate.ProfileExamination;
import io.howdah.validate.Profiles;
import io.howdah.validate.Validation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisClientConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.serializer.StringRedisSerializer;

/** Everything long-lived, made once and in order; the only place that says new for it. */
public final class Parts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Parts.class);
  private final Settings settings;
  private final InstantSource clock;
  private final Closing closing;
  private final Disk disk = new Disk();
  private final Metrics metrics;
  private final Database database;
  private final Studies studies;
  private final Outbox outbox;
  private final Work work;
  private final Quarantine quarantine;
  private final Intake intake;
  private final Inbox inbox;
  private final Optional<Canary> canary;
  private final Reconciler reconciler;
  private final Validation validation;
  private final Description description;
  private final Archive archive;
  private final Scrub scrub;
  private final Optional<ArchiveBoard> archiveBoard;
  private final BusinessServer server;
  private final Monitor monitor;
  private final Optional<PacsUploadParts> pacsUpload;
  private final BatchParts batch;
  private final Optional<SessionParts> sessions;
  private final DicomParts dicom;
  private final Optional<HubParts> hub;

  /**
   * @param closing is told of each part that must be let go as soon as there is one
   */
  private Parts(Settings settings, InstantSource clock, Closing closing) throws IOException {
    this.settings = settings;
    this.clock = clock;
    this.closing = closing;
    CrashPoint.arm(settings.crashPoint());
    Examination examination = new ProfileExamination(Profiles.in(settings.validation().profiles()));
    closing.last(DataDirectory.own(settings));
    String node =
        shortHostName()
            + "-"
            + ProcessHandle.current().pid()
            + "-"
            + UUID.randomUUID().toString().substring(0, 8);
    metrics = new Metrics(settings, clock);
    database = closing.last(Database.open(settings.database()));
    Set<Stage> stages = EnumSet.noneOf(Stage.class);
    Stream.of(Stage.values())
        .filter(stage -> settings.roles().contains(stage.role()))
        .forEach(stages::add);
    Set<Outbox.Target> targets = EnumSet.noneOf(Outbox.Target.class);
    settings.redis().ifPresent(uri -> targets.add(Outbox.Target.REDIS));
    settings.statusService().ifPresent(uri -> targets.add(Outbox.Target.STATUS_SERVICE));
    studies =
        metrics.measured(
            new SqlStudies(database, clock, node, settings.work().lease(), stages, targets));
    closing.last(this::releaseLeases);
    outbox = new SqlOutbox(database, clock, node);
    Folders folders = Folders.of(settings, database);
    work = new Work(studies, settings, folders.uploads(), disk, clock);
    if (settings.database().isSqlite()) {
      studies.freeAbandoned(List.copyOf(stages));
    }
    quarantine = new Quarantine(folders.quarantine(), disk);
    intake = new Intake(settings, disk, studies, metrics);
    inbox = new Inbox(settings, intake, quarantine, metrics, clock);
    canary =
        settings
            .intake()
            .canary()
            .filter(every -> settings.roles().contains(Role.GATEWAY))
            .map(every -> new Canary(settings, every, intake, studies, clock));
    if (settings.roles().contains(Role.GATEWAY)) {
      inbox.prepare();
    }
    reconciler =
        new Reconciler(settings, folders.uploads(), folders.archive(), studies, inbox, disk, clock);
    validation = new Validation(examination, studies, work, quarantine);
    description = new Description(settings, new HeaderMetadata(), studies, work);
    archive = new Archive(settings, folders.archive(), disk, studies, work, quarantine);
    SqlScrubLedger scrubLedger =
        new SqlScrubLedger(database, clock, node, settings.archive().scrubEvery());
    scrub = new Scrub(settings.archive(), folders.archive(), scrubLedger);
    archiveBoard =
        settings.roles().contains(Role.STORAGE) && settings.archive().scrubs()
            ? Optional.of(closing.last(new ArchiveBoard(metrics, scrubLedger::damaged)))
            : Optional.empty();
    server = new BusinessServer(settings.http(), metrics::throttled);
    dicom = closing.last(new DicomParts(settings, intake, database, clock, metrics));
    pacsUpload =
        settings.roles().contains(Role.PACS_UPLOAD)
            ? Optional.of(
                closing.last(new PacsUploadParts(settings, database, clock, node, metrics)))
            : Optional.empty();
    batch = closing.last(new BatchParts(settings, database, clock, node, metrics));
    sessions =
        settings.roles().contains(Role.SESSIONS) || settings.roles().contains(Role.SYNC)
            ? Optional.of(
                closing.last(
                    new SessionParts(
                        settings, database, disk, metrics, clock, node, server::getPort)))
            : Optional.empty();
    hub =
        settings.roles().contains(Role.HUB)
            ? Optional.of(closing.last(new HubParts(settings, database, disk, metrics, clock)))
            : Optional.empty();
    monitor =
        closing.last(
            new Monitor(
                settings,
                folders.inUse(),
                metrics,
                studies,
                outbox,
                database::probe,
                sessions.map(SessionParts::board),
                clock));
  }

  /** Makes the parts of this process; the wall clock is read nowhere else. */
  static Parts of(Settings settings) throws IOException {
    Closing closing = new Closing();
    try {
      return new Parts(settings, InstantSource.system(), closing);
    } catch (IOException | RuntimeException e) {
      try (closing) {
        throw e;
      }
    }
  }

  /** Gives the routes the names they use. */
  void bind(CamelContext context) {
    var registry = context.getRegistry();
    registry.bind("work", work);
    for (Stage stage : Stage.values()) {
      registry.bind(stage.key() + "Work", work.of(stage));
    }
    registry.bind("studies", Studies.class, studies);
    registry.bind("outbox", Outbox.class, outbox);
    registry.bind("redisBacklog", new Backlog(outbox, Outbox.Target.REDIS, System::nanoTime));
    registry.bind(
        "statusServiceBacklog",
        new Backlog(outbox, Outbox.Target.STATUS_SERVICE, System::nanoTime));
    registry.bind("intake", intake);
    registry.bind("inbox", inbox);
    canary.ifPresent(
        bird -> {
          registry.bind("canary", bird);
          HealthCheck check = new CanaryBoard(metrics, bird).check();
          registry.bind(check.getId(), HealthCheck.class, check);
        });
    registry.bind("reconciler", reconciler);
    registry.bind("validation", validation);
    registry.bind("description", description);
    registry.bind("archive", archive);
    registry.bind("scrub", scrub);
    archiveBoard
        .map(ArchiveBoard::check)
        .ifPresent(check -> registry.bind(check.getId(), HealthCheck.class, check));
    registry.bind("statusApi", new StatusApi(studies));
    registry.bind("problems", new Problems());
    registry.bind("answer", new AnswerProcessor());
    registry.bind("bell", new Bell());
    registry.bind("howdahDb", database.dataSource());
    monitor.bind(context);
    dicom.bind(context);
    pacsUpload.ifPresent(parts -> parts.bind(context));
    batch.bind(context);
    sessions.ifPresent(parts -> parts.bind(context));
    hub.ifPresent(parts -> parts.bind(context));
    settings
        .redis()
        .ifPresent(
            uri -> {
              JedisConnectionFactory redisConnections = redisConnections(uri);
              closing.last(redisConnections::destroy);
              redisConnections.afterPropertiesSet(); // start() alone would forget password and TLS
              StringRedisTemplate redis = new StringRedisTemplate(redisConnections);
              registry.bind("redisConnections", redisConnections);
              registry.bind("redisTemplate", redis);
              registry.bind("redisStrings", new StringRedisSerializer());
              registry.bind("redisRelay", new RedisRelay(redis));
            });
    if (servesHttp()) {
      context.addComponent("upload", new UploadComponent(settings, metrics));
      try {
        context.addService(server, true, true);
        server.start(); // its router is what the HTTP routes are put on, so it comes before them
      } catch (Exception e) {
        throw new IllegalStateException("the business port cannot be prepared", e);
      }
    }
  }

  /** Adds the routes that there is one of for each destination. */
  void addRoutes(CamelContext context) {
    batch.addRoutes(context);
  }

  /** {@code redis://user:password@host:port}, or {@code rediss://} for TLS. */
  private static JedisConnectionFactory redisConnections(URI uri) {
    RedisStandaloneConfiguration redis =
        new RedisStandaloneConfiguration(uri.getHost(), uri.getPort() < 0 ? 6379 : uri.getPort());
    if (uri.getUserInfo() != null) {
      String[] user = uri.getUserInfo().split(":", 2);
      if (!user[0].isEmpty() && user.length == 2) {
        redis.setUsername(user[0]);
      }
      redis.setPassword(user[user.length - 1]);
    }
    JedisClientConfiguration.JedisClientConfigurationBuilder client =
        JedisClientConfiguration.builder();
    if (uri.getScheme().equals("rediss")) {
      client.useSsl();
    }
    return new JedisConnectionFactory(redis, client.build());
  }

  /** Short enough for the column that holds it. */
  private static String shortHostName() throws IOException {
    String name = InetAddress.getLocalHost().getHostName();
    return name.substring(0, Math.min(40, name.length()));
  }

  private boolean servesHttp() {
    return Stream.of(Role.GATEWAY, Role.STATUS, Role.SESSIONS, Role.HUB)
        .anyMatch(settings.roles()::contains);
  }

  /** Lets callers in, once every route is ready. */
  void open() {
    monitor.open();
    if (servesHttp()) {
      server.open();
    }
  }

  /** The business port. */
  BusinessServer server() {
    return server;
  }

  /** The management port. */
  Monitor monitor() {
    return monitor;
  }

  /** The rows. */
  public Studies studies() {
    return studies;
  }

  /** The upload of another system's images, where this process has that role. */
  public Optional<PacsUploads> pacsUploads() {
    return pacsUpload.map(PacsUploadParts::uploads);
  }

  /** So that another process need not wait for them to run out. */
  private void releaseLeases() {
    try {
      int released = studies.releaseAll();
      if (released > 0) {
        LOG.info("leases given back studies={}", released);
      }
    } catch (StorageUnavailable e) {
      LOG.warn("leases left to run out cause={}", e.getMessage());
    }
  }

  @Override
  public void close() {
    closing.close();
  }
}
