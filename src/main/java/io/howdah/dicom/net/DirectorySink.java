package io.howdah.dicom.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps objects as {@code SOP-INSTANCE-UID.dcm} in one directory, visible only when whole; an
 * object that comes again takes the place of the one before. Safe for use by many threads.
 */
public final class DirectorySink implements StoreSink {
  private final Path directory;
  private final boolean durable;
  private final AtomicLong parts = new AtomicLong();

  /**
   * @param directory exists
   * @param durable whether each object is forced to the disk before its answer
   */
  public DirectorySink(Path directory, boolean durable) {
    this.directory = directory;
    this.durable = durable;
  }

  @Override
  public Incoming open(AssociationInfo association, IncomingObject object) throws IOException {
    Path part = directory.resolve("." + parts.incrementAndGet() + ".part");
    Path whole = directory.resolve(object.sopInstance() + ".dcm");
    return new Part(
        FileChannel.open(
            part,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE),
        part,
        whole);
  }

  @Override
  public boolean completesAtOnce() {
    return !durable;
  }

  private final class Part implements Incoming {
    private final FileChannel channel;
    private final Path part;
    private final Path whole;

    Part(FileChannel channel, Path part, Path whole) {
      this.channel = channel;
      this.part = part;
      this.whole = whole;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    @Override
    public int complete() throws IOException {
      if (durable) {
        channel.force(true);
      }
      channel.close();
      Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      if (durable) {
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
          names.force(true);
        }
      }
      return Status.SUCCESS;
    }

    @Override
    public void discard() {
      try {
        channel.close();
        Files.deleteIfExists(part);
      } catch (IOException ignored) {
        // a part that stays behind is never taken for an object
      }
    }
  }
}
