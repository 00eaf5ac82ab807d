package io.howdah.dicom;

import java.util.AbstractList;
import java.util.RandomAccess;
import java.util.function.IntFunction;

/** The rows of one level of a table as objects that are made when asked for. */
final class Rows<T> extends AbstractList<T> implements RandomAccess {
  private final int[] rows;
  private final IntFunction<T> make;

  Rows(Table table, int from, int to, IntFunction<T> make) {
    int count = 0;
    for (int row = from; row < to; row = table.next[row]) {
      count++;
    }
    this.rows = new int[count];
    int i = 0;
    for (int row = from; row < to; row = table.next[row]) {
      rows[i++] = row;
    }
    this.make = make;
  }

  @Override
  public T get(int index) {
    return make.apply(rows[index]);
  }

  @Override
  public int size() {
    return rows.length;
  }
}
