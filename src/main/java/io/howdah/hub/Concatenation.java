package io.howdah.hub;

import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;

/**
 * Streams one after the other, each opened when its turn has come: a whole study is never held. For
 * one thread.
 */
final class Concatenation extends InputStream {
  /** Opens a stream. */
  interface Part {
    InputStream open() throws IOException;
  }

  private final Iterator<Part> parts;
  private InputStream now = InputStream.nullInputStream();

  Concatenation(Iterator<Part> parts) {
    this.parts = parts;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    for (int n = now.read(bytes, from, length); ; n = now.read(bytes, from, length)) {
      if (n >= 0) {
        return n;
      }
      now.close();
      if (!parts.hasNext()) {
        return -1;
      }
      now = parts.next().open();
    }
  }

  @Override
  public void close() throws IOException {
    now.close();
  }
}
