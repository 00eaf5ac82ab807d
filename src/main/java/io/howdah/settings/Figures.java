package io.howdah.settings;

import java.time.Duration;
import java.util.Locale;

/** Sizes and durations in words for people; sizes in the units that the settings have. */
public final class Figures {
  private static final String UNITS = "KMGTP";

  private Figures() {}

  /** Such as {@code 40.3 MB}; powers of 1024. */
  public static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes / 1024.0;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length() - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %sB", value, UNITS.charAt(unit));
  }

  /** Such as {@code 2 h 5 min}; its two largest parts. */
  public static String duration(Duration time) {
    return time.toHours() > 0
        ? time.toHours() + " h " + time.toMinutesPart() + " min"
        : time.toMinutes() > 0
            ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
            : time.toSeconds() + " s";
  }
}
