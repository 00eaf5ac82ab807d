package io.howdah.dicom.net;

import io.howdah.dicom.Uids;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What stands before a received data set when it becomes a file (PS3.10 §7.1). It does not name the
 * sender, so that equal objects from two senders are equal files.
 */
final class Part10Header {
  private Part10Header() {}

  static ByteBuffer of(IncomingObject object) {
    ByteArrayOutputStream meta = new ByteArrayOutputStream();
    // OB has a longer header than the other VRs here
    meta.writeBytes(new byte[] {2, 0, 1, 0, 'O', 'B', 0, 0, 2, 0, 0, 0, 0, 1});
    put(meta, 0x02, "UI", object.sopClass(), 0);
    put(meta, 0x03, "UI", object.sopInstance(), 0);
    put(meta, 0x10, "UI", object.transferSyntax(), 0);
    put(meta, 0x12, "UI", Uids.HOWDAH_IMPLEMENTATION, 0);
    put(meta, 0x13, "SH", Uids.HOWDAH_VERSION_NAME, ' ');
    ByteBuffer out = ByteBuffer.allocate(144 + meta.size()).order(ByteOrder.LITTLE_ENDIAN);
    out.position(128);
    out.put("DICM".getBytes(StandardCharsets.US_ASCII));
    out.put(new byte[] {2, 0, 0, 0, 'U', 'L', 4, 0}).putInt(meta.size());
    return out.put(meta.toByteArray()).flip();
  }

  private static void put(
      ByteArrayOutputStream out, int element, String vr, String value, int pad) {
    byte[] text = value.getBytes(StandardCharsets.US_ASCII);
    int length = text.length + (text.length & 1);
    byte[] padded = Arrays.copyOf(text, length);
    if (length > text.length) {
      padded[text.length] = (byte) pad;
    }
    out.writeBytes(new byte[] {2, 0, (byte) element, 0});
    out.writeBytes(vr.getBytes(StandardCharsets.US_ASCII));
    out.write(length);
    out.write(0);
    out.writeBytes(padded);
  }
}
