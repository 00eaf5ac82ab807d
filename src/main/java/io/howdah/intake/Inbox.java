package io.howdah.intake;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.CrashPoint;
import io.howdah.disk.Disk;
import io.howdah.disk.Uploads;
import io.howdah.quarantine.Quarantine;
import io.howdah.settings.Settings;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes settled files out of the watched folder: copied and accepted first, moved to {@code .taken}
 * after; one that is refused goes to quarantine with its reason. Doing it twice is harmless,
 * because equal bytes are one study.
 */
public final class Inbox {
  private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);

  /** Files that may be remembered as not to be taken away. */
  private static final int IMMOVABLE = 10_000;

  private final Settings settings;
  private final Path directory;
  private final Path taken;
  private final Path arriving;
  private final Intake intake;
  private final Quarantine quarantine;
  private final Refusals refusals;
  private final InstantSource clock;
  private final Map<Path, Look> immovable = new ConcurrentHashMap<>();

  public Inbox(
      Settings settings,
      Intake intake,
      Quarantine quarantine,
      Refusals refusals,
      InstantSource clock) {
    this.settings = settings;
    this.directory = settings.inbox().directory();
    this.taken = directory.resolve(".taken");
    this.arriving = new Uploads(settings.intake().uploads()).arriving();
    this.intake = intake;
    this.quarantine = quarantine;
    this.refusals = refusals;
    this.clock = clock;
  }

  /** Makes the folder and the place for taken files. */
  public void prepare() throws IOException {
    Files.createDirectories(directory);
    Disk.createDirectories(taken);
  }

  /** False for a folder that is a link: what it leads to was not put here. */
  public boolean enters(File folder) {
    return !Files.isSymbolicLink(folder.toPath());
  }

  /**
   * @throws IOException when our own disk refused; the file then stays where it is
   */
  public UploadAnswer take(File settled) throws IOException {
    Path file = settled.toPath();
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        || !isReallyBelow(file)
        || Look.at(file).equals(immovable.get(file))) {
      return new UploadAnswer(List.of());
    }
    if (Disk.free(arriving) - Files.size(file) < settings.intake().diskReserve()) {
      throw new IOException("less than howdah.intake.disk-reserve is free");
    }
    ArrivingFile arriving =
        new ArrivingFile(
            this.arriving,
            file.getFileName().toString(),
            settings.intake().maxFileSize(),
            settings.intake().maxRequestSize());
    ArrivedFile arrived;
    try (InputStream in =
        Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      arriving.write(in);
      arrived = arriving.arrived();
    } catch (Refused e) {
      arriving.discard();
      refusals.refused(e.error());
      refuse(file, e.error());
      return new UploadAnswer(List.of(TakenIn.refused(e.error())));
    } catch (IOException | RuntimeException e) {
      arriving.discard();
      throw e;
    }
    try {
      UploadAnswer answer = intake.accept(new Upload("inbox", Optional.empty(), List.of(arrived)));
      CrashPoint.INBOX_ACCEPTED.reached();
      Optional<UploadError> error =
          answer.files().stream().flatMap(one -> one.refused().stream()).findFirst();
      if (error.isPresent()) {
        refuse(file, error.get());
      } else {
        LOG.info(
            "inbox file taken studies={} new={}", answer.files().size(), answer.accepted().size());
        String name = UUID.randomUUID() + "-" + shortened(file.getFileName().toString());
        leaveInbox(file, () -> Files.move(file, taken.resolve(name)));
      }
      return answer;
    } finally {
      Files.deleteIfExists(arrived.path());
    }
  }

  /** What its sender may do to a file after we looked at it, a link on the way to it included. */
  private boolean isReallyBelow(Path file) throws IOException {
    return file.toRealPath().equals(directory.toRealPath().resolve(directory.relativize(file)));
  }

  /** The bytes are safe with us; a file that cannot be taken away is not taken in again either. */
  private void leaveInbox(Path file, Departure departure) throws IOException {
    Look look = Look.at(file);
    try {
      departure.go();
    } catch (IOException e) {
      if (immovable.size() < IMMOVABLE) {
        immovable.put(file, look);
      }
      LOG.warn(
          "a file whose bytes are safe stays in the inbox and is left alone until it changes cause={};"
              + " give this user the right to remove files there",
          e.getClass().getSimpleName());
    }
  }

  @FunctionalInterface
  private interface Departure {
    void go() throws IOException;
  }

  /** What a file looked like; one that looks otherwise is another. */
  private record Look(long size, FileTime modified, Object key) {
    static Look at(Path file) throws IOException {
      BasicFileAttributes now =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return new Look(now.size(), now.lastModifiedTime(), now.fileKey());
    }
  }

  /**
   * At most 50 characters, which with the UUID before them fit into any file system's 255 bytes.
   */
  private static String shortened(String name) {
    String settled = Intake.settled(name);
    return settled.length() > 50 ? settled.substring(settled.length() - 50) : settled;
  }

  private void refuse(Path file, UploadError error) throws IOException {
    String sha256 = Disk.sha256(file);
    String id =
        UUID.nameUUIDFromBytes(sha256.getBytes(US_ASCII)).toString(); // the same if done again
    ObjectNode reason =
        JsonNodeFactory.instance
            .objectNode()
            .put("code", error.name())
            .put("message", error.sentence())
            .put("source", "inbox")
            .put("original_filename", Intake.settled(file.getFileName().toString()))
            .put("file_size", Files.size(file))
            .put("at", clock.instant().toString());
    Disk.syncFile(file);
    quarantine.hold(id, file, sha256, reason);
    leaveInbox(file, () -> Files.delete(file));
    LOG.warn("inbox file refused code={} quarantine={}", error, id);
  }

  /** Removes files taken longer ago than the retention time; how many. */
  public int forgetTaken() throws IOException {
    int[] removed = {0};
    Files.walkFileTree(
        taken,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (((FileTime) Files.getAttribute(file, "unix:ctime", LinkOption.NOFOLLOW_LINKS))
                .toInstant()
                .plus(settings.inbox().takenRetention())
                .isBefore(clock.instant())) {
              Files.delete(file);
              removed[0]++;
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return removed[0];
  }
}
