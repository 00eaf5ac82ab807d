package io.howdah.dicom;

import java.nio.charset.StandardCharsets;

/** A value representation (PS3.5 §6.2), with what a reader and a writer must know of it. */
public enum VR {
  AE(Form.TEXT, 1, false, 16),
  AS(Form.TEXT, 1, false, 4),
  AT(Form.BINARY, 4, false, 0),
  CS(Form.TEXT, 1, false, 16),
  DA(Form.TEXT, 1, false, 8),
  DS(Form.TEXT, 1, false, 16),
  DT(Form.TEXT, 1, false, 26),
  FL(Form.BINARY, 4, false, 0),
  FD(Form.BINARY, 8, false, 0),
  IS(Form.TEXT, 1, false, 12),
  LO(Form.TEXT, 1, false, 64),
  LT(Form.TEXT, 1, false, 10240),
  OB(Form.BULK, 1, true, 0),
  OD(Form.BULK, 8, true, 0),
  OF(Form.BULK, 4, true, 0),
  OL(Form.BULK, 4, true, 0),
  OV(Form.BULK, 8, true, 0),
  OW(Form.BULK, 2, true, 0),
  PN(Form.TEXT, 1, false, 64),
  SH(Form.TEXT, 1, false, 16),
  SL(Form.BINARY, 4, false, 0),
  SQ(Form.SEQUENCE, 1, true, 0),
  SS(Form.BINARY, 2, false, 0),
  ST(Form.TEXT, 1, false, 1024),
  SV(Form.BINARY, 8, true, 0),
  TM(Form.TEXT, 1, false, 16),
  UC(Form.TEXT, 1, true, 0),
  UI(Form.TEXT, 1, false, 64),
  UL(Form.BINARY, 4, false, 0),
  UN(Form.BULK, 1, true, 0),
  UR(Form.TEXT, 1, true, 0),
  US(Form.BINARY, 2, false, 0),
  UT(Form.TEXT, 1, true, 0),
  UV(Form.BINARY, 8, true, 0);

  private enum Form {
    TEXT,
    BINARY,
    BULK,
    SEQUENCE
  }

  private static final VR[] ALL = values();
  private static final VR[] BY_CODE = new VR[26 * 26];

  static {
    for (VR vr : ALL) {
      BY_CODE[(vr.name().charAt(0) - 'A') * 26 + vr.name().charAt(1) - 'A'] = vr;
    }
  }

  private final Form form;
  private final int width;
  private final boolean longLength;
  private final int maxLength;
  private final byte[] code;

  VR(Form form, int width, boolean longLength, int maxLength) {
    this.form = form;
    this.width = width;
    this.longLength = longLength;
    this.maxLength = maxLength;
    this.code = name().getBytes(StandardCharsets.US_ASCII);
  }

  /** The VR with these two code bytes, or null when there is none. */
  public static VR of(int first, int second) {
    int a = first - 'A';
    int b = second - 'A';
    return (a | b) < 0 || a > 25 || b > 25 ? null : BY_CODE[a * 26 + b];
  }

  /** The VR named {@code name}, or null when there is none. */
  public static VR of(String name) {
    return name.length() == 2 ? of(name.charAt(0), name.charAt(1)) : null;
  }

  static VR ofOrdinal(int ordinal) {
    return ALL[ordinal];
  }

  byte[] code() {
    return code;
  }

  /** True when the explicit encoding has two reserved bytes and a 32 bit length (PS3.5 §7.1.2). */
  public boolean hasLongLength() {
    return longLength;
  }

  /** Bytes of one value; 1 for text. Swapping in big endian goes by this. */
  public int width() {
    return width;
  }

  /** True when the value is characters. */
  public boolean isText() {
    return form == Form.TEXT;
  }

  /** True when the value is numbers or tags of a fixed width, one value after another. */
  public boolean isNumber() {
    return form == Form.BINARY;
  }

  /** True for OB, OD, OF, OL, OV, OW and UN: a string of bytes or words taken as one value. */
  public boolean isBulk() {
    return form == Form.BULK;
  }

  /** True when Specific Character Set (0008,0005) applies (PS3.5 §6.1.2.3). */
  public boolean usesCharacterSet() {
    return switch (this) {
      case LO, LT, PN, SH, ST, UC, UT -> true;
      default -> false;
    };
  }

  /** True when a backslash in the text separates values. */
  public boolean isMultiValued() {
    return isText() && this != LT && this != ST && this != UT && this != UR;
  }

  /** True when a length of FFFFFFFF is allowed (PS3.5 §7.1.2). */
  public boolean mayHaveUndefinedLength() {
    return this == SQ || this == UN || this == OB || this == OW;
  }

  /** The greatest number of characters in one value (bytes for UI), 0 when not limited. */
  public int maxLength() {
    return maxLength;
  }

  /** The byte that makes an odd value even. */
  public byte padding() {
    return (byte) (isText() && this != UI ? ' ' : 0);
  }
}
