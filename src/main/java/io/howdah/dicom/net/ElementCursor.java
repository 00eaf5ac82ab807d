package io.howdah.dicom.net;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;

/**
 * Steps over the elements of a data set in memory without recursion; deeper nesting than {@link
 * #MAX_DEPTH} is {@link Malformed} (PS3.5 §7). The first bytes of a longer data set will do: what
 * they break off in is a {@link java.nio.BufferUnderflowException}. For one thread.
 */
final class ElementCursor {
  /** The deepest nesting of sequences that is followed. */
  static final int MAX_DEPTH = 64;

  private static final int ITEM = 0xfffee000;
  private static final int ITEM_END = 0xfffee00d;
  private static final int SEQUENCE_END = 0xfffee0dd;
  private static final long UNDEFINED = 0xffffffffL;
  private static final Set<String> LONG_FORM =
      Set.of("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV");
  private static final Set<String> SHORT_FORM =
      Set.of(
          "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FL", "FD", "IS", "LO", "LT", "PN", "SH", "SL",
          "SS", "ST", "TM", "UI", "UL", "US");

  private final ByteBuffer in;
  private final boolean explicit;
  private int tag;
  private long length;

  /** The bytes are no data set in this encoding. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String what) {
      super(what);
    }
  }

  /**
   * @param in from its position to its limit
   */
  ElementCursor(ByteBuffer in, boolean explicit, ByteOrder order) {
    this.in = in.order(order);
    this.explicit = explicit;
  }

  boolean hasNext() {
    return in.hasRemaining();
  }

  /**
   * Reads the next header; the value is then taken by {@link #value} or passed by {@link #skip}.
   */
  void next() throws Malformed {
    header(explicit);
  }

  int tag() {
    return tag;
  }

  boolean undefinedLength() {
    return length == UNDEFINED;
  }

  /** The value, which must have a defined length. */
  ByteBuffer value() throws Malformed {
    if (length == UNDEFINED) {
      throw new Malformed("undefined length");
    }
    need(length);
    ByteBuffer value = in.slice(in.position(), (int) length).order(in.order());
    in.position(in.position() + (int) length);
    return value;
  }

  /** Passes the value and everything nested in it. */
  void skip() throws Malformed {
    if (length != UNDEFINED) {
      need(length);
      in.position(in.position() + (int) length);
      return;
    }
    int depth = 1;
    while (depth > 0) {
      header(explicit);
      if (tag == ITEM_END || tag == SEQUENCE_END) {
        depth--;
      } else if (length == UNDEFINED) {
        if (++depth > MAX_DEPTH) {
          throw new Malformed("nesting");
        }
      } else {
        need(length);
        in.position(in.position() + (int) length);
      }
    }
  }

  private void header(boolean withVr) throws Malformed {
    tag = (in.getShort() & 0xffff) << 16 | (in.getShort() & 0xffff);
    if (!withVr || tag == ITEM || tag == ITEM_END || tag == SEQUENCE_END) {
      length = in.getInt() & 0xffffffffL;
      return;
    }
    String vr = "" + (char) (in.get() & 0xff) + (char) (in.get() & 0xff);
    if (LONG_FORM.contains(vr)) {
      in.getShort();
      length = in.getInt() & 0xffffffffL;
    } else if (SHORT_FORM.contains(vr)) {
      length = in.getShort() & 0xffff;
    } else {
      throw new Malformed("VR");
    }
  }

  private void need(long bytes) {
    if (bytes > in.remaining()) {
      throw new java.nio.BufferUnderflowException();
    }
  }
}
