package io.howdah.validate;

import io.howdah.validate.Finding.Severity;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a profile asks of one element of the outermost data set. Value rules apply to every value
 * the element has, and to none when it is absent or empty.
 *
 * @param label how the element is called in missing_tags and sentences
 * @param vrs the VRs it may have; empty: any
 * @param oneOf the values it may have; empty: any
 * @param sentence instead of the built-in one
 */
record TagRule(
    int tag,
    String label,
    Presence presence,
    Set<String> vrs,
    Set<String> oneOf,
    Optional<Pattern> pattern,
    Optional<BigDecimal> least,
    Optional<BigDecimal> most,
    Severity severity,
    Optional<String> sentence) {

  /** Longer values are not matched against a pattern. */
  static final int PATTERN_VALUE_LIMIT = 1024;

  /** So many characters of an element's values a pattern may look at before it is called off. */
  static final int PATTERN_STEPS = 100_000;

  /** Whether the element must be there. */
  enum Presence {
    OPTIONAL,
    PRESENT,
    VALUE,
    ABSENT
  }

  /** What a look at a value came to. */
  enum Answer {
    ALLOWED,
    NOT_ALLOWED,
    UNDECIDED
  }

  /** Whether every one of these values is allowed. */
  Answer allows(List<String> values) {
    int[] steps = {PATTERN_STEPS};
    for (String value : values) {
      if (!oneOf.isEmpty() && !oneOf.contains(value) || !inRange(value)) {
        return Answer.NOT_ALLOWED;
      }
      Answer answer = pattern.isEmpty() ? Answer.ALLOWED : matches(pattern.get(), value, steps);
      if (answer != Answer.ALLOWED) {
        return answer;
      }
    }
    return Answer.ALLOWED;
  }

  private boolean inRange(String value) {
    if (least.isEmpty() && most.isEmpty()) {
      return true;
    }
    if (value.length() > 32) {
      return false;
    }
    try {
      BigDecimal number = new BigDecimal(value.strip());
      return least.map(bound -> number.compareTo(bound) >= 0).orElse(true)
          && most.map(bound -> number.compareTo(bound) <= 0).orElse(true);
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static Answer matches(Pattern pattern, String value, int[] steps) {
    if (value.length() > PATTERN_VALUE_LIMIT) {
      return Answer.UNDECIDED;
    }
    try {
      return pattern.matcher(new Counted(value, steps)).matches()
          ? Answer.ALLOWED
          : Answer.NOT_ALLOWED;
    } catch (StepsExceeded e) {
      return Answer.UNDECIDED;
    }
  }

  /** A value that may be looked at only so often: a pattern that goes exponential is called off. */
  private record Counted(String text, int[] left) implements CharSequence {
    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (--left[0] < 0) {
        throw new StepsExceeded();
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Counted(text.substring(start, end), left);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private static final class StepsExceeded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StepsExceeded() {
      super(null, null, false, false);
    }
  }
}
