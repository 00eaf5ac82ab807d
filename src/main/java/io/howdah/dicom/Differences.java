package io.howdah.dicom;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * How two files differ, element by element, without their values; for reports that people may see
 * who must not see patients' data.
 *
 * @param fileMeta differences of the file meta information
 * @param dataSet differences of the data sets, pixel data included
 * @param complete false when a file could not be read to its end, or there were more differences
 *     than the limit
 */
public record Differences(List<Difference> fileMeta, List<Difference> dataSet, boolean complete) {
  /** So many are listed. */
  public static final int MAX = 1000;

  public Differences {
    fileMeta = List.copyOf(fileMeta);
    dataSet = List.copyOf(dataSet);
  }

  /** True when the data sets are equal, and at most the file meta information differs. */
  public boolean isOfFileMetaOnly() {
    return complete && dataSet.isEmpty();
  }

  /**
   * Compares two files. Text is compared as text, numbers whatever their byte order, and long
   * values byte by byte.
   *
   * @throws IOException only when the disk cannot be read
   */
  public static Differences between(Path first, Path second) throws IOException {
    DicomReader reader = new DicomReader();
    File a = new File(first, reader.structure(first, null));
    File b = new File(second, reader.structure(second, null));
    Comparison comparison = new Comparison(a, b);
    List<Difference> meta =
        comparison.of(a.header.fileMeta().dataSet(), b.header.fileMeta().dataSet());
    List<Difference> data = comparison.of(a.header.dataSet(), b.header.dataSet());
    return new Differences(
        meta, data, comparison.whole && a.header.complete() && b.header.complete());
  }

  private record File(Path path, Header header) {
    /** The bytes from an offset as the header counts them. */
    InputStream from(long offset) throws IOException {
      InputStream in = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
      long skip = offset;
      if (header.transferSyntax().deflated()) {
        in.skipNBytes(header.dataSetOffset());
        in = inflated(in);
        skip = offset - header.dataSetOffset();
      }
      in.skipNBytes(skip);
      return in;
    }

    private static InputStream inflated(InputStream in) {
      Inflater inflater = new Inflater(true);
      return new InflaterInputStream(in, inflater) {
        @Override
        public void close() throws IOException {
          super.close();
          inflater.end();
        }
      };
    }
  }

  /** What is still to be compared: two data sets' elements, or two sequences' items. */
  private static final class Level {
    final String path;
    final List<Element> a;
    final List<Element> b;
    final List<DataSet> itemsOfA;
    final List<DataSet> itemsOfB;
    int i;
    int j;

    Level(String path, DataSet a, DataSet b) {
      this.path = path;
      this.a = a.inOrder();
      this.b = b.inOrder();
      this.itemsOfA = null;
      this.itemsOfB = null;
    }

    Level(String path, List<DataSet> a, List<DataSet> b) {
      this.path = path;
      this.a = List.of();
      this.b = List.of();
      this.itemsOfA = a;
      this.itemsOfB = b;
    }

    /** The next pair of items, or null when one sequence has no more. */
    Level nextItems() {
      if (itemsOfA == null || i == Math.min(itemsOfA.size(), itemsOfB.size())) {
        return null;
      }
      return new Level(path + "[" + (i + 1) + "]", itemsOfA.get(i), itemsOfB.get(i++));
    }
  }

  private static final class Comparison {
    private final File first;
    private final File second;
    private final Deque<Level> open = new ArrayDeque<>();
    private List<Difference> found;
    private boolean whole = true;

    Comparison(File first, File second) {
      this.first = first;
      this.second = second;
    }

    List<Difference> of(DataSet a, DataSet b) throws IOException {
      found = new ArrayList<>();
      open.clear();
      open.push(new Level("", a, b));
      while (!open.isEmpty() && found.size() < MAX) {
        Level level = open.peek();
        Element x = level.i < level.a.size() ? level.a.get(level.i) : null;
        Element y = level.j < level.b.size() ? level.b.get(level.j) : null;
        if (x == null && y == null) {
          Level items = level.nextItems();
          if (items == null) {
            open.pop();
          } else {
            open.push(items);
          }
          continue;
        }
        int order = x == null ? 1 : y == null ? -1 : Integer.compareUnsigned(x.tag(), y.tag());
        if (order <= 0) {
          level.i++;
        }
        if (order >= 0) {
          level.j++;
        }
        if (order == 0) {
          compare(level.path, x, y);
        } else {
          add(
              level.path,
              order < 0 ? x : y,
              order < 0 ? Difference.Kind.ONLY_IN_FIRST : Difference.Kind.ONLY_IN_SECOND);
        }
      }
      whole &= open.isEmpty();
      return found;
    }

