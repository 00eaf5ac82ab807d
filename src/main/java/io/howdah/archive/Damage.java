package io.howdah.archive;

/** What is wrong with an archived study; the names are codes that monitoring may match on. */
public enum Damage {
  /** Its object has other bytes than those that were accepted. */
  CHECKSUM_MISMATCH,
  /** Its folder is there and its object is not. */
  FILE_MISSING,
  /** Its object is there and the disk does not give its bytes, or not to us. */
  UNREADABLE,
  /** Its whole folder is gone, as when somebody removed the study by rules of their own. */
  STUDY_MISSING
}
