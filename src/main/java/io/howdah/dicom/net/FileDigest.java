package io.howdah.dicom.net;

import io.howdah.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The SHA-256 of a file that is being written. Of a small file it is ready with the last byte; of a
 * larger one the rest is read back, which is still in memory, while the writer waits for the disk;
 * of one that may not stay in memory it goes along with the writing. For one thread.
 */
final class FileDigest {
  private static final int AT_ONCE = 64 * 1024;
  private static final long IN_MEMORY = 8L * 1024 * 1024;
  private static final int BUFFER = 256 * 1024;

  /** As many as share the processors with those who receive. */
  private static final ThreadPoolExecutor READERS =
      new ThreadPoolExecutor(
          4,
          4,
          10,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          task -> {
            Thread thread = new Thread(task, "dicom-digest");
            thread.setDaemon(true);
            return thread;
          });

  static {
    READERS.allowCoreThreadTimeOut(true);
  }

  private final Path file;
  private final MessageDigest digest = Disk.sha256();
  private long written;
  private long digested;
  private boolean along;
  private Future<?> rest;

  FileDigest(Path file) {
    this.file = file;
  }

  /**
   * @param bytes that were just appended to the file
   */
  void written(ByteBuffer bytes) throws IOException {
    if (digested == written && (written < AT_ONCE || along)) {
      digested += bytes.remaining();
      digest.update(bytes.duplicate());
      written = digested;
      return;
    }
    written += bytes.remaining();
    if (written > IN_MEMORY) {
      readBack();
      along = true;
    }
  }

  /** All has been written: whatever is still to be digested is digested from now on. */
  void begin() {
    if (digested < written) {
      rest =
          READERS.submit(
              () -> {
                readBack();
                return null;
              });
    }
  }

  /** Lowercase hex, after {@link #begin}. */
  String hex() throws IOException {
    if (rest != null) {
      try {
        rest.get();
      } catch (ExecutionException | CancellationException e) {
        throw new IOException("a file that was just written cannot be read", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private void readBack() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER, written - digested));
      while (digested < written) {
        int n = channel.read(buffer.clear(), digested);
        if (n < 0) {
          throw new IOException("the file is shorter than what was written");
        }
        digest.update(buffer.flip());
        digested += n;
      }
    }
  }
}
