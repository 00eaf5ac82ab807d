package io.howdah.intake;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.CrashPoint;
import io.howdah.disk.Disk;
import io.howdah.quarantine.Quarantine;
import io.howdah.settings.Settings;
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
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes settled files out of the watched folder: copied and accepted first, moved to {@code .taken}
 * after; one that is refused goes to quarantine with its reason. Doing it twice is harmless,
 * because equal bytes are one study.
 */
public final class Inbox {
  private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);
  private final Settings settings;
  private final Path directory;
  private final Path taken;
  private final Path arriving;
  private final Intake intake;
  private final Quarantine quarantine;
  private final Refusals refusals;
  private final InstantSource clock;

  public Inbox(
      Settings settings,
      Intake intake,
      Quarantine quarantine,
      Refusals refusals,
      InstantSource clock) {
    this.settings = settings;
    this.directory = settings.inbox().directory();
    this.taken = directory.resolve(".taken");
    this.arriving = settings.intake().uploads().resolve(".arriving");
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

  /**
   * @throws IOException when our own disk refused; the file then stays where it is
   */
  public UploadAnswer take(String path) throws IOException {
    Path file = Path.of(path);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
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
        Files.setLastModifiedTime(file, FileTime.from(clock.instant())); // its retention begins now
        Files.move(
            file,
            taken.resolve(UUID.randomUUID() + "-" + shortened(file.getFileName().toString())));
        LOG.info(
            "inbox file taken studies={} new={}", answer.files().size(), answer.accepted().size());
      }
      return answer;
    } finally {
      Files.deleteIfExists(arrived.path());
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
    Files.delete(file);
    LOG.warn("inbox file refused code={} quarantine={}", error, id);
  }

  /** Removes taken files older than the retention time; how many. */
  public int forgetTaken() throws IOException {
    int[] removed = {0};
    Files.walkFileTree(
        taken,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes
                .lastModifiedTime()
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
