package io.howdah.validate;

import io.howdah.dicom.Uids;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * A Part 10 file in Explicit VR Little Endian made byte by byte, sound unless told otherwise: the
 * only way to write what no writer would.
 */
public final class MadeObject {
  /** Something no finding, log or answer may ever contain. */
  public static final String CANARY = "ZZCANARY";

  private final TreeMap<Integer, byte[]> meta = new TreeMap<>(Integer::compareUnsigned);
  private final TreeMap<Integer, byte[]> object = new TreeMap<>(Integer::compareUnsigned);
  private final List<byte[]> before = new ArrayList<>();
  private final List<byte[]> after = new ArrayList<>();
  private byte[] preamble = new byte[128];

  private MadeObject() {}

  /** A secondary capture of 2 × 2 pixels with all that the default profile asks for. */
  public static MadeObject sound() {
    MadeObject made = new MadeObject();
    made.meta(0x00020001, "OB", new byte[] {0, 1});
    made.meta(0x00020002, "UI", text(Uids.SecondaryCaptureImageStorage, 0));
    made.meta(0x00020003, "UI", text("1.2.826.0.1.3680043.10.1234.4.1", 0));
    made.meta(0x00020010, "UI", text(Uids.ExplicitVRLittleEndian, 0));
    made.meta(0x00020012, "UI", text("1.2.826.0.1.3680043.10.1234.1", 0));
    made.with(0x00080005, "CS", "ISO_IR 192");
    made.with(0x00080016, "UI", Uids.SecondaryCaptureImageStorage);
    made.with(0x00080018, "UI", "1.2.826.0.1.3680043.10.1234.4.1");
    made.with(0x00080020, "DA", "20261121");
    made.with(0x00080030, "TM", "101500");
    made.with(0x00080050, "SH", CANARY + "A1");
    made.with(0x00080060, "CS", "OT");
    made.with(0x00080064, "CS", "WSD");
    made.with(0x00081030, "LO", CANARY + " study");
    made.with(0x00100010, "PN", CANARY + "^Ann");
    made.with(0x00100020, "LO", CANARY + "1");
    made.with(0x00100030, "DA", "19700101");
    made.with(0x00100040, "CS", "O");
    made.with(0x0020000D, "UI", "1.2.826.0.1.3680043.10.1234.2.1");
    made.with(0x0020000E, "UI", "1.2.826.0.1.3680043.10.1234.3.1");
    made.with(0x00200011, "IS", "1");
    made.with(0x00200013, "IS", "1");
    made.number(0x00280002, 1);
    made.with(0x00280004, "CS", "MONOCHROME2");
    made.number(0x00280010, 2);
    made.number(0x00280011, 2);
    made.number(0x00280100, 8);
    made.number(0x00280101, 8);
    made.number(0x00280102, 7);
    made.number(0x00280103, 0);
    made.with(0x7FE00010, "OB", new byte[] {1, 2, 3, 4});
    return made;
  }

  public MadeObject preamble(byte[] bytes) {
    preamble = bytes;
    return this;
  }

  public MadeObject with(int tag, String vr, String value) {
    return with(tag, vr, text(value, vr.equals("UI") ? 0 : ' '));
  }

  public MadeObject with(int tag, String vr, byte[] value) {
    object.put(tag, element(tag, vr, value));
    return this;
  }

  public MadeObject number(int tag, int value) {
    return with(tag, "US", new byte[] {(byte) value, (byte) (value >> 8)});
  }

  public MadeObject without(int tag) {
    object.remove(tag);
    return this;
  }

  public MadeObject meta(int tag, String vr, byte[] value) {
    meta.put(tag, element(tag, vr, value));
    return this;
  }

  public MadeObject withoutMeta(int tag) {
    meta.remove(tag);
    return this;
  }

  /** Names a transfer syntax, whatever the data set is. */
  public MadeObject transferSyntax(String uid) {
    return meta(0x00020010, "UI", text(uid, 0));
  }

  /** Bytes before the first element of the data set. */
  public MadeObject before(byte[] bytes) {
    before.add(bytes);
    return this;
  }

  /** Bytes after the last element of the data set. */
  public MadeObject after(byte[] bytes) {
    after.add(bytes);
    return this;
  }

  /** The data set alone. */
  public byte[] dataSet() {
    return joined(joined(before), joined(object.values()), joined(after));
  }

  /** The file. */
  public byte[] file() {
    return file(dataSet());
  }

  /** The file with another data set. */
  public byte[] file(byte[] dataSet) {
    byte[] group = joined(meta.values());
    byte[] length = element(0x00020000, "UL", little(4).putInt(group.length).array());
    return joined(preamble, "DICM".getBytes(StandardCharsets.US_ASCII), length, group, dataSet);
  }

  /** An element as it is in a file. */
  public static byte[] element(int tag, String vr, byte[] value) {
    return joined(header(tag, vr, value.length), value);
  }

  /** The header of an element of whatever length. */
  public static byte[] header(int tag, String vr, int length) {
    boolean wide =
        List.of("OB", "OW", "OF", "OD", "OL", "OV", "SQ", "UN", "UT", "UC", "UR", "SV", "UV")
            .contains(vr);
    ByteBuffer header = little(wide ? 12 : 8).putShort((short) (tag >>> 16)).putShort((short) tag);
    header.put(vr.getBytes(StandardCharsets.US_ASCII));
    return (wide ? header.putShort((short) 0).putInt(length) : header.putShort((short) length))
        .array();
  }

  /** An item, or a delimiter, which have no VR. */
  public static byte[] item(int tag, int length) {
    return little(8).putShort((short) (tag >>> 16)).putShort((short) tag).putInt(length).array();
  }

  public static byte[] joined(Iterable<byte[]> parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    parts.forEach(out::writeBytes);
    return out.toByteArray();
  }

  public static byte[] joined(byte[]... parts) {
    return joined(List.of(parts));
  }

  private static byte[] text(String value, int padding) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return bytes.length % 2 == 0 ? bytes : joined(bytes, new byte[] {(byte) padding});
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
