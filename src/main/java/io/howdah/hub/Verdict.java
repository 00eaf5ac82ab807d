package io.howdah.hub;

/** Why an upload whose bytes all came is rejected for good; names are for programs and stay. */
public enum Verdict {
  CHECKSUM_MISMATCH("the bytes that arrived do not have the announced SHA-256", false),
  SIZE_MISMATCH("the file does not have the announced size", false),
  BAD_ENCODING("the bytes cannot be unpacked as announced", false),
  NOT_DICOM("the file is no DICOM object that names its study, series and instance", true),
  STUDY_MISMATCH("the file belongs to another study than was announced", true),
  UID_CONFLICT("other bytes were filed here under this SOP Instance UID before", true),
  LONGER_THAN_DECLARED("more bytes came than were declared", false),
  BYTES_LOST("the hub's disk lost the bytes before they were filed; send them again", false),
  INTERNAL("the hub broke on this file; its operator has it", true);

  private final String sentence;
  private final boolean kept;

  Verdict(String sentence, boolean kept) {
    this.sentence = sentence;
    this.kept = kept;
  }

  /** What the sender is told. */
  public String sentence() {
    return sentence;
  }

  /**
   * True when the bytes are kept aside for a person to look at: they are the sender's own. Bytes
   * that were spoiled on the way are not; the sender has the good ones.
   */
  public boolean isKept() {
    return kept;
  }
}
