package io.howdah.dicom.net;

import io.howdah.dicom.Uids;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Small and large objects built in code: secondary captures with random pixels. */
public final class Objects {
  public static final String SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7";
  public static final String CT = "1.2.840.10008.5.1.4.1.1.2";
  public static final String STUDY = "1.2.826.0.1.3680043.9.7433.1.1";
  public static final String SERIES = "1.2.826.0.1.3680043.9.7433.1.1.1";

  private Objects() {}

  public static String uid(int number) {
    return "1.2.826.0.1.3680043.9.7433.1.1.1." + number;
  }

  public static List<Instance> study(Path directory, int count, int rows) throws IOException {
    List<Instance> instances = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      instances.add(instance(directory, i, rows));
    }
    return instances;
  }

  public static Instance instance(Path directory, int number, int rows) throws IOException {
    ByteBuffer dataSet = dataSet(SECONDARY_CAPTURE, uid(number), rows);
    IncomingObject object =
        new IncomingObject(SECONDARY_CAPTURE, uid(number), Uids.ExplicitVRLittleEndian);
    ByteBuffer header = Part10Header.of(object);
    Path file = directory.resolve(number + ".dcm");
    int offset = header.remaining();
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(header.array(), 0, header.limit());
      out.write(dataSet.array(), 0, dataSet.limit());
    }
    return new Instance(
        file, object.sopClass(), object.sopInstance(), object.transferSyntax(), offset);
  }

  /** Square, 16 bits a pixel, Explicit VR Little Endian. */
  public static ByteBuffer dataSet(String sopClass, String sopInstance, int rows) {
    ByteBuffer out = ByteBuffer.allocate(2048 + 2 * rows * rows).order(ByteOrder.LITTLE_ENDIAN);
    text(out, 0x0008, 0x0005, "CS", "ISO_IR 100");
    text(out, 0x0008, 0x0016, "UI", sopClass);
    text(out, 0x0008, 0x0018, "UI", sopInstance);
    text(out, 0x0008, 0x0020, "DA", "20260101");
    text(out, 0x0008, 0x0030, "TM", "120000");
    text(out, 0x0008, 0x0050, "SH", "A1");
    text(out, 0x0008, 0x0060, "CS", "OT");
    text(out, 0x0008, 0x0064, "CS", "SYN");
    text(out, 0x0010, 0x0010, "PN", "Test^Subject");
    text(out, 0x0010, 0x0020, "LO", "T1");
    text(out, 0x0020, 0x000d, "UI", STUDY);
    text(out, 0x0020, 0x000e, "UI", SERIES);
    text(out, 0x0020, 0x0013, "IS", "1");
    number(out, 0x0028, 0x0002, 1);
    text(out, 0x0028, 0x0004, "CS", "MONOCHROME2");
    number(out, 0x0028, 0x0010, rows);
    number(out, 0x0028, 0x0011, rows);
    number(out, 0x0028, 0x0100, 16);
    number(out, 0x0028, 0x0101, 16);
    number(out, 0x0028, 0x0102, 15);
    number(out, 0x0028, 0x0103, 0);
    out.putShort((short) 0x7fe0).putShort((short) 0x0010);
    out.put((byte) 'O').put((byte) 'W').putShort((short) 0).putInt(2 * rows * rows);
    byte[] pixels = new byte[2 * rows * rows];
    new Random(sopInstance.hashCode()).nextBytes(pixels);
    return out.put(pixels).flip();
  }

  private static void text(ByteBuffer out, int group, int element, String vr, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
    out.putShort((short) group).putShort((short) element);
    out.put(vr.getBytes(StandardCharsets.US_ASCII)).putShort((short) (bytes.length + 1 & ~1));
    out.put(bytes);
    if (bytes.length % 2 == 1) {
      out.put((byte) (vr.equals("UI") ? 0 : ' '));
    }
  }

  private static void number(ByteBuffer out, int group, int element, int value) {
    out.putShort((short) group).putShort((short) element);
    out.put((byte) 'U').put((byte) 'S').putShort((short) 2).putShort((short) value);
  }
}
