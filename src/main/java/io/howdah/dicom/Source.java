package io.howdah.dicom;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.security.MessageDigest;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Where a reader's bytes come from. */
interface Source {
  int SCRATCH = 1 << 16;

  /** Like {@link InputStream#read(byte[], int, int)}: at least one byte, or -1 at the end. */
  int read(byte[] into, int offset, int length) throws IOException;

  /** Passes over up to {@code n} bytes; fewer only at the end. */
  default long skip(long n) throws IOException {
    byte[] scratch = new byte[(int) Math.min(n, SCRATCH)];
    long left = n;
    while (left > 0) {
      int read = read(scratch, 0, (int) Math.min(left, scratch.length));
      if (read < 0) {
        break;
      }
      left -= read;
    }
    return n - left;
  }

  /** A file whose skipped bytes need not be read. */
  record OfChannel(SeekableByteChannel channel) implements Source {
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return channel.read(ByteBuffer.wrap(into, offset, length));
    }

    @Override
    public long skip(long n) throws IOException {
      long at = channel.position();
      long skipped = Math.min(n, Math.max(0, channel.size() - at));
      channel.position(at + skipped);
      return skipped;
    }
  }

  /** A stream; every byte is read. */
  record OfStream(InputStream stream) implements Source {
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return stream.read(into, offset, length);
    }
  }

  /** Every byte that passes also goes into a digest. */
  record Digesting(Source source, MessageDigest digest) implements Source {
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int n = source.read(into, offset, length);
      if (n > 0) {
        digest.update(into, offset, n);
      }
      return n;
    }
  }

  /** A deflated data set as it unpacks (RFC 1951, PS3.5 §A.5); stops at a limit. */
  final class Inflating implements Source, AutoCloseable {
    private final Window packed;
    private final Inflater inflater = new Inflater(true);
    private final Limits limits;
    private final long packedBytes;
    private Defect.Code trouble;

    Inflating(Window packed, Limits limits) {
      this.packed = packed;
      this.limits = limits;
      this.packedBytes = packed.remaining();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      try {
        while (trouble == null && !inflater.finished()) {
          int n = inflater.inflate(into, offset, length);
          if (inflater.getBytesWritten() > allowed()) {
            trouble = Defect.Code.TOO_LARGE_UNPACKED;
            return -1;
          }
          if (n > 0) {
            return n;
          }
          if (inflater.needsDictionary()) {
            trouble = Defect.Code.DEFLATE_CORRUPT;
          } else if (inflater.needsInput() && !inflater.finished()) {
            refill();
          }
        }
      } catch (DataFormatException e) {
        trouble = Defect.Code.DEFLATE_CORRUPT;
      }
      return -1;
    }

    private long allowed() {
      long input = packedBytes == Long.MAX_VALUE ? inflater.getBytesRead() : packedBytes;
      long byRatio = Math.max(limits.unpackedAlways(), input * limits.unpackedRatio());
      return Math.min(limits.unpackedBytes(), byRatio);
    }

    private void refill() throws IOException {
      packed.forget();
      if (packed.available() == 0 && !packed.ensure(1)) {
        trouble = Defect.Code.TRUNCATED;
        return;
      }
      int n = packed.available();
      inflater.setInput(packed.buffer, packed.position, n);
      packed.position += n;
    }

    /** Why reading stopped before the end of the deflated bytes; null when it did not. */
    Defect.Code trouble() {
      return trouble;
    }

    boolean finished() {
      return inflater.finished();
    }

    /** Bytes given to the inflater that come after the end of the deflated bytes. */
    int left() {
      return inflater.getRemaining();
    }

    @Override
    public void close() {
      inflater.end();
    }
  }
}
