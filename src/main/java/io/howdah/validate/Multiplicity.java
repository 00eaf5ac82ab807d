package io.howdah.validate;

/** A value multiplicity as PS3.6 writes it, such as 1, 1-3, 1-n or 2-2n. */
final class Multiplicity {
  private Multiplicity() {}

  /** True when an element may have {@code count} values. */
  static boolean allows(String multiplicity, long count) {
    int dash = multiplicity.indexOf('-');
    if (dash < 0) {
      return !isNumber(multiplicity) || Long.parseLong(multiplicity) == count;
    }
    String least = multiplicity.substring(0, dash);
    String most = multiplicity.substring(dash + 1);
    if (!isNumber(least)) {
      return true;
    }
    if (count < Long.parseLong(least)) {
      return false;
    }
    if (!most.endsWith("n")) {
      return !isNumber(most) || count <= Long.parseLong(most);
    }
    String step = most.substring(0, most.length() - 1);
    return step.isEmpty() || !isNumber(step) || count % Long.parseLong(step) == 0;
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty()
        && text.length() < 10
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
