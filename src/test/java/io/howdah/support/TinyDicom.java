package io.howdah.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/**
 * Small valid Part 10 objects, equal for equal seeds and different for different ones: Secondary
 * Capture, Explicit VR Little Endian, with all that the default profile asks for.
 */
public final class TinyDicom {
  private static final String SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7";
  private static final String EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";

  private TinyDicom() {}

  /**
   * An object with {@code pixels} bytes of pixel data, an even number, above 100 000 a multiple of
   * 10 000.
   */
  public static byte[] object(long seed, int pixels) {
    return object(seed, uid(seed), pixels);
  }

  /** The SOP Instance UID of {@link #object(long, int)}. */
  public static String uid(long seed) {
    return "1.2.826.0.1.3680043.10.1234.4." + seed;
  }

  /** An object that names itself as told. */
  public static byte[] object(long seed, String sopInstance, int pixels) {
    int rows = pixels <= 100_000 ? 2 : pixels / 10_000;
    byte[] values = new byte[pixels];
    new Random(seed).nextBytes(values);
    byte[] head = head(seed, sopInstance, rows, pixels / rows, 1, pixels);
    byte[] whole = Arrays.copyOf(head, head.length + pixels);
    System.arraycopy(values, 0, whole, head.length, pixels);
    return whole;
  }

  /** All of an object but the pixels of its frames, one byte each, which are to follow. */
  public static byte[] headOfFrames(long seed, int rows, int columns, int frames) {
    return head(seed, uid(seed), rows, columns, frames, (long) rows * columns * frames);
  }

  private static byte[] head(
      long seed, String sopInstance, int rows, int columns, int frames, long pixels) {
    Part data = new Part();
    data.text(0x0008, 0x0016, "UI", SECONDARY_CAPTURE);
    data.text(0x0008, 0x0018, "UI", sopInstance);
    data.text(0x0008, 0x0020, "DA", "20261121");
    data.text(0x0008, 0x0030, "TM", "101500");
    data.text(0x0008, 0x0050, "SH", "A" + seed % 1_000_000_000_000L);
    data.text(0x0008, 0x0060, "CS", "OT");
    data.text(0x0008, 0x0064, "CS", "WSD");
    data.text(0x0008, 0x1030, "LO", "Crash test");
    data.text(0x0010, 0x0010, "PN", "ZZCANARY^" + seed);
    data.text(0x0010, 0x0020, "LO", "ZZ" + seed);
    data.text(0x0010, 0x0030, "DA", "");
    data.text(0x0010, 0x0040, "CS", "O");
    data.text(0x0020, 0x000D, "UI", "1.2.826.0.1.3680043.10.1234.2." + seed);
    data.text(0x0020, 0x000E, "UI", "1.2.826.0.1.3680043.10.1234.3." + seed);
    data.text(0x0020, 0x0010, "SH", "1");
    data.text(0x0020, 0x0011, "IS", "1");
    data.text(0x0020, 0x0013, "IS", "1");
    data.number(0x0028, 0x0002, 1);
    data.text(0x0028, 0x0004, "CS", "MONOCHROME2");
    if (frames > 1) {
      data.text(0x0028, 0x0008, "IS", Integer.toString(frames));
    }
    data.number(0x0028, 0x0010, rows);
    data.number(0x0028, 0x0011, columns);
    data.number(0x0028, 0x0100, 8);
    data.number(0x0028, 0x0101, 8);
    data.number(0x0028, 0x0102, 7);
    data.number(0x0028, 0x0103, 0);
    data.write(header(0x7FE0, 0x0010, "OB", (int) pixels).array());

    Part meta = new Part();
    meta.bytes(0x0002, 0x0001, "OB", new byte[] {0, 1});
    meta.text(0x0002, 0x0002, "UI", SECONDARY_CAPTURE);
    meta.text(0x0002, 0x0003, "UI", sopInstance);
    meta.text(0x0002, 0x0010, "UI", EXPLICIT_LITTLE_ENDIAN);
    meta.text(0x0002, 0x0012, "UI", "1.2.826.0.1.3680043.10.1234.1");
    byte[] group = meta.out.toByteArray();

    Part file = new Part();
    file.write(new byte[128]);
    file.write("DICM".getBytes(StandardCharsets.US_ASCII));
    file.write(header(0x0002, 0x0000, "UL", 4).array());
    file.write(little(4).putInt(group.length).array());
    file.write(group);
    file.write(data.out.toByteArray());
    return file.out.toByteArray();
  }

  /** An object that no validator accepts: it ends in the middle of its pixel data. */
  public static byte[] truncated(long seed) {
    byte[] whole = object(seed, 2048);
    return Arrays.copyOf(whole, whole.length - 1000);
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer header(int group, int element, String vr, int length) {
    boolean wide = vr.equals("OB");
    ByteBuffer header = little(wide ? 12 : 8).putShort((short) group).putShort((short) element);
    header.put(vr.getBytes(StandardCharsets.US_ASCII));
    return wide ? header.putShort((short) 0).putInt(length) : header.putShort((short) length);
  }

  private static final class Part {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void text(int group, int element, String vr, String value) {
      String padded = value.length() % 2 == 0 ? value : value + (vr.equals("UI") ? "\0" : " ");
      bytes(group, element, vr, padded.getBytes(StandardCharsets.US_ASCII));
    }

    void number(int group, int element, int value) {
      bytes(group, element, "US", little(2).putShort((short) value).array());
    }

    void bytes(int group, int element, String vr, byte[] value) {
      write(header(group, element, vr, value.length).array());
      write(value);
    }

    void write(byte[] bytes) {
      try {
        out.write(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
