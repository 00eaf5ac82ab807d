package io.howdah.disk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;

/**
 * Publishing bytes so that a power cut leaves either nothing or the whole file under its final
 * name: fsync the file, link it without overwriting, fsync the directory. Safe for use by many
 * threads.
 */
public final class Disk {
  private static final int BUFFER = 256 * 1024;

  /**
   * Small enough to be made and cleared for each file, and to stay in the cache until it is read.
   */
  private static final int READ_BUFFER = 64 * 1024;

  private final DirectorySync directories = new DirectorySync();

  /** A digest that is worked out when it is needed. */
  @FunctionalInterface
  public interface Digest {
    /** Lowercase hex. */
    String hex() throws IOException;
  }

  /** Creates a directory for this process and its group only (0750), with its parents. */
  public static void createDirectories(Path directory) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
  }

  /**
   * Opens a new file that only this process and its group read (0640); fails when the name is
   * taken.
   */
  public static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file,
        java.util.Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
  }

  /**
   * Gives {@code from} the further name {@code to}, on whatever device; an existing {@code to} with
   * the same digest counts as done, one with other bytes is never touched. The name is durable only
   * after {@link #syncDirectory}.
   *
   * @param sha256 lowercase hex digest the bytes must have; asked for only when the name is taken
   *     or the bytes are copied
   * @throws FileAlreadyExistsException when {@code to} holds other bytes
   * @throws IOException when the disk refused
   */
  public void link(Path from, Path to, Digest sha256) throws IOException {
    try {
      if (!sameDevice(from, to.getParent()) || !isLinked(from, to)) {
        copy(from, to, sha256.hex());
      }
    } catch (FileAlreadyExistsException e) {
      if (!Files.isRegularFile(to, LinkOption.NOFOLLOW_LINKS)
          || !(Files.isSameFile(from, to) || sha256(to).equals(sha256.hex()))) {
        throw e;
      }
    }
  }

  /**
   * False when a link is refused though the device is one: between two mounts of it, or of a file
   * that is another user's.
   */
  private static boolean isLinked(Path from, Path to) throws FileAlreadyExistsException {
    try {
      Files.createLink(to, from);
      return true;
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException e) {
      return false; // what else is wrong, a copy meets as well
    }
  }

  private static void copy(Path from, Path to, String sha256) throws IOException {
    // a name of its own, so that two that copy at once never publish each other's half
    Path part = to.resolveSibling("." + UUID.randomUUID() + ".part");
    try {
      MessageDigest digest = sha256();
      try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
          FileChannel out = create(part)) {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        while (in.read(buffer.clear()) >= 0) {
          digest.update(buffer.flip().duplicate());
          writeFully(out, buffer);
        }
        out.force(true);
      }
      if (!HexFormat.of().formatHex(digest.digest()).equals(sha256)) {
        throw new ChecksumMismatch(from.getFileName().toString());
      }
      Files.createLink(to, part);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Writes all that is left in {@code buffer}. */
  public static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** True when a link between the two needs no copy. */
  public static boolean sameDevice(Path one, Path other) throws IOException {
    return Files.getAttribute(one, "unix:dev").equals(Files.getAttribute(other, "unix:dev"));
  }

  /** Makes the names in a directory durable; concurrent callers share one fsync. */
  public void syncDirectory(Path directory) throws IOException {
    directories.sync(directory);
  }

  /** Makes the bytes of a closed file durable. */
  public static void syncFile(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Proves that a folder takes a file and makes it durable; leaves nothing behind, and finds what a
   * crash in the middle of it left.
   *
   * @throws IOException when it does not
   */
  public static void probe(Path folder) throws IOException {
    Path probe = folder.resolve(".howdah-probe");
    try {
      try (FileChannel channel =
          FileChannel.open(probe, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        writeFully(channel, ByteBuffer.wrap(new byte[] {1}));
        channel.force(true);
      }
      DirectorySync.syncAlone(folder);
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  /** Lowercase hex SHA-256 of a file's bytes. */
  public static String sha256(Path file) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[READ_BUFFER];
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Lowercase hex SHA-256 of a text's UTF-8 bytes. */
  public static String sha256(String text) {
    return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** A fresh SHA-256. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * Bytes this process may still write below {@code directory}; one system call, unlike a
   * FileStore, which reads the mount table each time.
   */
  public static long free(Path directory) throws IOException {
    long free = directory.toFile().getUsableSpace();
    if (free == 0 && !Files.isDirectory(directory)) {
      throw new NoSuchFileException(directory.getFileName().toString());
    }
    return free;
  }
}
