package io.howdah.session;

import io.howdah.disk.ChecksumMismatch;
import io.howdah.disk.CrashPoint;
import io.howdah.disk.DirectorySync;
import io.howdah.disk.Disk;
import io.howdah.settings.Settings;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The copies of files that wait to be acknowledged, under names that are random UUIDs. Only what
 * lies here is ever read again or deleted; what a client named is read once. Safe for use by many
 * threads.
 */
public final class LocalStore {
  private static final int BUFFER = 256 * 1024;

  /** What the wire form of a copy is called beside it. */
  private static final String PACKED = ".packed";

  private final Path directory;
  private final Path arriving;
  private final Disk disk;
  private final Optional<Seal> seal;

  public LocalStore(Settings.Sessions settings, Disk disk, Optional<Seal> seal) throws IOException {
    this.directory = settings.store();
    this.arriving = directory.resolve(".arriving");
    this.disk = disk;
    this.seal = seal;
    Disk.createDirectories(arriving);
  }

  /** Where the copies are. */
  public Path directory() {
    return directory;
  }

  /** More bytes than a session may have. */
  public static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;

    TooLarge(long limit) {
      super(
          "the file is larger than the "
              + limit
              + " bytes that howdah.sessions.max-file-size allows");
    }
  }

  /** A copy that nobody knows of yet: it is gone when closed, unless it was published. */
  public final class Arrived implements Closeable {
    private final String name = UUID.randomUUID().toString();
    private final Path part = arriving.resolve(name + ".part");
    private long size;
    private String sha256 = "";

    /** The name it will have, or has. */
    public String name() {
      return name;
    }

    public long size() {
      return size;
    }

    /** Lowercase hex digest of its bytes as they came. */
    public String sha256() {
      return sha256;
    }

    public boolean isSealed() {
      return seal.isPresent();
    }

    /** Gives it its name for good: it survives a power cut when this returns. */
    public void publish() throws IOException {
      Files.createLink(directory.resolve(name), part);
      disk.syncDirectory(directory);
      CrashPoint.SESSION_PUBLISHED.reached();
    }

    /** Takes the name back. */
    public void withdraw() throws IOException {
      Files.deleteIfExists(directory.resolve(name));
    }

    @Override
    public void close() throws IOException {
      Files.deleteIfExists(part);
    }
  }

  /**
   * Copies and digests in one pass; the copy's bytes are durable when this returns.
   *
   * @throws TooLarge when more than {@code limit} bytes come
   */
  public Arrived take(ReadableByteChannel from, long limit) throws IOException {
    Arrived arrived = new Arrived();
    try (FileChannel file = Disk.create(arrived.part)) {
      MessageDigest digest = Disk.sha256();
      WritableByteChannel to =
          seal.isPresent() ? seal.get().sealing(keptOpen(file), arrived.name) : keptOpen(file);
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      while (from.read(buffer.clear()) >= 0) {
        arrived.size += buffer.flip().remaining();
        if (arrived.size > limit) {
          throw new TooLarge(limit);
        }
        digest.update(buffer.duplicate());
        writeFully(to, buffer);
      }
      to.close();
      file.force(true);
      arrived.sha256 = HexFormat.of().formatHex(digest.digest());
      CrashPoint.SESSION_FILE_SYNCED.reached();
      return arrived;
    } catch (IOException | RuntimeException e) {
      arrived.close();
      throw e;
    }
  }

  /** A sealed channel's end must not close the file before it is synced. */
  private static WritableByteChannel keptOpen(FileChannel file) {
    return new WritableByteChannel() {
      @Override
      public int write(ByteBuffer bytes) throws IOException {
        return file.write(bytes);
      }

      @Override
      public boolean isOpen() {
        return file.isOpen();
      }

      @Override
      public void close() {}
    };
  }

  private static void writeFully(WritableByteChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  /** The bytes of a session's copy, as they came. */
  public SeekableByteChannel open(SessionFacts facts) throws IOException {
    return open(facts.localName(), facts.sealed());
  }

  private SeekableByteChannel open(String name, boolean sealed) throws IOException {
    SeekableByteChannel file =
        Files.newByteChannel(
            inStore(name), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    try {
      if (!sealed) {
        return file;
      }
      return seal.orElseThrow(
              () -> new IOException("the copy is sealed and no key of sessions is set"))
          .opening(file, name);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private Path inStore(String name) {
    Path path = directory.resolve(name);
    if (!path.getParent().equals(directory)) {
      throw new IllegalArgumentException("a copy's name is no path");
    }
    return path;
  }

  /**
   * Reads a session's copy to its end.
   *
   * @throws ChecksumMismatch when its bytes are not the ones that came
   */
  public void verify(SessionFacts facts) throws IOException {
    MessageDigest digest = Disk.sha256();
    try (SeekableByteChannel from = open(facts)) {
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      while (from.read(buffer.clear()) >= 0) {
        digest.update(buffer.flip());
      }
    }
    if (!HexFormat.of().formatHex(digest.digest()).equals(facts.sha256())) {
      throw new ChecksumMismatch("the copy of session " + facts.sessionId());
    }
  }

  /** Changes when anybody writes to the copy or replaces it. */
  public Object stamp(SessionFacts facts) throws IOException {
    return Files.readAttributes(
        inStore(facts.localName()), "unix:ino,size,ctime", LinkOption.NOFOLLOW_LINKS);
  }

  /** What turns a copy into its form on the wire. */
  public interface Packer {
    void pack(SeekableByteChannel from, WritableByteChannel to) throws IOException;
  }

  /**
   * Keeps another form of a copy beside it, sealed as the copy is and as durable.
   *
   * @return its bytes
   */
  public long pack(SessionFacts facts, Packer packer) throws IOException {
    String name = facts.localName() + PACKED;
    Path part = arriving.resolve(UUID.randomUUID() + ".part");
    long[] size = new long[1];
    try (FileChannel file = Disk.create(part);
        SeekableByteChannel from = open(facts)) {
      WritableByteChannel to =
          facts.sealed() ? seal.orElseThrow().sealing(keptOpen(file), name) : keptOpen(file);
      packer.pack(from, counting(to, size));
      to.close();
      file.force(true);
      Files.deleteIfExists(inStore(name)); // of an attempt that ended before the row knew of it
      Files.createLink(inStore(name), part);
      disk.syncDirectory(directory);
      return size[0];
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Removes the other form of a copy. */
  public void unpack(SessionFacts facts) throws IOException {
    Files.deleteIfExists(inStore(facts.localName() + PACKED));
  }

  private static WritableByteChannel counting(WritableByteChannel to, long[] size) {
    return new WritableByteChannel() {
      @Override
      public int write(ByteBuffer bytes) throws IOException {
        int written = to.write(bytes);
        size[0] += written;
        return written;
      }

      @Override
      public boolean isOpen() {
        return to.isOpen();
      }

      @Override
      public void close() {}
    };
  }

  /** The bytes as they go over the wire. */
  public SeekableByteChannel openWire(Session session) throws IOException {
    SessionFacts facts = session.facts();
    return session.progress().packing().isPresent()
        ? open(facts.localName() + PACKED, facts.sealed())
        : open(facts);
  }

  /** Removes a session's copy, in whichever forms it is there; true when there was one. */
  public boolean delete(SessionFacts facts) throws IOException {
    Files.deleteIfExists(inStore(facts.localName() + PACKED));
    boolean there = Files.deleteIfExists(inStore(facts.localName()));
    DirectorySync.syncAlone(directory);
    CrashPoint.SESSION_FILE_DELETED.reached();
    return there;
  }

  /** Names of files last changed before {@code before} that could be copies. */
  List<String> namesOlderThan(Instant before) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (isOld(file, before)) {
          names.add(file.getFileName().toString());
        }
      }
    }
    return names;
  }

  /** The copy a file in the store belongs to. */
  static String copyOf(String name) {
    return name.endsWith(PACKED) ? name.substring(0, name.length() - PACKED.length()) : name;
  }

  /** Removes a file of the store that belongs to no row. */
  void removeOrphan(String name) throws IOException {
    Files.deleteIfExists(inStore(name));
  }

  /** Removes what arrivals left behind that ended before {@code before}. */
  int removeUnfinished(Instant before) throws IOException {
    int removed = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(arriving)) {
      for (Path file : files) {
        if (isOld(file, before) && Files.deleteIfExists(file)) {
          removed++;
        }
      }
    }
    return removed;
  }

  private static boolean isOld(Path file, Instant before) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return attributes.isRegularFile() && attributes.lastModifiedTime().toInstant().isBefore(before);
  }
}
