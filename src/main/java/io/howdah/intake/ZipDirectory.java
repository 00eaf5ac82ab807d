package io.howdah.intake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How large a ZIP says its table of contents is (APPNOTE 4.3.16, 4.3.14): looked at first, because
 * the JDK reads the whole table into memory before it offers the first entry.
 *
 * @param entries files, folders and clutter
 * @param size bytes
 */
record ZipDirectory(long entries, long size) {
  /** Most bytes of a table of contents: ten thousand long names. */
  static final long SIZE_LIMIT = 16L * 1024 * 1024;

  private static final int ENTRY = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END_SIZE = 22;
  private static final int END64 = 0x06064b50;
  private static final int END64_SIZE = 56;
  private static final int LOCATOR64 = 0x07064b50;
  private static final int LOCATOR64_SIZE = 20;
  private static final int LONGEST_COMMENT = 0xffff;

  /** The largest of the tables that a reader could take for the ZIP's own. */
  static ZipDirectory of(Path zip) throws IOException {
    try (FileChannel channel = FileChannel.open(zip, StandardOpenOption.READ)) {
      long start = Math.max(0, channel.size() - END_SIZE - LONGEST_COMMENT - LOCATOR64_SIZE);
      ByteBuffer tail = read(channel, start, (int) (channel.size() - start));
      ZipDirectory largest = new ZipDirectory(0, 0);
      for (int at = tail.limit() - END_SIZE; at >= 0; at--) {
        if (tail.getInt(at) == END && isBelievable(channel, start, tail, at)) {
          largest = largest.or(at(channel, tail, at));
        }
      }
      return largest;
    }
  }

  /** Either the file ends where it says, or the table it speaks of lies right before it. */
  private static boolean isBelievable(FileChannel channel, long start, ByteBuffer tail, int at)
      throws IOException {
    if (at + END_SIZE + (tail.getShort(at + 20) & 0xffff) == tail.limit()) {
      return true;
    }
    long table = start + at - (tail.getInt(at + 12) & 0xffffffffL);
    return table >= 0 && read(channel, table, Integer.BYTES).getInt(0) == ENTRY;
  }

  private static ZipDirectory at(FileChannel channel, ByteBuffer tail, int at) throws IOException {
    ZipDirectory plain =
        new ZipDirectory(tail.getShort(at + 10) & 0xffff, tail.getInt(at + 12) & 0xffffffffL);
    int locator = at - LOCATOR64_SIZE;
    if (locator < 0 || tail.getInt(locator) != LOCATOR64) {
      return plain;
    }
    long position = tail.getLong(locator + 8);
    if (position < 0 || position > channel.size() - END64_SIZE) {
      return plain;
    }
    ByteBuffer end = read(channel, position, END64_SIZE);
    return end.getInt(0) == END64 ? new ZipDirectory(end.getLong(32), end.getLong(40)) : plain;
  }

  private static ByteBuffer read(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new IOException("the file became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  private ZipDirectory or(ZipDirectory other) {
    return new ZipDirectory(Math.max(entries, other.entries), Math.max(size, other.size));
  }

  /**
   * @throws Refused when the table is too large to be looked into
   */
  void check(int maxFiles) throws Refused {
    if (entries > 2L * maxFiles + 1_000 || size > SIZE_LIMIT || entries < 0 || size < 0) {
      throw new Refused(UploadError.TOO_MANY_FILES);
    }
  }
}
