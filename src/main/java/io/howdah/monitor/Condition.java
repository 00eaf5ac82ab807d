package io.howdah.monitor;

/**
 * What one check found, for people: names folders and settings, never a path or a patient.
 *
 * @param code what monitoring may match on; empty when all is well
 * @param sentence what is wrong and what to do about it
 */
record Condition(Level level, String code, String sentence) {
  /** How bad it is. */
  enum Level {
    UP,
    /** Worth knowing; work goes on. */
    NOTE,
    /** Not ready: callers should go elsewhere until it is put right. */
    DOWN
  }

  static final Condition WELL = new Condition(Level.UP, "", "");

  static Condition note(String code, String sentence) {
    return new Condition(Level.NOTE, code, sentence);
  }

  static Condition down(String code, String sentence) {
    return new Condition(Level.DOWN, code, sentence);
  }
}
