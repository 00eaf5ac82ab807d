package io.howdah.sync;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;

/** Compression for the way, only where it saves a tenth or more. */
final class Zstd {
  static final String NAME = "zstd";

  private static final int LEVEL = 3;
  private static final int BUFFER = 256 * 1024;

  /** As much of a file as is tried before the whole. */
  private static final int SAMPLE = 1024 * 1024;

  private Zstd() {}

  /** True when {@code packed} bytes in place of {@code plain} are worth the trouble. */
  static boolean gains(long plain, long packed) {
    return packed <= plain - plain / 10;
  }

  /** True when the middle of a file compresses well; its header always does. */
  static boolean isPromising(SeekableByteChannel file) throws IOException {
    long size = file.size();
    file.position(Math.max(0, size / 2 - SAMPLE / 2));
    byte[] sample = new byte[(int) Math.min(SAMPLE, size)];
    ByteBuffer buffer = ByteBuffer.wrap(sample);
    while (buffer.hasRemaining() && file.read(buffer) >= 0) {
      // reads on
    }
    file.position(0);
    return gains(sample.length, com.github.luben.zstd.Zstd.compress(sample, LEVEL).length);
  }

  /** Compresses all that is left of {@code from}. */
  static void pack(SeekableByteChannel from, WritableByteChannel to) throws IOException {
    try (OutputStream out = Channels.newOutputStream(to);
        ZstdOutputStream packed = new ZstdOutputStream(out, LEVEL)) {
      byte[] bytes = new byte[BUFFER];
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
        packed.write(bytes, 0, n);
        buffer.clear();
      }
    }
  }
}
