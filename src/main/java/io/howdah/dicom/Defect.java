package io.howdah.dicom;

/**
 * Something a reader found wrong with a file's structure, without any value from it.
 *
 * @param tag the data element concerned, 0 when none is
 * @param offset byte offset in the file; within a deflated data set, in the data set as unpacked
 *     and counted on from where it begins in the file
 * @param sentence what is wrong, for a person
 */
public record Defect(Code code, int tag, long offset, Severity severity, String sentence) {
  /** How bad it is. What follows from it is policy, and decided elsewhere. */
  public enum Severity {
    /** Reading ended here. */
    FATAL,
    /** The standard is broken in a way that makes readers disagree about the content. */
    ERROR,
    /** The standard is broken, and every reader understands it alike. */
    WARNING,
    /** Allowed but worth knowing. */
    NOTE
  }

  /** The names under which defects are known to users; they stay the same between versions. */
  public enum Code {
    EMPTY,
    NOT_DICOM,
    TRUNCATED,
    NO_PREAMBLE,
    PREAMBLE_NOT_ZERO,
    EXECUTABLE_PREAMBLE,
    NO_FILE_META,
    META_GROUP_LENGTH,
    META_IMPLICIT,
    NO_TRANSFER_SYNTAX,
    UNKNOWN_TRANSFER_SYNTAX,
    TRANSFER_SYNTAX_MISMATCH,
    NESTING,
    TOO_MANY_ELEMENTS,
    TOO_LARGE_UNPACKED,
    VALUES_NOT_KEPT,
    DEFLATE_CORRUPT,
    TRAILING_DATA,
    LENGTH_ODD,
    LENGTH_PAST_END,
    LENGTH_RESERVED,
    LENGTH_UNDEFINED,
    NO_DELIMITER,
    STRAY_DELIMITER,
    DELIMITER_LENGTH,
    NOT_AN_ITEM,
    TAG_ORDER,
    TAG_INVALID,
    DUPLICATE_TAG,
    GROUP_0000,
    GROUP_0002_IN_DATA_SET,
    PRIVATE_WITHOUT_CREATOR,
    SQ_IN_PIXEL_DATA,
    PIXEL_DATA_NOT_ENCAPSULATED,
    PIXEL_DATA_ENCAPSULATED,
    VR_UNKNOWN,
    VR_MISMATCH
  }

  @Override
  public String toString() {
    return code + (tag == 0 ? "" : " " + Tag.toString(tag)) + " at " + offset + ": " + sentence;
  }
}
