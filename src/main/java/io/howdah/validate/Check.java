package io.howdah.validate;

import io.howdah.validate.Finding.Severity;

/**
 * What the validator itself looks for, beside the reader's defects; the names are the codes users
 * see, and stay the same between versions.
 */
enum Check {
  /** An element that a profile requires is absent. */
  MISSING_TAG(Severity.ERROR),
  /** An element that a profile requires has no value. */
  EMPTY_TAG(Severity.ERROR),
  /** A value is not one that a profile allows. */
  VALUE_NOT_ALLOWED(Severity.ERROR),
  /** A profile's pattern took too long to decide about a value. */
  PATTERN_UNDECIDED(Severity.WARNING),
  /** A UID that identifies the object is not safe as a key. */
  UID_UNUSABLE(Severity.ERROR),
  /** The object is an index of others. */
  DICOMDIR(Severity.ERROR),
  /** A UID breaks PS3.5 §9.1. */
  UID_SYNTAX(Severity.WARNING),
  /** A value is longer than its VR allows. */
  VALUE_LENGTH(Severity.WARNING),
  /** A value has characters that its VR does not allow. */
  VALUE_REPERTOIRE(Severity.WARNING),
  /** A value does not have the form its VR prescribes. */
  VALUE_FORM(Severity.WARNING),
  /** The number of values is not one the data dictionary allows. */
  VALUE_COUNT(Severity.WARNING),
  /** Specific Character Set has a term the standard does not define. */
  CHARSET_UNKNOWN(Severity.WARNING),
  /** Text has bytes that are not valid in its character set. */
  CHARSET_BYTES(Severity.WARNING),
  /** File meta information and data set name different SOP classes. */
  SOP_CLASS_MISMATCH(Severity.ERROR),
  /** File meta information and data set name different SOP instances. */
  SOP_INSTANCE_MISMATCH(Severity.WARNING),
  /** The SOP class is not in the registry. */
  SOP_CLASS_UNKNOWN(Severity.NOTE),
  /** The SOP class is in the registry but is not one of objects that are stored. */
  SOP_CLASS_NOT_STORAGE(Severity.WARNING),
  /** The modality is not one that goes with the SOP class. */
  MODALITY_FOR_SOP_CLASS(Severity.WARNING),
  /** File meta information lacks what it must have. */
  META_TAG_MISSING(Severity.WARNING),
  /** An image has no pixel data: it may have been cut off before it. */
  PIXEL_DATA_MISSING(Severity.ERROR),
  /** Uncompressed pixel data is shorter than its dimensions say. */
  PIXEL_DATA_SHORT(Severity.ERROR),
  /** Uncompressed pixel data is longer than its dimensions say. */
  PIXEL_DATA_LONG(Severity.WARNING),
  /** The attributes that describe the pixel data are absent or impossible. */
  PIXEL_ATTRIBUTES(Severity.WARNING),
  /** Compressed pixel data has fewer fragments than frames. */
  PIXEL_FRAGMENTS(Severity.WARNING),
  /** Only the first so many values were looked at. */
  VALUES_NOT_CHECKED(Severity.NOTE),
  /** Only the first so many findings are listed. */
  MORE_FINDINGS(Severity.NOTE);

  private final Severity severity;

  Check(Severity severity) {
    this.severity = severity;
  }

  /** How bad it is unless a profile says otherwise. */
  Severity severity() {
    return severity;
  }

  /** True when no profile may make it less than an error: what follows would not be safe. */
  boolean isFixed() {
    return this == UID_UNUSABLE || this == DICOMDIR;
  }

  /** True when its severity comes with the rule that found it, or makes no difference. */
  boolean hasSeverityOfItsRule() {
    return this == MISSING_TAG || this == EMPTY_TAG || this == VALUE_NOT_ALLOWED;
  }
}
