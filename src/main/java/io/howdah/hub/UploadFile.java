package io.howdah.hub;

import io.howdah.disk.CrashPoint;
import io.howdah.disk.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * The bytes of one upload that have come: a file whose length is the upload's offset. An offset is
 * told only after a sync, so it never falls, whatever happens to the process or its power. For one
 * thread at a time; {@link Turns} sees to that.
 */
final class UploadFile {
  private final Path path;
  private final Disk disk;
  private volatile long offset = -1;
  private boolean nameDurable;

  /** Of the first {@link #digested} bytes; kept so that the end need not read all of it again. */
  private MessageDigest digest = Disk.sha256();

  private long digested;

  UploadFile(Path path, Disk disk) {
    this.path = path;
    this.disk = disk;
  }

  /** Bytes that survive a power cut. */
  long offset() throws IOException {
    if (offset < 0) {
      if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        Disk.syncFile(path); // what a killed process wrote and did not sync
        disk.syncDirectory(path.getParent());
        nameDurable = true;
        offset = Files.size(path);
      } else {
        offset = 0;
      }
    }
    return offset;
  }

  /** The same for one who does not have the turn, as far as it is known. */
  long durable() {
    return Math.max(0, offset);
  }

  /** The digest of all bytes, when it is known without reading them again. */
  Optional<String> digest() {
    return digested == offset
        ? Optional.of(HexFormat.of().formatHex(copy(digest).digest()))
        : Optional.empty();
  }

  /** Begins to write behind the offset. */
  Piece append() throws IOException {
    return new Piece(offset());
  }

  private static MessageDigest copy(MessageDigest digest) {
    try {
      return (MessageDigest) digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
    }
  }

  /** Bytes of one request. What was not {@linkplain #keep kept} at its end never was. */
  final class Piece {
    private final FileChannel channel;
    private final long start;
    private final MessageDigest own = Disk.sha256();
    private final MessageDigest running;
    private final boolean runs;
    private long end;
    private Behind behind;

    private Piece(long start) throws IOException {
      this.start = start;
      this.end = start;
      this.runs = digested == start;
      this.running = copy(digest);
      this.channel =
          start == 0 && Files.notExists(path, LinkOption.NOFOLLOW_LINKS)
              ? Disk.create(path)
              : FileChannel.open(path, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      channel.truncate(start).position(start);
    }

    /** Writes more. */
    void write(ByteBuffer bytes, boolean digesting) throws IOException {
      int length = bytes.remaining();
      if (digesting) {
        own.update(bytes.duplicate());
      }
      if (runs) {
        running.update(bytes.duplicate());
      }
      Disk.writeFully(channel, bytes);
      end += length;
    }

    /** Where the upload would stand if this were kept. */
    long end() {
      return end;
    }

    /** Bytes written since the last that are kept, or are being made durable. */
    long unkept() {
      return end - (behind == null ? offset : behind.mark);
    }

    /** True when the bytes of this piece have the digest. */
    boolean hasDigest(byte[] sha256) {
      return MessageDigest.isEqual(copy(own).digest(), sha256);
    }

    /** Begins to make what was written durable while more is written. */
    void keepBehind(Executor threads) throws IOException {
      if (behind == null || behind.synced.isDone()) {
        awaitBehind();
        behind =
            new Behind(
                end,
                runs ? copy(running) : digest,
                CompletableFuture.runAsync(this::force, threads));
      }
    }

    private void force() {
      try {
        channel.force(true);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** What was being made durable now is. */
    private void awaitBehind() throws IOException {
      if (behind != null) {
        Behind done = behind;
        behind = null;
        try {
          done.synced.join();
          syncName();
        } catch (CompletionException e) {
          lose();
          throw new IOException("the bytes of an upload could not be synced", e);
        }
        kept(done.mark, done.digest);
      }
    }

    /** Makes what was written durable, and only then part of the upload. */
    void keep() throws IOException {
      CrashPoint.HUB_BYTES_WRITTEN.reached();
      awaitBehind();
      try {
        channel.force(true);
        syncName();
      } catch (IOException e) {
        lose();
        throw e;
      }
      CrashPoint.HUB_BYTES_SYNCED.reached();
      kept(end, copy(running));
    }

    private void syncName() throws IOException {
      if (!nameDurable) {
        disk.syncDirectory(path.getParent());
        nameDurable = true;
      }
    }

    private void kept(long mark, MessageDigest digestThere) {
      if (runs) {
        digest = digestThere;
        digested = mark;
      }
      offset = mark;
    }

    /**
     * After a sync that failed, nothing is known of what it was to save (the kernel may have
     * dropped it and forgotten that it did): only what earlier syncs saved stays.
     */
    private void lose() throws IOException {
      channel.truncate(offset);
      end = offset;
    }

    /** Drops what was written since the start of this piece, or was last kept. */
    void drop() throws IOException {
      awaitBehind();
      channel.truncate(Math.max(start, offset));
      end = Math.max(start, offset);
    }

    void close() throws IOException {
      channel.close();
    }
  }

  /** A sync that goes on beside the writing, and where the upload stands when it is done. */
  private record Behind(long mark, MessageDigest digest, CompletableFuture<Void> synced) {}
}
