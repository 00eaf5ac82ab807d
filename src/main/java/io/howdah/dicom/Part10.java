package io.howdah.dicom;

import java.nio.charset.StandardCharsets;

/** Tells DICOM files from others by their first bytes, before anything is stored. */
public final class Part10 {
  /** With this many bytes every question here can be answered as well as it ever can. */
  public static final int HEAD = 512;

  private Part10() {}

  /**
   * True when the bytes begin a DICOM file: DICM after 128 bytes, or, without a preamble, elements
   * that the registry knows in ascending order. False for everything a person would call another
   * type of file, unless it is both.
   */
  public static boolean looksLikeDicom(byte[] head, int length) {
    return hasPreamble(head, length) || guess(head, 0, length) != null;
  }

  static boolean hasPreamble(byte[] head, int length) {
    return length >= 132
        && head[128] == 'D'
        && head[129] == 'I'
        && head[130] == 'C'
        && head[131] == 'M';
  }

  /** True when the file meta information names Media Storage Directory Storage. */
  public static boolean isDicomdir(byte[] head, int length) {
    return Uids.MediaStorageDirectoryStorage.equals(mediaStorageSopClass(head, length));
  }

  /** Media Storage SOP Class UID, if it is within these bytes; otherwise null. */
  public static String mediaStorageSopClass(byte[] head, int length) {
    int at = hasPreamble(head, length) ? 132 : 0;
    while (at + 8 <= length && u16(head, at) == 0x0002) {
      int element = u16(head, at + 2);
      VR vr = VR.of(head[at + 4], head[at + 5]);
      if (vr == null) {
        return null;
      }
      boolean longLength = vr.hasLongLength();
      if (longLength && at + 12 > length) {
        return null;
      }
      long valueLength = longLength ? u32(head, at + 8) : u16(head, at + 6);
      int value = at + (longLength ? 12 : 8);
      if (valueLength > length - value) {
        return null;
      }
      if (element == 0x0002) {
        return new String(head, value, (int) valueLength, StandardCharsets.US_ASCII)
            .replace('\0', ' ')
            .strip();
      }
      at = value + (int) valueLength;
    }
    return null;
  }

  /**
   * The transfer syntax of a data set that begins at {@code at}, judged by its first two elements;
   * null when this is no data set. Never a deflated or encapsulated one: those cannot be told.
   */
  static TransferSyntax guess(byte[] head, int at, int length) {
    if (length - at < 8) {
      return null;
    }
    if (plausible(head, at, length, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN)) {
      return TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN;
    }
    if (plausible(head, at, length, TransferSyntax.EXPLICIT_VR_BIG_ENDIAN)) {
      return TransferSyntax.EXPLICIT_VR_BIG_ENDIAN;
    }
    return plausible(head, at, length, TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN)
        ? TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN
        : null;
  }

  /** Whether the element here, and the next if it is in reach, can be ones of that encoding. */
  private static boolean plausible(byte[] head, int from, int length, TransferSyntax syntax) {
    int at = from;
    int before = 0;
    for (int i = 0; i < 2 && length - at >= 8; i++) {
      int tag =
          syntax.bigEndian()
              ? u16be(head, at) << 16 | u16be(head, at + 2)
              : u16(head, at) << 16 | u16(head, at + 2);
      int group = tag >>> 16;
      if (group < 2 || group > 0x0028 && i == 0 || !Dictionary.knows(tag) && (tag & 0xFFFF) != 0) {
        return false;
      }
      if (Integer.compareUnsigned(tag, before) <= 0) {
        return false;
      }
      before = tag;
      long valueLength;
      if (syntax.explicitVR()) {
        VR vr = VR.of(head[at + 4], head[at + 5]);
        if (vr == null || !Dictionary.allows(tag, vr)) {
          return false;
        }
        if (vr.hasLongLength()) {
          return true;
        }
        valueLength = syntax.bigEndian() ? u16be(head, at + 6) : u16(head, at + 6);
      } else {
        valueLength = u32(head, at + 4);
        VR vr = Dictionary.vr(tag);
        if (vr == VR.SQ || vr.isBulk()) {
          return true;
        }
        if (vr.maxLength() > 0 && valueLength > 64L * vr.maxLength() || valueLength > 1 << 16) {
          return false;
        }
      }
      at += (int) Math.min(8 + valueLength, length - at);
    }
    return true;
  }

  static int u16(byte[] b, int at) {
    return b[at] & 0xFF | (b[at + 1] & 0xFF) << 8;
  }

  static int u16be(byte[] b, int at) {
    return (b[at] & 0xFF) << 8 | b[at + 1] & 0xFF;
  }

  static long u32(byte[] b, int at) {
    return u16(b, at) | (long) u16(b, at + 2) << 16;
  }
}
