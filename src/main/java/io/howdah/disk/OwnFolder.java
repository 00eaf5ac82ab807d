package io.howdah.disk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/**
 * A folder that the rows speak of, told from an empty mount point and from another gateway's folder
 * by a file in it that carries the id the database knows it by. Safe for use by many threads.
 */
public final class OwnFolder {
  /** The file that carries the id. */
  public static final String SENTINEL = ".howdah-store";

  private static final int LONGEST_ID = 64;

  private final String name;
  private final Path path;
  private final String id;

  /**
   * @param name what people call it: uploads, archive, quarantine
   * @param id what the database knows it by
   */
  public OwnFolder(String name, Path path, String id) {
    this.name = name;
    this.path = path;
    this.id = id;
  }

  /** What people call it. */
  public String name() {
    return name;
  }

  /** Where it is, whatever is mounted there. */
  public Path path() {
    return path;
  }

  /**
   * Where it is, proven to be the folder that the rows speak of.
   *
   * @throws FolderNotOurs when nothing is mounted there, or something else
   */
  public Path checked() throws IOException {
    if (!isOurs()) {
      throw new FolderNotOurs(name);
    }
    return path;
  }

  /** True when what is there now is the folder that the rows speak of. */
  public boolean isOurs() {
    try {
      return idIn(path).filter(id::equals).isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /** The id that a folder carries; empty when it carries none. */
  public static Optional<String> idIn(Path folder) throws IOException {
    Path sentinel = folder.resolve(SENTINEL);
    if (Files.notExists(sentinel) || Files.size(sentinel) > LONGEST_ID) {
      return Optional.empty();
    }
    return Optional.of(Files.readString(sentinel, StandardCharsets.ISO_8859_1).strip())
        .filter(text -> !text.isEmpty());
  }

  /** Makes it carry its id, durably; doing it twice is harmless. */
  public void mark() throws IOException {
    Path part = path.resolve(SENTINEL + "." + UUID.randomUUID());
    try {
      Disk.create(part).close();
      Files.writeString(part, id + "\n", StandardCharsets.ISO_8859_1);
      Disk.syncFile(part);
      Files.move(part, path.resolve(SENTINEL), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
    DirectorySync.syncAlone(path);
  }
}
