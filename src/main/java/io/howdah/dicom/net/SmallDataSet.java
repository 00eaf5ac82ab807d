package io.howdah.dicom.net;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The data sets of queries and commitments: a few texts and sequences, Implicit VR Little Endian
 * (PS3.5 §A.1). Not for objects.
 */
final class SmallDataSet {
  /** The largest such data set that is read. */
  static final int MAX_BYTES = 4 * 1024 * 1024;

  /** The most items read of one sequence. */
  static final int MAX_ITEMS = 20_000;

  static final int QUERY_LEVEL = 0x00080052;
  static final int SOP_INSTANCE = 0x00080018;
  static final int STUDY = 0x0020000d;
  static final int SERIES = 0x0020000e;
  static final int TRANSACTION = 0x00081195;
  static final int FAILED = 0x00081198;
  static final int REFERENCED = 0x00081199;
  static final int REFERENCED_CLASS = 0x00081150;
  static final int REFERENCED_INSTANCE = 0x00081155;

  private static final int ITEM = 0xfffee000;
  private static final int SEQUENCE_END = 0xfffee0dd;

  private final Map<Integer, byte[]> elements = new TreeMap<>(Integer::compareUnsigned);

  SmallDataSet text(int tag, String value, char pad) {
    byte[] text =
        (value.length() % 2 == 0 ? value : value + pad).getBytes(StandardCharsets.US_ASCII);
    elements.put(tag, text);
    return this;
  }

  SmallDataSet uid(int tag, String value) {
    return text(tag, value, '\0');
  }

  SmallDataSet references(int tag, List<Reference> references) {
    ByteArrayOutputStream items = new ByteArrayOutputStream();
    for (Reference each : references) {
      byte[] item =
          new SmallDataSet()
              .uid(REFERENCED_CLASS, each.sopClass())
              .uid(REFERENCED_INSTANCE, each.sopInstance())
              .encode()
              .array();
      header(items, ITEM, item.length);
      items.writeBytes(item);
    }
    elements.put(tag, items.toByteArray());
    return this;
  }

  ByteBuffer encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    elements.forEach(
        (tag, value) -> {
          header(out, tag, value.length);
          out.writeBytes(value);
        });
    return ByteBuffer.wrap(out.toByteArray());
  }

  private static void header(ByteArrayOutputStream out, int tag, int length) {
    out.writeBytes(
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) (tag >>> 16))
            .putShort((short) tag)
            .putInt(length)
            .array());
  }

  /**
   * @throws ElementCursor.Malformed when the bytes are no data set
   */
  static SmallDataSet decode(ByteBuffer bytes) throws ElementCursor.Malformed {
    SmallDataSet set = new SmallDataSet();
    ElementCursor cursor = cursor(bytes);
    try {
      while (cursor.hasNext()) {
        cursor.next();
        int tag = cursor.tag();
        if (set.elements.containsKey(tag)) {
          throw new ElementCursor.Malformed("element twice");
        }
        if (cursor.undefinedLength()) {
          int start = bytes.position();
          cursor.skip();
          set.elements.put(tag, copy(bytes.slice(start, bytes.position() - start)));
        } else {
          set.elements.put(tag, copy(cursor.value()));
        }
      }
    } catch (BufferUnderflowException e) {
      throw new ElementCursor.Malformed("length");
    }
    return set;
  }

  private static ElementCursor cursor(ByteBuffer bytes) {
    return new ElementCursor(bytes, false, ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] copy(ByteBuffer value) {
    byte[] copy = new byte[value.remaining()];
    value.get(copy);
    return copy;
  }

  /** The value without padding, empty when it is not there. */
  String text(int tag) {
    byte[] value = elements.getOrDefault(tag, new byte[0]);
    int end = value.length;
    while (end > 0 && (value[end - 1] == 0 || value[end - 1] == ' ')) {
      end--;
    }
    return new String(value, 0, end, StandardCharsets.ISO_8859_1);
  }

  /**
   * The items of a sequence that name an instance each.
   *
   * @throws ElementCursor.Malformed when one does not, or there are too many
   */
  List<Reference> references(int tag) throws ElementCursor.Malformed {
    List<Reference> references = new ArrayList<>();
    ByteBuffer items = ByteBuffer.wrap(elements.getOrDefault(tag, new byte[0]));
    ElementCursor cursor = cursor(items);
    try {
      while (cursor.hasNext()) {
        cursor.next();
        if (cursor.tag() == SEQUENCE_END) {
          break;
        }
        if (cursor.tag() != ITEM || references.size() == MAX_ITEMS) {
          throw new ElementCursor.Malformed("item");
        }
        references.add(reference(items, cursor));
      }
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new ElementCursor.Malformed("item");
    }
    return references;
  }

  private static Reference reference(ByteBuffer items, ElementCursor cursor)
      throws ElementCursor.Malformed {
    ByteBuffer item;
    if (cursor.undefinedLength()) {
      int start = items.position();
      cursor.skip();
      // without the item delimitation, which is the last 8 bytes
      item = items.slice(start, items.position() - start - 8);
    } else {
      item = cursor.value();
    }
    SmallDataSet set = decode(item);
    return new Reference(set.text(REFERENCED_CLASS), set.text(REFERENCED_INSTANCE));
  }
}
