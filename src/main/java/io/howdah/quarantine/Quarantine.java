package io.howdah.quarantine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.CrashPoint;
import io.howdah.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps bytes that go no further, each beside a {@code .reason.json} that says why. Safe for use by
 * many threads.
 */
public final class Quarantine {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Path directory;
  private final Disk disk;

  public Quarantine(Path directory, Disk disk) {
    this.directory = directory;
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
    disk.link(bytes, file(studyId), sha256);
    CrashPoint.QUARANTINE_LINKED.reached();
    disk.syncDirectory(directory);
  }
}