    private void add(String path, Element element, Difference.Kind kind) {
      if ((element.tag() & 0xFFFF) == 0) {
        // group lengths follow from the rest
        return;
      }
      String keyword = Dictionary.keyword(element.tag());
      found.add(
          new Difference(
              path + Tag.toString(element.tag()),
              keyword == null ? "" : keyword,
              element.vr(),
              kind));
    }

    private void compare(String path, Element x, Element y) throws IOException {
      if (path.isEmpty() && Tag.isPixelData(x.tag())) {
        if (!samePixels()) {
          add(path, x, Difference.Kind.PIXEL_DATA);
        }
      } else if (x.vr() != y.vr()) {
        add(path, x, Difference.Kind.VR);
      } else if (x.isSequence()) {
        items(path, x, y);
      } else if (x.hasValue() && y.hasValue()) {
        if (!x.sameValue(y) && !sameText(x, y)) {
          add(path, x, Difference.Kind.VALUE);
        }
      } else if (x.length() != y.length()) {
        add(path, x, Difference.Kind.VALUE);
      } else if (x.length() < 0) {
        add(path, x, Difference.Kind.NOT_COMPARED);
      } else if (!same(x.offset(), y.offset(), x.length(), x.vr().width())) {
        add(path, x, Difference.Kind.VALUE);
      }
    }

    private static boolean sameText(Element x, Element y) {
      return x.vr().isText()
          && x.isCleanText()
          && y.isCleanText()
          && x.strings().equals(y.strings());
    }

    private void items(String path, Element x, Element y) {
      List<DataSet> a = x.items();
      List<DataSet> b = y.items();
      if (a.size() != b.size()) {
        add(path, x, Difference.Kind.ITEM_COUNT);
      }
      open.push(new Level(path + Tag.toString(x.tag()), a, b));
    }

    private boolean samePixels() throws IOException {
      PixelData a = first.header.pixelData();
      PixelData b = second.header.pixelData();
      if (a == null || b == null) {
        return a == b;
      }
      if (a.length() != b.length()) {
        return false;
      }
      if (!a.isEncapsulated()) {
        return same(a.offset(), b.offset(), a.length(), a.vr().width());
      }
      if (a.fragments().size() != b.fragments().size()) {
        return false;
      }
      for (int i = 0; i < a.fragments().size(); i++) {
        if (a.fragments().get(i).length() != b.fragments().get(i).length()) {
          return false;
        }
      }
      // item headers in between are equal because the lengths are
      int last = a.fragments().size() - 1;
      if (last < 0) {
        return true;
      }
      PixelData.Fragment end = a.fragments().get(last);
      return same(a.offset(), b.offset(), end.offset() + end.length() - a.offset(), 1);
    }

    /** Whether the same bytes are at both offsets; swapped when only one file is big endian. */
    private boolean same(long a, long b, long length, int width) throws IOException {
      boolean swap =
          first.header.transferSyntax().bigEndian() != second.header.transferSyntax().bigEndian();
      byte[] x = new byte[1 << 16];
      byte[] y = new byte[1 << 16];
      long left = length;
      try (InputStream ins = first.from(a);
          InputStream inb = second.from(b)) {
        while (left > 0) {
          int n = (int) Math.min(left, x.length);
          if (ins.readNBytes(x, 0, n) < n || inb.readNBytes(y, 0, n) < n) {
            return false;
          }
          if (swap && width > 1) {
            Element.swap(y, width);
          }
          if (!Arrays.equals(x, 0, n, y, 0, n)) {
            return false;
          }
          left -= n;
        }
      }
      return true;
    }
  }
}
