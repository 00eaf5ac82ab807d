package io.howdah.hub;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStream;
import io.howdah.disk.Disk;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/** Unpacks what was compressed for the wire (RFC 8878), to no more than it was said to be. */
final class Unpacking {
  private static final int BUFFER = 256 * 1024;

  /**
   * The most memory a frame may ask for: 8 MiB, as RFC 8878 §3.1.1.1.2 recommends, and as curl and
   * browsers have it.
   */
  private static final int WINDOW_LOG = 23;

  private Unpacking() {}

  /**
   * Writes the original of {@code packed} to {@code plain}, durable when this returns; doing it
   * twice is harmless.
   *
   * @param size bytes it is said to have; at most this many are written
   * @return the original's lowercase hex SHA-256, or nothing when it cannot be unpacked so
   * @throws IOException when the disk refused
   */
  static Optional<String> unpack(Path packed, Path plain, long size) throws IOException {
    Files.deleteIfExists(plain);
    MessageDigest digest = Disk.sha256();
    try (InputStream file = new BufferedInputStream(Files.newInputStream(packed), BUFFER);
        FileChannel out = Disk.create(plain)) {
      if (!unpack(file, out, size, digest)) {
        return Optional.empty();
      }
      out.force(true);
    }
    return Optional.of(HexFormat.of().formatHex(digest.digest()));
  }

  private static boolean unpack(
      InputStream packed, FileChannel out, long size, MessageDigest digest) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long written = 0;
    try (ZstdInputStream in = new ZstdInputStream(packed)) {
      in.setLongMax(WINDOW_LOG);
      for (int n = read(in, buffer); n >= 0; n = read(in, buffer)) {
        written += n;
        if (written > size) {
          return false;
        }
        digest.update(buffer, 0, n);
        Disk.writeFully(out, ByteBuffer.wrap(buffer, 0, n));
      }
      return written == size;
    } catch (Broken e) {
      return false;
    }
  }

  /** Tells bytes that cannot be unpacked from a disk that cannot be read. */
  private static int read(ZstdInputStream in, byte[] buffer) throws IOException, Broken {
    try {
      return in.read(buffer);
    } catch (ZstdIOException | java.io.EOFException e) {
      throw new Broken();
    }
  }

  private static final class Broken extends Exception {
    private static final long serialVersionUID = 1L;

    Broken() {
      super(null, null, false, false);
    }
  }
}
