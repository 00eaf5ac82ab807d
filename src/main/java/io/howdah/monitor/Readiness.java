package io.howdah.monitor;

import io.howdah.disk.Disk;
import io.howdah.disk.FolderNotOurs;
import io.howdah.disk.OwnFolder;
import io.howdah.disk.StorageUnavailable;
import io.howdah.events.Outbox;
import io.howdah.settings.Role;
import io.howdah.settings.Settings;
import io.howdah.status.Stage;
import io.howdah.status.Studies;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;

/**
 * Whether callers should come here, and if not, why and what to do. Only what stops our own work
 * makes us not ready; a Redis that is away, or a stage of another process, is a note. Safe for use
 * by many threads.
 */
final class Readiness {
  /**
   * The share of the reserve that is asked for beside it: an upload is refused already when the
   * reserve would not be left after it, so a disk that takes no upload of usual size may never get
   * below the reserve itself.
   */
  private static final int BESIDE = 10;

  private final Settings settings;
  private final List<OwnFolder> folders;
  private final Runnable writeProbe;
  private final Backlog backlog;
  private final InstantSource clock;

  /**
   * @param folders those that this process works in
   * @param writeProbe throws StorageUnavailable when the database takes no write
   */
  Readiness(
      Settings settings,
      List<OwnFolder> folders,
      Runnable writeProbe,
      Backlog backlog,
      InstantSource clock) {
    this.settings = settings;
    this.folders = List.copyOf(folders);
    this.writeProbe = writeProbe;
    this.backlog = backlog;
    this.clock = clock;
  }

  /** The checks of this process's roles, by name. */
  List<ReadinessCheck> checks(CamelContext context) {
    Map<String, Supplier<Condition>> all = new LinkedHashMap<>();
    all.put("database", this::database);
    if (!folders.isEmpty()) {
      all.put("folders", this::folders);
      all.put("devices", this::devices);
      all.put("disk", this::disk);
    }
    if (settings.roles().contains(Role.GATEWAY)) {
      all.put("inbox", this::inbox);
    }
    for (Stage stage : Stage.values()) {
      all.put("stage-" + stage.key(), () -> stage(stage));
    }
    all.put("routes", () -> routes(context));
    settings.redis().ifPresent(uri -> all.put("redis", () -> redis(uri)));
    settings.redis().ifPresent(uri -> all.put("outbox-redis", () -> outbox(Outbox.Target.REDIS)));
    settings
        .statusService()
        .ifPresent(
            uri -> all.put("outbox-status-service", () -> outbox(Outbox.Target.STATUS_SERVICE)));
    List<ReadinessCheck> checks = new ArrayList<>();
    all.forEach((name, look) -> checks.add(new ReadinessCheck(name, look)));
    return checks;
  }

  private Condition database() {
    try {
      writeProbe.run();
      return Condition.WELL;
    } catch (StorageUnavailable e) {
      return Condition.down(
          "DATABASE_NOT_WRITABLE",
          "the database takes no write, so nothing new is accepted and accepted work waits; "
              + (settings.database().isSqlite()
                  ? "check the free space and the rights of howdah.db in the data directory"
                  : "check that the server of howdah.db.url answers and lets this user write"));
    }
  }

  private Condition folders() {
    for (OwnFolder folder : folders) {
      if (!Files.isDirectory(folder.path())) {
        return Condition.down(
            "FOLDER_MISSING",
            "the " + folder.name() + " folder is not there; mount it or put it back");
      }
      if (!folder.isOurs()) {
        return Condition.down("FOLDER_NOT_OURS", new FolderNotOurs(folder.name()).getMessage());
      }
      try {
        Disk.probe(folder.path());
      } catch (IOException e) {
        return Condition.down(
            "FOLDER_NOT_WRITABLE",
            "the "
                + folder.name()
                + " folder takes no file; check its rights, its free space and inodes, its disk, and whether it is mounted read-only");
      }
    }
    return Condition.WELL;
  }

  private Condition devices() {
    try {
      Path uploads = settings.intake().uploads();
      if (!Disk.sameDevice(uploads, settings.archive().path())) {
        return copies("archive");
      }
      return Disk.sameDevice(uploads, settings.quarantine())
          ? Condition.WELL
          : copies("quarantine");
    } catch (IOException e) {
      return Condition.WELL; // the folders check tells of it
    }
  }

