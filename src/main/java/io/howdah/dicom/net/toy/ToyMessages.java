package io.howdah.dicom.net.toy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Messages as a toy peer lays them out and takes them apart; on purpose not by the code that it is
 * there to test.
 */
final class ToyMessages {
  private ToyMessages() {}

  static void item(ByteArrayOutputStream to, int type, byte[] value) {
    to.writeBytes(
        ByteBuffer.allocate(4)
            .put((byte) type)
            .put((byte) 0)
            .putShort((short) value.length)
            .array());
    to.writeBytes(value);
  }

  static byte[] pdu(int type, byte[] body) {
    return ByteBuffer.allocate(6 + body.length)
        .put((byte) type)
        .put((byte) 0)
        .putInt(body.length)
        .put(body)
        .array();
  }

  static List<byte[]> elementsOf(byte[] sequence) {
    java.util.ArrayList<byte[]> items = new java.util.ArrayList<>();
    ByteBuffer all = ByteBuffer.wrap(sequence).order(ByteOrder.LITTLE_ENDIAN);
    while (all.remaining() >= 8) {
      all.getInt();
      byte[] item = new byte[Math.min(all.getInt(), all.remaining())];
      all.get(item);
      items.add(item);
    }
    return items;
  }

  static byte[] command(Map<Integer, byte[]> request, int status, boolean dataSet) {
    Map<Integer, byte[]> answer = new TreeMap<>();
    answer.put(0x0100, shortValue(us(request, 0x0100) | 0x8000));
    answer.put(0x0120, request.get(0x0110));
    answer.put(0x0800, shortValue(dataSet ? 1 : 0x0101));
    if (status >= 0) {
      answer.put(0x0900, shortValue(status));
    }
    for (int repeated : new int[] {0x0002, 0x1000}) {
      if (request.containsKey(repeated)) {
        answer.put(repeated, request.get(repeated));
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    answer.forEach((tag, value) -> element(bytes, tag, value));
    return bytes.toByteArray();
  }

  static Map<Integer, byte[]> with(Map<Integer, byte[]> request, int tag, int value) {
    Map<Integer, byte[]> other = new HashMap<>(request);
    other.put(tag, shortValue(value));
    return other;
  }

  static byte[] fragment(int id, int flags, byte[] value) {
    return pdu(
        4,
        ByteBuffer.allocate(6 + value.length)
            .putInt(value.length + 2)
            .put((byte) id)
            .put((byte) flags)
            .put(value)
            .array());
  }

  static void element(ByteArrayOutputStream to, int tag, byte[] value) {
    to.writeBytes(
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) (tag >>> 16))
            .putShort((short) tag)
            .putInt(value.length)
            .array());
    to.writeBytes(value);
  }

  static byte[] shortValue(int value) {
    return new byte[] {(byte) value, (byte) (value >> 8)};
  }

  static byte[] even(String text) {
    return Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), text.length() + 1 & ~1);
  }

  static Map<Integer, byte[]> elements(ByteBuffer bytes) {
    ByteBuffer all = bytes.order(ByteOrder.LITTLE_ENDIAN);
    Map<Integer, byte[]> elements = new LinkedHashMap<>();
    while (all.remaining() >= 8) {
      int tag = (all.getShort() & 0xffff) << 16 | (all.getShort() & 0xffff);
      byte[] value = new byte[Math.max(0, Math.min(all.getInt(), all.remaining()))];
      all.get(value);
      elements.put(tag, value);
    }
    return elements;
  }

  static int us(Map<Integer, byte[]> command, int tag) {
    byte[] value = command.getOrDefault(tag, new byte[2]);
    return value.length < 2 ? 0 : (value[0] & 0xff) | (value[1] & 0xff) << 8;
  }

  static String uid(Map<Integer, byte[]> command, int tag) {
    return text(command.getOrDefault(tag, new byte[0]));
  }

  static String text(byte[] value) {
    return new String(value, StandardCharsets.US_ASCII).replace("\0", "").strip();
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  static byte[] response(Map<Integer, byte[]> request, int status, int id) {
    return fragment(id, 3, command(request, status, false));
  }
}
