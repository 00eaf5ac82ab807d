package io.howdah.pacsupload;

/** What is the matter with a database of another system, in one word for health. */
public enum PacsCondition {
  USABLE("is in use"),
  ABSENT("does not exist; nothing to upload"),
  GONE("was here and is gone; is its volume mounted?"),
  LOCKED("is locked by another process; waiting for it"),
  READ_ONLY("cannot be written by this process"),
  NOT_PERMITTED("cannot be opened by this process; see its owner and mode"),
  CORRUPT("is damaged; restore it or run sqlite3's .recover"),
  NOT_A_PACS("is not the database it should be: a table or column is missing"),
  DISK("cannot be read or written: its disk fails or is full");

  private final String sentence;

  PacsCondition(String sentence) {
    this.sentence = sentence;
  }

  /** The condition as the end of a sentence about the database. */
  public String sentence() {
    return sentence;
  }

  /** True when there is a file to be asked, whatever is the matter with it. */
  public boolean isThere() {
    return this != ABSENT && this != GONE;
  }

  /** True when nothing needs a person. */
  public boolean isWell() {
    return this == USABLE || this == ABSENT;
  }
}
