package io.howdah.dicom;

import java.io.IOException;
import java.util.Arrays;

/**
 * The bytes of a source that a reader looks at, and keeps. Grows by what has really been read,
 * never by what a length field promises.
 */
final class Window {
  byte[] buffer;
  int position;
  int limit;

  private final Source source;

  /** Total bytes of the source; {@link Long#MAX_VALUE} when unknown. */
  final long end;

  /** Offset in the source of {@code buffer[0]}, as counted at {@link #position}. */
  private long base;

  /** Below this, bytes are kept; when negative, all are. */
  private int floor = -1;

  private boolean atEnd;

  Window(Source source, long base, long end, int capacity) {
    this.source = source;
    this.base = base;
    this.end = end;
    this.buffer = new byte[capacity];
  }

  long offset() {
    return base + position;
  }

  int available() {
    return limit - position;
  }

  /** Bytes from here to the end; {@link Long#MAX_VALUE} when unknown. */
  long remaining() {
    return end == Long.MAX_VALUE ? end : end - offset();
  }

  /** Tries to have {@code n} bytes in the buffer; false when the source ends before. */
  boolean ensure(int n) throws IOException {
    return limit - position >= n || fill(n);
  }

  private boolean fill(int n) throws IOException {
    if (floor >= 0) {
      drop(floor);
    }
    while (limit - position < n && !atEnd) {
      if (limit == buffer.length) {
        long wanted = Math.max(buffer.length * 2L, 64);
        if (remaining() != Long.MAX_VALUE) {
          wanted = Math.min(wanted, position + Math.max(n, remaining()));
        }
        buffer = Arrays.copyOf(buffer, (int) Math.min(wanted, Integer.MAX_VALUE - 16));
      }
      int read = source.read(buffer, limit, buffer.length - limit);
      if (read < 0) {
        atEnd = true;
      } else {
        limit += read;
      }
    }
    return limit - position >= n;
  }

  /** Lets go of the bytes between {@code from} and the position. */
  private void drop(int from) {
    int dropped = position - from;
    if (dropped > 0) {
      System.arraycopy(buffer, position, buffer, from, limit - position);
      position = from;
      limit -= dropped;
      base += dropped;
    }
  }

  /** Lets go of everything before the position. */
  void forget() {
    drop(0);
  }

  /** From here on bytes are not kept once they are passed. */
  void keepNoMore() {
    if (floor < 0) {
      floor = position;
    }
  }

  boolean keeps() {
    return floor < 0;
  }

  /** Keeps {@code n} bytes at {@code at} although bytes are no longer kept. */
  int keep(int at, int n) {
    int kept = floor;
    if (kept + n > at + n) {
      return -1;
    }
    System.arraycopy(buffer, at, buffer, kept, n);
    floor += n;
    return kept;
  }

  /** Passes over {@code n} bytes without keeping them; returns how many there were. */
  long skip(long n) throws IOException {
    int here = limit - position;
    if (n <= here) {
      position += (int) n;
      return n;
    }
    base += here;
    limit = position;
    long skipped = source.skip(n - here);
    base += skipped;
    return here + skipped;
  }

  /** Passes over everything to the end. */
  void skipRest() throws IOException {
    skip(end == Long.MAX_VALUE ? Long.MAX_VALUE - (1L << 40) : Math.max(0, remaining()));
  }
}
