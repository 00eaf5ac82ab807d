package io.howdah.dicom;

import java.util.Arrays;

/**
 * The elements of a data set as rows in reading order, a sequence followed by its items and an item
 * by its elements; compact, because there may be a million. Written by one reader, then immutable.
 */
final class Table {
  /** The row of an item rather than an element. */
  static final byte ITEM = 127;

  /** On a VR: the value is little endian although the data set is not (PS3.5 §6.2.2, VR UN). */
  private static final int LITTLE = 0x80;

  static final long UNDEFINED = 0xFFFFFFFFL;

  final boolean bigEndian;
  int count;
  int[] tags;
  byte[] vrs;

  /** Lengths as unsigned 32 bit. */
  int[] lengths;

  /** Where the value is in the file. */
  long[] offsets;

  /** Where the value is in {@link #bytes}; -1 when it is not kept. */
  int[] positions;

  /** The row after this one and all that is inside it. */
  int[] next;

  byte[] bytes;

  Table(boolean bigEndian, int rows) {
    this.bigEndian = bigEndian;
    tags = new int[rows];
    vrs = new byte[rows];
    lengths = new int[rows];
    offsets = new long[rows];
    positions = new int[rows];
    next = new int[rows];
  }

  int add(int tag, byte vr, int length, long offset, int position) {
    return add(tag, vr, length, offset, position, bigEndian);
  }

  int add(int tag, byte vr, int length, long offset, int position, boolean big) {
    int row = count;
    if (row == tags.length) {
      grow();
    }
    tags[row] = tag;
    vrs[row] = bigEndian == big ? vr : (byte) (vr | LITTLE);
    lengths[row] = length;
    offsets[row] = offset;
    positions[row] = position;
    next[row] = row + 1;
    count = row + 1;
    return row;
  }

  private void grow() {
    int rows = tags.length * 2;
    tags = Arrays.copyOf(tags, rows);
    vrs = Arrays.copyOf(vrs, rows);
    lengths = Arrays.copyOf(lengths, rows);
    offsets = Arrays.copyOf(offsets, rows);
    positions = Arrays.copyOf(positions, rows);
    next = Arrays.copyOf(next, rows);
  }

  VR vr(int row) {
    return VR.ofOrdinal(vrs[row] & 0x7F);
  }

  boolean isBigEndian(int row) {
    return bigEndian && vrs[row] >= 0;
  }

  int find(int tag, int from, int to) {
    for (int row = from; row < to; row = next[row]) {
      if (tags[row] == tag) {
        return row;
      }
    }
    return -1;
  }

  int u16(int at, boolean big) {
    int a = bytes[at] & 0xFF;
    int b = bytes[at + 1] & 0xFF;
    return big ? a << 8 | b : b << 8 | a;
  }

  int i32(int at, boolean big) {
    int a = u16(at, big);
    int b = u16(at + 2, big);
    return big ? a << 16 | b : b << 16 | a;
  }

  long i64(int at, boolean big) {
    long a = i32(at, big) & 0xFFFFFFFFL;
    long b = i32(at + 4, big) & 0xFFFFFFFFL;
    return big ? a << 32 | b : b << 32 | a;
  }
}
