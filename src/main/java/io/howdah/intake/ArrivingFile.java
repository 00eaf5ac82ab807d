package io.howdah.intake;

import io.howdah.disk.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/** A file on its way in: written, counted and digested in one pass. For one thread at a time. */
final class ArrivingFile implements Closeable {
  /** Bytes kept of a file's beginning, enough to tell what it is. */
  static final int HEAD = 4096;

  private final Path path;
  private final String originalName;
  private final long limit;
  private final long packedLimit;
  private final MessageDigest digest = Disk.sha256();
  private final FileChannel channel;
  private final byte[] head = new byte[HEAD];
  private long size;

  /**
   * @param directory where the temporary file is made; on the device of its final place
   * @param limit most bytes it may have
   */
  ArrivingFile(Path directory, String originalName, long limit) throws IOException {
    this(directory, originalName, limit, limit);
  }

  /**
   * @param packedLimit most bytes it may have when it is a ZIP, whose files are measured one by one
   */
  ArrivingFile(Path directory, String originalName, long limit, long packedLimit)
      throws IOException {
    this.path = directory.resolve(UUID.randomUUID() + ".part");
    this.originalName = originalName;
    this.limit = limit;
    this.packedLimit = packedLimit;
    this.channel = Disk.create(path);
  }

  /**
   * @throws Refused with TOO_LARGE when the file passes its limit
   */
  void write(ByteBuffer bytes) throws IOException, Refused {
    int length = bytes.remaining();
    if (size < HEAD) {
      bytes.duplicate().get(head, (int) size, (int) Math.min(HEAD - size, length));
    }
    if (size + length > limit && (size + length > packedLimit || !ZipArchive.isZip(head))) {
      throw new Refused(UploadError.TOO_LARGE);
    }
    digest.update(bytes.duplicate());
    Disk.writeFully(channel, bytes);
    size += length;
  }

  /** Writes all that {@code in} holds. */
  void write(InputStream in) throws IOException, Refused {
    byte[] buffer = new byte[128 * 1024];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      write(ByteBuffer.wrap(buffer, 0, n));
    }
  }

  /** Ends the writing; the bytes are complete but not durable. */
  ArrivedFile arrived() throws IOException {
    channel.close();
    return new ArrivedFile(
        path,
        originalName,
        size,
        HexFormat.of().formatHex(digest.digest()),
        Arrays.copyOf(head, (int) Math.min(HEAD, size)));
  }

  /** Gives the bytes up. */
  void discard() throws IOException {
    channel.close();
    Files.deleteIfExists(path);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
