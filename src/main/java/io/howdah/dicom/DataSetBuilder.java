package io.howdah.dicom;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * A data set in the making, kept in ascending order of tags; {@link DicomWriter} writes it. For one
 * thread at a time. A data set put into a sequence must not change any more.
 */
public final class DataSetBuilder {
  private final TreeMap<Integer, Content> contents = new TreeMap<>(Integer::compareUnsigned);

  /** What an element has as its value. */
  sealed interface Content {
    int tag();

    VR vr();
  }

  /** Text, encoded when the character set is known. */
  record Text(int tag, VR vr, List<String> values) implements Content {}

  /** Bytes in little endian order, of a length known beforehand. */
  record Bytes(int tag, VR vr, long length, Supplier<InputStream> source) implements Content {}

  /** Items of a sequence. */
  record Items(int tag, VR vr, List<DataSetBuilder> items) implements Content {}

  /** Encapsulated pixel data; the first fragment is the offset table. */
  record Fragments(int tag, VR vr, List<byte[]> fragments) implements Content {}

  Collection<Content> contents() {
    return contents.values();
  }

  private DataSetBuilder add(Content content) {
    contents.put(content.tag(), content);
    return this;
  }

  /** An element without a value (type 2), or a sequence without items. */
  public DataSetBuilder empty(int tag) {
    VR vr = Dictionary.vr(tag);
    return vr == VR.SQ ? sequence(tag) : put(tag, vr, new byte[0]);
  }

  /** Text or decimal numbers under the dictionary's VR. */
  public DataSetBuilder put(int tag, String... values) {
    return put(tag, Dictionary.vr(tag), values);
  }

  /** Text, or numbers as decimal text (tags as eight hexadecimal digits) for a binary VR. */
  public DataSetBuilder put(int tag, VR vr, String... values) {
    if (vr.isText()) {
      return add(new Text(tag, vr, List.of(values)));
    }
    if (vr == VR.FL || vr == VR.FD) {
      return put(tag, vr, Arrays.stream(values).mapToDouble(Double::parseDouble).toArray());
    }
    if (vr == VR.AT) {
      return put(tag, vr, Arrays.stream(values).mapToLong(v -> Long.parseLong(v, 16)).toArray());
    }
    if (vr.isNumber()) {
      return put(
          tag,
          vr,
          Arrays.stream(values)
              .mapToLong(v -> vr == VR.UV ? Long.parseUnsignedLong(v) : Long.parseLong(v))
              .toArray());
    }
    if (values.length == 0) {
      return put(tag, vr, new byte[0]);
    }
    throw new IllegalArgumentException(
        Tag.toString(tag) + " with VR " + vr + " is not made of text");
  }

  /** Integers under the dictionary's VR. */
  public DataSetBuilder put(int tag, int... values) {
    return put(tag, Dictionary.vr(tag), Arrays.stream(values).asLongStream().toArray());
  }

  /** Integers: binary, or as text for IS and DS. */
  public DataSetBuilder put(int tag, VR vr, long... values) {
    if (vr.isText()) {
      return put(tag, vr, Arrays.stream(values).mapToObj(Long::toString).toArray(String[]::new));
    }
    if (vr == VR.FL || vr == VR.FD) {
      return put(tag, vr, Arrays.stream(values).asDoubleStream().toArray());
    }
    ByteBuffer bytes = little(values.length * vr.width());
    for (long value : values) {
      switch (vr) {
        case US, SS -> bytes.putShort((short) value);
        case UL, SL -> bytes.putInt((int) value);
        case SV, UV -> bytes.putLong(value);
        case AT -> bytes.putShort((short) (value >>> 16)).putShort((short) value);
        default ->
            throw new IllegalArgumentException(
                Tag.toString(tag) + " with VR " + vr + " is not made of integers");
      }
    }
    return put(tag, vr, bytes.array());
  }

  /** Floating point numbers. */
  public DataSetBuilder put(int tag, VR vr, double... values) {
    ByteBuffer bytes = little(values.length * vr.width());
    for (double value : values) {
      if (vr == VR.FL) {
        bytes.putFloat((float) value);
      } else if (vr == VR.FD) {
        bytes.putDouble(value);
      } else {
        throw new IllegalArgumentException(
            Tag.toString(tag) + " with VR " + vr + " is not made of floating point numbers");
      }
    }
    return put(tag, vr, bytes.array());
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The value as it is, in little endian order; made even when written. */
  public DataSetBuilder put(int tag, VR vr, byte[] value) {
    return put(tag, vr, value.length, () -> new ByteArrayInputStream(value));
  }

  /** A long value that need not be in memory: {@code length} bytes in little endian order. */
  public DataSetBuilder put(int tag, VR vr, long length, Supplier<InputStream> source) {
    return add(new Bytes(tag, vr, length, source));
  }

  /** A sequence. */
  public DataSetBuilder sequence(int tag, DataSetBuilder... items) {
    return add(new Items(tag, VR.SQ, List.of(items)));
  }

  /** Encapsulated pixel data (PS3.5 §A.4) with an empty offset table before these fragments. */
  public DataSetBuilder encapsulatedPixelData(byte[]... fragments) {
    byte[][] all = new byte[fragments.length + 1][];
    all[0] = new byte[0];
    System.arraycopy(fragments, 0, all, 1, fragments.length);
    return add(new Fragments(Tag.PixelData, VR.OB, List.of(all)));
  }

  /** Takes an element away. */
  public DataSetBuilder remove(int tag) {
    contents.remove(tag);
    return this;
  }

  /** The first text value put under a tag, or null. */
  String text(int tag) {
    return contents.get(tag) instanceof Text text && !text.values().isEmpty()
        ? text.values().get(0)
        : null;
  }
}