  private static Condition copies(String folder) {
    return Condition.note(
        "OTHER_DEVICE",
        "uploads and "
            + folder
            + " are on different devices, so every file is copied between them instead of linked; put them on one to be faster");
  }

  private Condition disk() {
    long reserve = settings.intake().diskReserve();
    for (OwnFolder folder : folders) {
      try {
        if (Disk.free(folder.path()) < reserve + reserve / BESIDE) {
          return Condition.down(
              "DISK_RESERVE",
              "not much more than howdah.intake.disk-reserve is free where the "
                  + folder.name()
                  + " folder is, and uploads that would leave less are answered 507; make room"
                  + " there");
        }
      } catch (IOException e) {
        return Condition.down(
            "DISK_UNREADABLE",
            "the free space where the "
                + folder.name()
                + " folder is cannot be read; check the mount");
      }
    }
    return Condition.WELL;
  }

  private Condition inbox() {
    return Files.isWritable(settings.inbox().directory())
        ? Condition.WELL
        : Condition.note(
            "INBOX_IDLE",
            "the inbox folder is not there or cannot be written, so nothing is taken from it; uploads go on");
  }

  private Condition stage(Stage stage) {
    Optional<Duration> age =
        Optional.ofNullable(backlog.seen().stages().get(stage))
            .flatMap(Studies.Waiting::oldest)
            .map(this::ageOf);
    if (age.isEmpty() || age.get().compareTo(settings.health().stageAge()) <= 0) {
      return Condition.WELL;
    }
    long count = backlog.seen().stages().get(stage).count();
    String seen =
        count
            + (count == 1 ? " study waits" : " studies wait")
            + " for the "
            + stage.key()
            + " stage, the oldest accepted "
            + age.get().toSeconds()
            + " s ago; ";
    return settings.roles().contains(stage.role())
        ? Condition.down(
            "STAGE_BEHIND",
            seen + "look for its errors in the log, or raise howdah." + stage.key() + ".workers")
        : Condition.note(
            "STAGE_BEHIND", seen + "see whether a process with that role runs and is ready");
  }

  private Duration ageOf(Instant since) {
    return Duration.between(since, clock.instant());
  }

  private Condition outbox(Outbox.Target target) {
    Outbox.Backlog unsent = backlog.seen().outbox().get(target);
    if (unsent == null
        || unsent
            .oldest()
            .map(this::ageOf)
            .filter(age -> age.compareTo(settings.health().stageAge()) > 0)
            .isEmpty()) {
      return Condition.WELL;
    }
    return Condition.note(
        "OUTBOX_BEHIND",
        unsent.count()
            + " messages wait to be sent, the oldest for "
            + ageOf(unsent.oldest().get()).toSeconds()
            + " s; they are kept and sent in order once "
            + (target == Outbox.Target.REDIS
                ? "howdah.redis.url answers"
                : "howdah.status.service-url answers"));
  }

  private static Condition redis(URI uri) {
    try {
      RedisPing.ping(uri);
      return Condition.WELL;
    } catch (IOException e) {
      return Condition.note(
          "REDIS_AWAY",
          "howdah.redis.url does not answer; intake and archive go on, events wait in the outbox, and stages in other processes find their work by the sweep");
    }
  }

  /** Routes that only carry events may wait for their source; the others are our work. */
  private static Condition routes(CamelContext context) {
    List<String> idle = new ArrayList<>();
    List<String> stopped = new ArrayList<>();
    for (Route route : context.getRoutes()) {
      if (context.getRouteController().getRouteStatus(route.getId()) != ServiceStatus.Started) {
        (route.getId().startsWith("events-") ? idle : stopped).add(route.getId());
      }
    }
    if (!stopped.isEmpty()) {
      return Condition.down(
          "ROUTE_STOPPED",
          "not running: "
              + String.join(", ", stopped)
              + "; start them in the console, or look in the log for why they did not start");
    }
    return idle.isEmpty()
        ? Condition.WELL
        : Condition.note(
            "ROUTE_IDLE",
            "idle because what they listen to is not there: "
                + String.join(", ", idle)
                + "; they are tried again every few seconds");
  }
}
