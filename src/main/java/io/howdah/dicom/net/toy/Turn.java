package io.howdah.dicom.net.toy;

/**
 * One act together with what it says.
 *
 * @param status of the answer, where the act gives one
 */
public record Turn(Act act, int status) {
  static final Turn GOOD = new Turn(Act.ANSWER, 0);

  /** {@code 0xA700}, {@code A700}, {@code abort}, or {@code twice A700}. */
  static Turn parse(Object value) {
    if (value instanceof Integer status) {
      return new Turn(Act.ANSWER, checked(status));
    }
    String[] words = String.valueOf(value).strip().split("\\s+", 2);
    if (words.length == 2) {
      return new Turn(Act.named(words[0]), status(words[1]));
    }
    if (words[0].matches("(0[xX])?[0-9A-Fa-f]{4}")) {
      return new Turn(Act.ANSWER, status(words[0]));
    }
    return new Turn(Act.named(words[0]), 0);
  }

  private static int status(String text) {
    String digits = text.replaceFirst("^0[xX]", "");
    if (!digits.matches("[0-9A-Fa-f]{4}")) {
      throw new IllegalArgumentException(
          "a status is four hexadecimal digits, not \"" + text + "\"");
    }
    return Integer.parseInt(digits, 16);
  }

  private static int checked(int status) {
    if (status < 0 || status > 0xffff) {
      throw new IllegalArgumentException("a status is 0x0000 to 0xFFFF: " + status);
    }
    return status;
  }
}
