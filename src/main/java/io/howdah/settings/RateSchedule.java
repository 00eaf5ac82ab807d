package io.howdah.settings;

import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many bytes a second may be sent at which time of day: {@code 2MB/s, 20:00-06:00 unlimited}.
 * Of several windows that hold a time the first counts; outside of all the rate without one.
 *
 * @param usual bytes a second; empty: unlimited
 */
public record RateSchedule(Optional<Long> usual, List<Window> windows) {
  /** No limit at any time. */
  public static final RateSchedule UNLIMITED = new RateSchedule(Optional.empty(), List.of());

  private static final Pattern PART =
      Pattern.compile(
          "(?:(\\d\\d:\\d\\d)-(\\d\\d:\\d\\d)\\s+)?(unlimited|(\\d+\\s*[A-Za-z]*)/s)",
          Pattern.CASE_INSENSITIVE);

  /**
   * A time of day, which may pass midnight, and its rate.
   *
   * @param rate bytes a second; empty: unlimited
   */
  public record Window(LocalTime from, LocalTime to, Optional<Long> rate) {
    private boolean holds(LocalTime time) {
      return from.isBefore(to)
          ? !time.isBefore(from) && time.isBefore(to)
          : !time.isBefore(from) || time.isBefore(to);
    }
  }

  /** Bytes a second at that time; empty: unlimited. */
  public Optional<Long> at(LocalTime time) {
    return windows.stream()
        .filter(window -> window.holds(time))
        .findFirst()
        .map(Window::rate)
        .orElse(usual);
  }

  /**
   * @param size reads a size such as 2MB; empty when it is none
   * @return empty when the text is no schedule
   */
  static Optional<RateSchedule> parse(String text, Function<String, Optional<Long>> size) {
    Optional<Long> usual = Optional.empty();
    boolean usualGiven = false;
    List<Window> windows = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Matcher matcher = PART.matcher(part.strip());
      if (!matcher.matches()) {
        return Optional.empty();
      }
      Optional<Long> rate = Optional.empty();
      if (matcher.group(4) != null) {
        rate = size.apply(matcher.group(4)).filter(bytes -> bytes > 0);
        if (rate.isEmpty()) {
          return Optional.empty();
        }
      }
      if (matcher.group(1) == null) {
        if (usualGiven) {
          return Optional.empty();
        }
        usualGiven = true;
        usual = rate;
        continue;
      }
      try {
        LocalTime from = LocalTime.parse(matcher.group(1));
        LocalTime to = LocalTime.parse(matcher.group(2));
        if (from.equals(to)) {
          return Optional.empty();
        }
        windows.add(new Window(from, to, rate));
      } catch (DateTimeParseException e) {
        return Optional.empty();
      }
    }
    return Optional.of(new RateSchedule(usual, List.copyOf(windows)));
  }
}
