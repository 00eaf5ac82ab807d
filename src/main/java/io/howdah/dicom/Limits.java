package io.howdah.dicom;

/**
 * How much of a file a reader takes before it stops; every number is a bound on memory or time.
 *
 * @param nesting sequences within sequences
 * @param elements data elements, items and fragments together
 * @param valueBytes a longer value is skipped, and only its length and offset are known
 * @param headerBytes bytes of values and element headers kept in memory together; what comes after
 *     is read and checked, but only short values of the outermost data set are kept
 * @param unpackedBytes a deflated data set may unpack to this
 * @param unpackedRatio and to this many times its packed size, if that is less
 * @param unpackedAlways but to this it may always unpack: a small black image is no bomb
 * @param defects so many of each code are listed; the first ones
 */
public record Limits(
    int nesting,
    int elements,
    int valueBytes,
    int headerBytes,
    long unpackedBytes,
    int unpackedRatio,
    long unpackedAlways,
    int defects) {
  public static final Limits DEFAULT =
      new Limits(64, 1_000_000, 1 << 20, 16 << 20, 512L << 20, 200, 16L << 20, 200);

  public Limits {
    if (nesting < 1
        || elements < 1
        || valueBytes < 64
        || headerBytes < valueBytes
        || unpackedBytes < 1
        || unpackedRatio < 1
        || defects < 1) {
      throw new IllegalArgumentException(
          "limits must be positive, valueBytes at least 64, headerBytes not less than valueBytes");
    }
  }
}
