package io.howdah.validate;

import io.howdah.dicom.Uids;
import io.howdah.dicom.VR;
import java.time.YearMonth;
import java.util.Optional;

/**
 * What PS3.5 §6.2 asks of one value of each VR, after decoding, splitting at the backslash and
 * removing the padding.
 */
final class ValueSyntax {
  private ValueSyntax() {}

  /** How a value breaks the rules of its VR. */
  enum Breach {
    /** More characters than the VR allows. */
    TOO_LONG,
    /** A character that the VR does not allow. */
    REPERTOIRE,
    /** Not of the form the VR prescribes. */
    FORM
  }

  /** The first rule that {@code value} breaks; an empty value breaks none. */
  static Optional<Breach> check(VR vr, String value) {
    if (value.isEmpty()) {
      return Optional.empty();
    }
    return switch (vr) {
      case AE -> first(longer(value, 16), !printable(value), value.isBlank());
      case AS -> first(longer(value, 4), !all(value, ValueSyntax::isAge), !age(value));
      case CS -> first(longer(value, 16), !all(value, ValueSyntax::isCode), false);
      case DA -> first(longer(value, 8), !all(value, ValueSyntax::isDigit), !date(value));
      case TM -> first(longer(value, 14), !all(value, ValueSyntax::isTime), !time(value));
      case DT -> first(longer(value, 26), !all(value, ValueSyntax::isMoment), !moment(value));
      case DS -> first(longer(value, 16), !all(value, ValueSyntax::isDecimal), !decimal(value));
      case IS -> first(longer(value, 12), !all(value, ValueSyntax::isInteger), !integer(value));
      case UI -> first(longer(value, 64), !all(value, ValueSyntax::isUid), !Uids.isValid(value));
      case UR -> first(false, !all(value, ValueSyntax::isUri), value.startsWith(" "));
      case SH -> first(longer(value, 16), controls(value), false);
      case LO -> first(longer(value, 64), controls(value), false);
      case UC -> first(false, controls(value), false);
      case PN -> name(value);
      case ST -> first(longer(value, 1024), controlsInText(value), false);
      case LT -> first(longer(value, 10240), controlsInText(value), false);
      case UT -> first(false, controlsInText(value), false);
      default -> Optional.empty();
    };
  }

  private static Optional<Breach> first(boolean tooLong, boolean repertoire, boolean form) {
    if (repertoire) {
      return Optional.of(Breach.REPERTOIRE);
    }
    if (tooLong) {
      return Optional.of(Breach.TOO_LONG);
    }
    return form ? Optional.of(Breach.FORM) : Optional.empty();
  }

  private static boolean longer(String value, int limit) {
    return value.length() > limit && value.codePointCount(0, value.length()) > limit;
  }

  /** PS3.5 §6.2.1: up to three component groups of at most 64 characters and five components. */
  private static Optional<Breach> name(String value) {
    boolean tooLong = false;
    int groups = 1;
    int components = 1;
    boolean tooMany = false;
    int start = 0;
    for (int i = 0; i <= value.length(); i++) {
      boolean end = i == value.length();
      if (end || value.charAt(i) == '=') {
        tooLong |= longer(value.substring(start, i), 64);
        tooMany |= components > 5;
        components = 1;
        start = i + 1;
        groups += end ? 0 : 1;
      } else if (value.charAt(i) == '^') {
        components++;
      }
    }
    return first(tooLong, controls(value), tooMany || groups > 3);
  }

  private static boolean age(String value) {
    return value.length() == 4
        && isDigit(value.charAt(0))
        && isDigit(value.charAt(1))
        && isDigit(value.charAt(2))
        && !isDigit(value.charAt(3));
  }

  private static boolean date(String value) {
    return value.length() == 8 && isDay(number(value, 0, 4), number(value, 4, 6), value, 6);
  }

  private static boolean isDay(int year, int month, String value, int at) {
    int day = number(value, at, at + 2);
    return month >= 1
        && month <= 12
        && day >= 1
        && day <= YearMonth.of(year, month).lengthOfMonth();
  }

  private static boolean time(String value) {
    return clock(value, 0, value.length());
  }

  /** HH, HHMM, HHMMSS or HHMMSS.F…; a leap second is allowed. */
  private static boolean clock(String value, int from, int to) {
    int dot = value.indexOf('.', from);
    int whole = dot >= 0 && dot < to ? dot : to;
    int digits = whole - from;
    if (!digits(value, from, whole) || (digits != 2 && digits != 4 && digits != 6)) {
      return false;
    }
    if (whole < to
        && (digits != 6 || to - whole < 2 || to - whole > 7 || !digits(value, whole + 1, to))) {
      return false;
    }
    return number(value, from, from + 2) < 24
        && (digits < 4 || number(value, from + 2, from + 4) < 60)
        && (digits < 6 || number(value, from + 4, from + 6) <= 60);
  }

