package io.howdah.quarantine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.CrashPoint;
import io.howdah.disk.Disk;
import io.howdah.disk.OwnFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/**
 * Keeps bytes that go no further, each beside a {@code .reason.json} that says why. Safe for use by
 * many threads.
 */
public final class Quarantine {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final OwnFolder folder;
  private final Path directory;
  private final Disk disk;

  public Quarantine(OwnFolder folder, Disk disk) {
    this.folder = folder;
    this.directory = folder.path();
    this.disk = disk;
  }

  /** Where a study's bytes are kept. */
  public Path file(String studyId) {
    return directory.resolve(studyId + ".dcm");
  }

  /**
   * Puts a further name on {@code bytes} here and writes the reason, both durable when this
   * returns; doing it twice is harmless. The caller removes the old name once the row says so.
   *
   * @param reason codes, tags and sentences; no patient's data
   */
  public void hold(String studyId, Path bytes, String sha256, ObjectNode reason)
      throws IOException {
    folder.checked();
    Path reasonFile = directory.resolve(studyId + ".reason.json");
    Path part = directory.resolve("." + studyId + ".reason.part");
    Files.deleteIfExists(part);
    try (FileChannel channel = Disk.create(part)) {
      Disk.writeFully(
          channel,
          ByteBuffer.wrap(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(reason)));
      channel.force(true);
    }
    try {
      Files.createLink(reasonFile, part);
    } catch (FileAlreadyExistsException e) {
      // an earlier attempt wrote the reason; it stands
    }
    Files.delete(part);
    disk.link(bytes, file(studyId), () -> sha256);
    CrashPoint.QUARANTINE_LINKED.reached();
    disk.syncDirectory(directory);
  }

  /**
   * Gives a study's bytes the name {@code waiting} as well, durable when this returns, so that it
   * can go its way again; doing it twice is harmless. The name here stays until {@link #release},
   * and the reason goes, so that a new one can be written.
   *
   * @param now the bytes count as new from here on, and no copy of them as left over
   * @return false when there are no bytes, neither here nor there
   * @throws FileAlreadyExistsException when other bytes wait under that name
   */
  public boolean giveBack(String studyId, Path waiting, Instant now) throws IOException {
    folder.checked();
    Path held = file(studyId);
    if (Files.notExists(held)) {
      return Files.exists(waiting);
    }
    Files.setLastModifiedTime(held, FileTime.from(now));
    disk.link(held, waiting, () -> Disk.sha256(held));
    disk.syncDirectory(waiting.getParent());
    Files.deleteIfExists(directory.resolve(studyId + ".reason.json"));
    disk.syncDirectory(directory);
    return true;
  }

  /** Lets go of a study whose bytes are durable in the archive. */
  public void release(String studyId) throws IOException {
    Files.deleteIfExists(file(studyId));
    Files.deleteIfExists(directory.resolve(studyId + ".reason.json"));
  }
}
