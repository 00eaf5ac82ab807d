package io.howdah.dicom;

/**
 * One place at which two files differ, without the values.
 *
 * @param path the tag, after those of the sequences it is in with the item's number from 1: {@code
 *     (0040,0275)[1](0040,1001)}
 * @param keyword of the tag; empty for private and unknown ones
 * @param vr in the first file, or in the only one
 */
public record Difference(String path, String keyword, VR vr, Kind kind) {
  /** In what they differ. */
  public enum Kind {
    ONLY_IN_FIRST,
    ONLY_IN_SECOND,
    /** The same element under two VRs. */
    VR,
    VALUE,
    /** Sequences of different numbers of items; those that both have are compared. */
    ITEM_COUNT,
    /** The pixels, or only how they are encoded. */
    PIXEL_DATA,
    /** Too long to be in memory, inside a sequence and in fragments: not looked at. */
    NOT_COMPARED
  }
}
