package io.howdah.hub;

import io.howdah.disk.Disk;
import io.howdah.disk.OwnFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The files of all unfinished uploads, owned by this process alone: turns are taken in its memory.
 * Safe for use by many threads.
 */
public final class UploadFiles implements AutoCloseable {
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private final OwnFolder hub;
  private final Path directory;
  private final Disk disk;
  private final FileChannel lock;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  /** An upload's file, and who may touch it now. */
  static final class Entry {
    private final UploadFile file;
    private final Turns turns = new Turns();
    private int visitors;
    private long left;

    private Entry(UploadFile file) {
      this.file = file;
    }

    UploadFile file() {
      return file;
    }

    Turns turns() {
      return turns;
    }
  }

  /**
   * @param hub the hub's folder
   * @throws IOException when another process has it, or the disk refused
   */
  public UploadFiles(OwnFolder hub, Disk disk) throws IOException {
    this.hub = hub;
    this.directory = hub.path().resolve("uploads");
    this.disk = disk;
    Disk.createDirectories(directory);
    disk.syncDirectory(hub.path());
    lock =
        FileChannel.open(
            hub.path().resolve(".hub.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock own = null;
    try {
      own = lock.tryLock();
    } finally {
      if (own == null) {
        lock.close();
      }
    }
    if (own == null) {
      throw new IOException(
          "another process is the hub of "
              + hub.path()
              + "; stop it, or give this one a folder of its own (howdah.hub.path)");
    }
  }

  /** Where an upload's bytes are. */
  Path file(String uploadId) {
    return directory.resolve(uploadId + ".part");
  }

  /** Where a compressed upload is unpacked to. */
  Path unpacked(String uploadId) {
    return directory.resolve(uploadId + ".plain");
  }

  /** Where all of them are. */
  Path directory() {
    return directory;
  }

  /**
   * Where all of them are, proven to be ours and no empty mount point.
   *
   * @throws io.howdah.disk.FolderNotOurs when it is not
   */
  Path checked() throws IOException {
    hub.checked();
    return directory;
  }

  /** Begins to use an upload's file; every call is followed by one of {@link #exit}. */
  Entry enter(String uploadId) {
    return entries.compute(
        uploadId,
        (id, known) -> {
          Entry entry = known == null ? new Entry(new UploadFile(file(id), disk)) : known;
          entry.visitors++;
          return entry;
        });
  }

  /** Ends to use it. */
  void exit(String uploadId) {
    entries.computeIfPresent(
        uploadId,
        (id, entry) -> {
          entry.visitors--;
          entry.left = System.nanoTime();
          return entry;
        });
  }

  /** The digest of a whole upload's bytes, when it was kept while they came. */
  Optional<String> digest(String uploadId) {
    Entry entry = entries.get(uploadId);
    return entry == null ? Optional.empty() : entry.file.digest();
  }

  /** True when nobody uses it now. */
  boolean isIdle(String uploadId) {
    Entry entry = entries.get(uploadId);
    return entry == null || entry.turns.isIdle();
  }

  /** Bytes of it that survive a power cut; for one that is idle. */
  long offset(String uploadId) throws IOException {
    Entry entry = enter(uploadId);
    try {
      return entry.file.offset();
    } finally {
      exit(uploadId);
    }
  }

  /** When bytes last came. */
  Optional<Instant> lastWritten(String uploadId) throws IOException {
    try {
      return Optional.of(Files.getLastModifiedTime(file(uploadId)).toInstant());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Lets an upload's bytes go; doing it twice is harmless. */
  void remove(String uploadId) throws IOException {
    Files.deleteIfExists(file(uploadId));
    Files.deleteIfExists(unpacked(uploadId));
    entries.computeIfPresent(uploadId, (id, entry) -> entry.visitors == 0 ? null : entry);
  }

  /** Forgets what is known of uploads nobody has touched for a while; their files stay. */
  void forgetIdle() {
    long now = System.nanoTime();
    entries
        .keySet()
        .forEach(
            id ->
                entries.computeIfPresent(
                    id,
                    (same, entry) ->
                        entry.visitors == 0 && now - entry.left > REMEMBERED.toNanos()
                            ? null
                            : entry));
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
