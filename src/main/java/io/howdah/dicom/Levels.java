package io.howdah.dicom;

import java.util.Arrays;

/** The sequences and items that are open, the data set itself being the outermost. */
final class Levels {
  /** Where what has no length given ends. */
  static final long OPEN = Long.MAX_VALUE;

  private int depth;
  private int[] rows = new int[8];
  private long[] ends = new long[8];
  private boolean[] isItem = new boolean[8];
  private boolean[] explicitBefore = new boolean[8];
  private boolean[] bigEndianBefore = new boolean[8];
  private int[] lastTags = new int[8];

  /** Closes all but the data set. */
  void reset() {
    depth = 0;
    ends[0] = OPEN;
    isItem[0] = true;
    lastTags[0] = 0;
  }

  /** How many sequences and items are open. */
  int depth() {
    return depth;
  }

  /** The innermost one's row in the table. */
  int row() {
    return rows[depth];
  }

  /** The row of the one around the innermost. */
  int rowAround() {
    return rows[depth - 1];
  }

  /** Where the innermost one ends, or {@link #OPEN}. */
  long end() {
    return ends[depth];
  }

  /** True in an item or the data set itself, where elements are; false in a sequence. */
  boolean isItem() {
    return isItem[depth];
  }

  /** The last element's tag at this level; 0 before the first. */
  int lastTag() {
    return lastTags[depth];
  }

  void lastTag(int tag) {
    lastTags[depth] = tag;
  }

  /** How things were encoded around the innermost one. */
  boolean explicitAround() {
    return explicitBefore[depth];
  }

  /** How things were encoded around the innermost one. */
  boolean bigEndianAround() {
    return bigEndianBefore[depth];
  }

  void enter(int row, boolean item, long end, boolean explicit, boolean bigEndian) {
    depth++;
    if (depth == rows.length) {
      int size = depth * 2;
      rows = Arrays.copyOf(rows, size);
      ends = Arrays.copyOf(ends, size);
      isItem = Arrays.copyOf(isItem, size);
      explicitBefore = Arrays.copyOf(explicitBefore, size);
      bigEndianBefore = Arrays.copyOf(bigEndianBefore, size);
      lastTags = Arrays.copyOf(lastTags, size);
    }
    rows[depth] = row;
    ends[depth] = end;
    isItem[depth] = item;
    explicitBefore[depth] = explicit;
    bigEndianBefore[depth] = bigEndian;
    lastTags[depth] = 0;
  }

  void leave() {
    depth--;
  }
}
