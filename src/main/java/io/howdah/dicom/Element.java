package io.howdah.dicom;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A data element as it is in a file; its value is decoded when asked for. */
public final class Element {
  private final Table table;
  private final int row;
  private final DataSet parent;

  Element(Table table, int row, DataSet parent) {
    this.table = table;
    this.row = row;
    this.parent = parent;
  }

  public int tag() {
    return table.tags[row];
  }

  /** The VR in the file; from the dictionary where the file has none or an unknown one. */
  public VR vr() {
    return table.vr(row);
  }

  /** Bytes of the value in the file; -1 for undefined length. */
  public long length() {
    long length = table.lengths[row] & 0xFFFFFFFFL;
    return length == Table.UNDEFINED ? -1 : length;
  }

  private boolean isBigEndian() {
    return table.isBigEndian(row);
  }

  /** Offset of the value in the file (of a deflated data set: see {@link Defect}). */
  public long offset() {
    return table.offsets[row];
  }

  /** True when the value has no bytes or no items. */
  public boolean isEmpty() {
    return table.lengths[row] == 0 || isSequence() && table.next[row] == row + 1;
  }

  /** True when the value is in memory: not longer than the limit, not pixel data, no sequence. */
  public boolean hasValue() {
    return table.positions[row] >= 0;
  }

  public boolean isSequence() {
    return vr() == VR.SQ;
  }

  /** A copy of the value's bytes in the file's byte order; empty when not in memory. */
  public byte[] bytes() {
    int at = table.positions[row];
    return at < 0 ? new byte[0] : Arrays.copyOfRange(table.bytes, at, at + table.lengths[row]);
  }

  /** The value's bytes as in little endian; empty when not in memory. */
  byte[] littleEndianBytes() {
    byte[] bytes = bytes();
    int width = vr() == VR.AT ? 2 : vr().width();
    if (isBigEndian() && width > 1) {
      swap(bytes, width);
    }
    return bytes;
  }

  static void swap(byte[] bytes, int width) {
    for (int i = 0; i + width <= bytes.length; i += width) {
      for (int a = i, b = i + width - 1; a < b; a++, b--) {
        byte swapped = bytes[a];
        bytes[a] = bytes[b];
        bytes[b] = swapped;
      }
    }
  }

  /** The items of a sequence; empty for anything else. */
  public List<DataSet> items() {
    if (!isSequence()) {
      return List.of();
    }
    return new Rows<>(
        table,
        row + 1,
        table.next[row],
        item -> new DataSet(table, item + 1, table.next[item], parent));
  }

  /** The first value decoded and trimmed; null when there is none or it is not in memory. */
  public String string() {
    if (table.positions[row] < 0) {
      return null;
    }
    VR vr = vr();
    if (vr.isText()) {
      String text = text(vr);
      int end = vr.isMultiValued() ? text.indexOf('\\') : -1;
      text = trim(end < 0 ? text : text.substring(0, end), vr);
      return text.isEmpty() ? null : text;
    }
    return vr.isNumber() && count() > 0 ? number(vr, 0) : null;
  }

  /** All values decoded and trimmed; empty for sequences, bulk data and values not in memory. */
  public List<String> strings() {
    VR vr = vr();
    if (table.positions[row] < 0 || table.lengths[row] == 0) {
      return List.of();
    }
    List<String> values = new ArrayList<>(2);
    if (vr.isText()) {
      String text = text(vr);
      if (vr.isMultiValued()) {
        int from = 0;
        for (int to = text.indexOf('\\'); to >= 0; to = text.indexOf('\\', from)) {
          values.add(trim(text.substring(from, to), vr));
          from = to + 1;
        }
        values.add(trim(text.substring(from), vr));
      } else {
        values.add(trim(text, vr));
      }
      if (values.size() == 1 && values.get(0).isEmpty()) {
        return List.of();
      }
    } else if (vr.isNumber()) {
      for (int i = 0, n = count(); i < n; i++) {
        values.add(number(vr, i));
      }
    }
    return values;
  }

  /** Whether every byte of the text is valid in its character set. True for all but text. */
  public boolean isCleanText() {
    VR vr = vr();
    int at = table.positions[row];
    return at < 0
        || !vr.isText()
        || charsetFor(vr).isClean(table.bytes, at, table.lengths[row], vr);
  }

