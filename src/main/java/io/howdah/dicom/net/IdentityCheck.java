package io.howdah.dicom.net;

import io.howdah.dicom.Tag;
import io.howdah.dicom.TransferSyntax;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Looks at the first bytes of a data set on their way to disk and says whether it is the instance
 * the command announced (PS3.4 §B.2.3: A900, Cxxx). Keeps at most {@link #MAX_BYTES}.
 */
final class IdentityCheck {
  /** By then SOP Class and SOP Instance UID must have come. */
  static final int MAX_BYTES = 64 * 1024;

  private final String sopClass;
  private final String sopInstance;
  private final TransferSyntax transferSyntax;

  /** What is known so far. */
  enum Verdict {
    MORE_NEEDED,
    SAME,
    OTHER,
    NOT_UNDERSTOOD
  }

  IdentityCheck(String sopClass, String sopInstance, String transferSyntax) {
    this.sopClass = sopClass;
    this.sopInstance = sopInstance;
    TransferSyntax known = TransferSyntax.of(transferSyntax);
    // what nobody has registered is most often explicit and little endian
    this.transferSyntax = known == null ? TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN : known;
  }

  /**
   * @param start the data set from its first byte; read from a view, not consumed
   * @param whole whether nothing follows
   */
  Verdict look(ByteBuffer start, boolean whole) {
    boolean full = start.remaining() >= MAX_BYTES;
    try {
      ByteBuffer bytes = transferSyntax.deflated() ? inflated(start) : start.duplicate();
      return compare(bytes);
    } catch (BufferUnderflowException e) {
      return whole || full ? Verdict.NOT_UNDERSTOOD : Verdict.MORE_NEEDED;
    } catch (ElementCursor.Malformed | DataFormatException e) {
      return Verdict.NOT_UNDERSTOOD;
    }
  }

  private Verdict compare(ByteBuffer bytes) throws ElementCursor.Malformed {
    ElementCursor elements =
        new ElementCursor(
            bytes,
            transferSyntax.explicitVR(),
            transferSyntax.bigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    String foundClass = "";
    long before = -1;
    while (true) {
      elements.next();
      long tag = elements.tag() & 0xffffffffL;
      if (tag <= before || tag >>> 16 < 0x0008) {
        throw new ElementCursor.Malformed("order of elements");
      }
      before = tag;
      if (tag > Tag.SOPInstanceUID) {
        return Verdict.OTHER;
      }
      if (tag == Tag.SOPClassUID) {
        foundClass = uid(elements.value());
      } else if (tag == Tag.SOPInstanceUID) {
        return foundClass.equals(sopClass) && uid(elements.value()).equals(sopInstance)
            ? Verdict.SAME
            : Verdict.OTHER;
      } else {
        elements.skip();
      }
    }
  }

  private static String uid(ByteBuffer value) {
    int end = Math.min(value.remaining(), 65);
    byte[] text = new byte[end];
    value.get(text);
    while (end > 0 && (text[end - 1] == 0 || text[end - 1] == ' ')) {
      end--;
    }
    return new String(text, 0, end, StandardCharsets.ISO_8859_1);
  }

  private static ByteBuffer inflated(ByteBuffer start) throws DataFormatException {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(start.duplicate());
      ByteBuffer out = ByteBuffer.allocate(MAX_BYTES);
      int n;
      do {
        n = inflater.inflate(out);
      } while (n > 0 && out.hasRemaining());
      return out.flip();
    } finally {
      inflater.end();
    }
  }
}
