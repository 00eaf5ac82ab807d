package io.howdah.dicom.net;

import io.howdah.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes each object to a temporary file, hands it to a receiver when it is whole, and answers what
 * the receiver says. Safe for use by many threads.
 */
public final class FileSink implements StoreSink {
  private static final Logger LOG = LoggerFactory.getLogger(FileSink.class);

  private final Path directory;
  private final Options options;
  private final Receiver receiver;

  /**
   * @param sync whether a file is forced to the disk before it is handed on
   * @param digest whether its SHA-256 is computed while it comes in
   * @param reserve bytes of the disk that objects may not use: below it they are answered A700
   */
  public record Options(boolean sync, boolean digest, long reserve) {}

  /** Decides what becomes of a whole object. Called by many threads. */
  @FunctionalInterface
  public interface Receiver {
    /**
     * Keeps it; only when this returns is the peer answered, and the temporary file removed.
     *
     * @return {@link Status#SUCCESS} or a warning
     * @throws StoreRefused to answer with its status
     * @throws IOException our own trouble: the peer is told A700
     */
    int receive(ReceivedFile file) throws StoreRefused, IOException;
  }

  /**
   * @param directory exists; where the temporary files are
   */
  public FileSink(Path directory, Options options, Receiver receiver) {
    this.directory = directory;
    this.options = options;
    this.receiver = receiver;
  }

  @Override
  public Incoming open(AssociationInfo association, IncomingObject object)
      throws StoreRefused, IOException {
    if (options.reserve() > 0 && Disk.free(directory) < options.reserve()) {
      LOG.warn(
          "object refused peer={} status=A700: less than {} bytes are free",
          association.callingAe(),
          options.reserve());
      throw new StoreRefused(Status.OUT_OF_RESOURCES);
    }
    Path path = directory.resolve(UUID.randomUUID() + ".part");
    return new Arriving(path, Disk.create(path), association, object);
  }

  private final class Arriving implements Incoming {
    private final Path path;
    private final FileChannel channel;
    private final AssociationInfo association;
    private final IncomingObject object;
    private final FileDigest digest;
    private long size;

    Arriving(Path path, FileChannel channel, AssociationInfo association, IncomingObject object) {
      this.path = path;
      this.channel = channel;
      this.association = association;
      this.object = object;
      this.digest = options.digest() ? new FileDigest(path) : null;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      size += bytes.remaining();
      ByteBuffer same = bytes.duplicate();
      Disk.writeFully(channel, bytes);
      if (digest != null) {
        digest.written(same);
      }
    }

    @Override
    public int complete() throws StoreRefused, IOException {
      if (digest != null) {
        digest.begin();
      }
      if (options.sync()) {
        channel.force(true);
      }
      channel.close();
      String sha256 = digest == null ? "" : digest.hex();
      int status =
          receiver.receive(
              new ReceivedFile(path, size, sha256, options.sync(), object, association));
      remove();
      return status;
    }

    @Override
    public void discard() {
      try {
        channel.close();
      } catch (IOException e) {
        LOG.warn("a temporary file was not closed: {}", e.getClass().getSimpleName());
      }
      remove();
    }

    private void remove() {
      // not Files.deleteIfExists: most receivers have moved or removed it, and that costs an
      // exception
      if (!path.toFile().delete() && Files.exists(path)) {
        LOG.warn("a temporary file stays for now");
      }
    }
  }
}