  private CharacterSets charsetFor(VR vr) {
    return vr.usesCharacterSet() ? parent.charset() : CharacterSets.DEFAULT;
  }

  private String text(VR vr) {
    return charsetFor(vr).decode(table.bytes, table.positions[row], table.lengths[row], vr);
  }

  /** Padding off: trailing spaces and NULs, and leading spaces where they mean nothing. */
  private static String trim(String text, VR vr) {
    int to = text.length();
    while (to > 0 && (text.charAt(to - 1) == ' ' || text.charAt(to - 1) == 0)) {
      to--;
    }
    int from = 0;
    if (vr.isMultiValued() && vr != VR.UC) {
      while (from < to && text.charAt(from) == ' ') {
        from++;
      }
    }
    return text.substring(from, to);
  }

  /** The number of values; for text counted in bytes of backslash, for bulk data and items 0. */
  int count() {
    VR vr = vr();
    return table.positions[row] >= 0 && vr.isNumber() ? table.lengths[row] / vr.width() : 0;
  }

  private String number(VR vr, int index) {
    int at = table.positions[row] + index * vr.width();
    return switch (vr) {
      case US -> Integer.toString(table.u16(at, isBigEndian()));
      case SS -> Integer.toString((short) table.u16(at, isBigEndian()));
      case UL -> Integer.toUnsignedString(table.i32(at, isBigEndian()));
      case SL -> Integer.toString(table.i32(at, isBigEndian()));
      case FL -> Float.toString(Float.intBitsToFloat(table.i32(at, isBigEndian())));
      case FD -> Double.toString(Double.longBitsToDouble(table.i64(at, isBigEndian())));
      case SV -> Long.toString(table.i64(at, isBigEndian()));
      case UV -> Long.toUnsignedString(table.i64(at, isBigEndian()));
      case AT -> Tag.hex(table.u16(at, isBigEndian()) << 16 | table.u16(at + 2, isBigEndian()));
      default -> throw new IllegalStateException(vr + " is no number");
    };
  }

  /** Bits of an integer or floating point value, for exact output. */
  double floating(int index) {
    int at = table.positions[row] + index * vr().width();
    return vr() == VR.FL
        ? Float.intBitsToFloat(table.i32(at, isBigEndian()))
        : Double.longBitsToDouble(table.i64(at, isBigEndian()));
  }

  long integer(int index) {
    int at = table.positions[row] + index * vr().width();
    return switch (vr()) {
      case US -> table.u16(at, isBigEndian());
      case SS -> (short) table.u16(at, isBigEndian());
      case UL -> table.i32(at, isBigEndian()) & 0xFFFFFFFFL;
      case SL -> table.i32(at, isBigEndian());
      case SV, UV -> table.i64(at, isBigEndian());
      default -> throw new IllegalStateException(vr() + " is no integer");
    };
  }

  /** The first value as an integer, of a number or an IS; null when it is none. */
  public Integer integer() {
    VR vr = vr();
    if (vr.isNumber() && vr != VR.AT) {
      if (count() == 0) {
        return null;
      }
      if (vr == VR.FL || vr == VR.FD) {
        double value = floating(0);
        return (int) value == value ? (int) value : null;
      }
      long value = integer(0);
      return (int) value == value ? (int) value : null;
    }
    String text = string();
    if (text == null || text.length() > 16) {
      return null;
    }
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** The value's bytes as ASCII, split and trimmed, whatever its VR. */
  List<String> asciiValues() {
    int at = table.positions[row];
    if (at < 0) {
      return List.of();
    }
    String text = new String(table.bytes, at, table.lengths[row], StandardCharsets.ISO_8859_1);
    return Arrays.stream(text.split("\\\\", 64)).map(value -> trim(value, VR.CS)).toList();
  }

  boolean sameValue(Element other) {
    int mine = table.positions[row];
    int theirs = other.table.positions[other.row];
    if (mine < 0 || theirs < 0) {
      return mine < 0 && theirs < 0 && length() == other.length();
    }
    if (isBigEndian() != other.isBigEndian()) {
      return Arrays.equals(littleEndianBytes(), other.littleEndianBytes());
    }
    return Arrays.equals(
        table.bytes,
        mine,
        mine + table.lengths[row],
        other.table.bytes,
        theirs,
        theirs + other.table.lengths[other.row]);
  }
}
