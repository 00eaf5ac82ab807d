package io.howdah.dicom;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/**
 * Where fragments are, compact because there may be a million. Written by one reader, then
 * immutable.
 */
final class Fragments extends AbstractList<PixelData.Fragment> implements RandomAccess {
  private long[] offsets = new long[8];
  private int[] lengths = new int[8];
  private int size;

  void add(long offset, long length) {
    if (size == offsets.length) {
      offsets = Arrays.copyOf(offsets, size * 2);
      lengths = Arrays.copyOf(lengths, size * 2);
    }
    offsets[size] = offset;
    lengths[size++] = (int) length;
  }

  @Override
  public PixelData.Fragment get(int index) {
    if (index >= size) {
      throw new IndexOutOfBoundsException(index);
    }
    return new PixelData.Fragment(offsets[index], lengths[index] & 0xFFFFFFFFL);
  }

  @Override
  public int size() {
    return size;
  }
}
