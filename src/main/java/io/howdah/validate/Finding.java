package io.howdah.validate;

/**
 * One thing the validator has to say about a file.
 *
 * @param code stays the same from version to version
 * @param tag where, such as (0010,0020); empty when it concerns the whole file
 * @param sentence what is wrong and where, without a value from the file
 */
public record Finding(String code, String tag, Severity severity, String sentence) {
  /** What a finding does to the verdict: only an error makes a file invalid. */
  public enum Severity {
    ERROR,
    WARNING,
    NOTE
  }
}