  /** YYYY[MM[DD[HH[MM[SS[.F…]]]]]][±ZZZZ] */
  private static boolean moment(String value) {
    int zone = Math.max(value.indexOf('+'), value.indexOf('-'));
    int end = zone < 0 ? value.length() : zone;
    if (zone >= 0
        && (value.length() != zone + 5
            || !digits(value, zone + 1, zone + 5)
            || number(value, zone + 1, zone + 3) > 14
            || number(value, zone + 3, zone + 5) > 59)) {
      return false;
    }
    if (end < 4 || !digits(value, 0, Math.min(end, 8))) {
      return false;
    }
    if (end == 4) {
      return true;
    }
    if (end == 5 || end == 7) {
      return false;
    }
    int month = number(value, 4, 6);
    if (month < 1 || month > 12) {
      return false;
    }
    if (end == 6) {
      return true;
    }
    return isDay(number(value, 0, 4), month, value, 6) && (end == 8 || clock(value, 8, end));
  }

  private static boolean integer(String value) {
    String text = value.strip();
    int from = !text.isEmpty() && (text.charAt(0) == '+' || text.charAt(0) == '-') ? 1 : 0;
    if (text.length() == from || !digits(text, from, text.length()) || text.length() > 12) {
      return false;
    }
    long number = Long.parseLong(text);
    return number >= Integer.MIN_VALUE && number <= Integer.MAX_VALUE;
  }

  private static boolean decimal(String value) {
    String text = value.strip();
    int i = sign(text, 0);
    int whole = run(text, i);
    i += whole;
    int fraction = 0;
    if (i < text.length() && text.charAt(i) == '.') {
      fraction = run(text, i + 1);
      i += 1 + fraction;
    }
    if (whole + fraction == 0) {
      return false;
    }
    if (i < text.length() && (text.charAt(i) == 'e' || text.charAt(i) == 'E')) {
      int start = sign(text, i + 1);
      int exponent = run(text, start);
      return exponent > 0 && start + exponent == text.length();
    }
    return i == text.length();
  }

  private static int sign(String text, int at) {
    return at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-') ? at + 1 : at;
  }

  private static int run(String text, int from) {
    int i = from;
    while (i < text.length() && isDigit(text.charAt(i))) {
      i++;
    }
    return i - from;
  }

  private static int number(String value, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      number = number * 10 + value.charAt(i) - '0';
    }
    return number;
  }

  private static boolean digits(String value, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!isDigit(value.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean printable(String value) {
    return all(value, c -> c >= ' ' && c < 0x7f && c != '\\');
  }

  private static boolean controls(String value) {
    return !all(value, c -> c >= ' ' && !isHigherControl(c));
  }

  private static boolean controlsInText(String value) {
    return !all(
        value,
        c -> (c >= ' ' && !isHigherControl(c)) || c == '\t' || c == '\n' || c == '\f' || c == '\r');
  }

  private static boolean isHigherControl(char c) {
    return c >= 0x7f && c < 0xa0;
  }

  private static boolean all(String value, Allowed allowed) {
    for (int i = 0; i < value.length(); i++) {
      if (!allowed.test(value.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** A repertoire of characters. */
  private interface Allowed {
    boolean test(char c);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isAge(char c) {
    return isDigit(c) || c == 'D' || c == 'W' || c == 'M' || c == 'Y';
  }

  private static boolean isCode(char c) {
    return isDigit(c) || (c >= 'A' && c <= 'Z') || c == ' ' || c == '_';
  }

  private static boolean isTime(char c) {
    return isDigit(c) || c == '.';
  }

  private static boolean isMoment(char c) {
    return isDigit(c) || c == '.' || c == '+' || c == '-';
  }

  private static boolean isDecimal(char c) {
    return isMoment(c) || c == 'e' || c == 'E' || c == ' ';
  }

  private static boolean isInteger(char c) {
    return isDigit(c) || c == '+' || c == '-' || c == ' ';
  }

  private static boolean isUid(char c) {
    return isDigit(c) || c == '.';
  }

  /** RFC 3986 §2. */
  private static boolean isUri(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || isDigit(c)
        || "-._~:/?#[]@!$&'()*+,;=% ".indexOf(c) >= 0;
  }
}
