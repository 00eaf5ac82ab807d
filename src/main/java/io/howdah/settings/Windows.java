package io.howdah.settings;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When a destination is sent to, in the machine's local time: {@code 20:00-06:00}, or {@code
 * Mon-Fri 20:00-06:00; Sat,Sun 00:00-24:00}. A window that ends before it begins lasts into the
 * next day. No window: always.
 */
public record Windows(List<Window> windows) {
  /** No restriction. */
  public static final Windows ALWAYS = new Windows(List.of());

  private static final int DAY = 24 * 60;
  private static final Pattern FORM =
      Pattern.compile("(?:([A-Za-z,\\-\\s]+?)\\s+)?(\\d{2}):(\\d{2})\\s*-\\s*(\\d{2}):(\\d{2})");
  private static final Pattern DAYS = Pattern.compile("([A-Za-z]{3})(?:-([A-Za-z]{3}))?");

  public Windows {
    windows = List.copyOf(windows);
  }

  /**
   * One window.
   *
   * @param days the days on which it begins
   * @param from minutes after midnight
   * @param length in minutes
   */
  record Window(Set<DayOfWeek> days, int from, int length) {
    boolean holds(LocalDateTime now) {
      return begunOn(now.toLocalDate().atStartOfDay(), now)
          || begunOn(now.toLocalDate().minusDays(1).atStartOfDay(), now);
    }

    private boolean begunOn(LocalDateTime day, LocalDateTime now) {
      LocalDateTime begin = day.plusMinutes(from);
      return days.contains(day.getDayOfWeek())
          && !now.isBefore(begin)
          && now.isBefore(begin.plusMinutes(length));
    }
  }

  /** Whether something may be sent now. */
  public boolean isOpen(LocalDateTime now) {
    return windows.isEmpty() || windows.stream().anyMatch(window -> window.holds(now));
  }

  /** How long until something may be sent; zero when it may now. */
  public Duration untilOpen(LocalDateTime now) {
    if (isOpen(now)) {
      return Duration.ZERO;
    }
    Duration least = Duration.ofDays(8);
    for (Window window : windows) {
      for (int ahead = 0; ahead <= 7; ahead++) {
        LocalDateTime day = now.toLocalDate().plusDays(ahead).atStartOfDay();
        LocalDateTime begin = day.plusMinutes(window.from());
        if (window.days().contains(day.getDayOfWeek()) && begin.isAfter(now)) {
          Duration until = Duration.between(now, begin);
          least = until.compareTo(least) < 0 ? until : least;
        }
      }
    }
    return least;
  }

  /**
   * @throws IllegalArgumentException saying what is no window
   */
  static Windows parse(String text) {
    List<Window> windows = new ArrayList<>();
    for (String part : text.split(";")) {
      if (!part.isBlank()) {
        windows.add(window(part.strip()));
      }
    }
    return new Windows(windows);
  }

  private static Window window(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no window such as 20:00-06:00 or Mon-Fri 20:00-06:00");
    }
    int from = minutes(form.group(2), form.group(3), text);
    int to = minutes(form.group(4), form.group(5), text);
    return new Window(
        form.group(1) == null ? EnumSet.allOf(DayOfWeek.class) : days(form.group(1)),
        from,
        to > from ? to - from : to - from + DAY);
  }

  private static int minutes(String hours, String minutes, String text) {
    if (hours.equals("24") && minutes.equals("00")) {
      return DAY;
    }
    int hour = Integer.parseInt(hours);
    int minute = Integer.parseInt(minutes);
    if (hour > 23 || minute > 59) {
      throw new IllegalArgumentException("'" + text + "' has a time that no clock shows");
    }
    return LocalTime.of(hour, minute).toSecondOfDay() / 60;
  }

  private static Set<DayOfWeek> days(String text) {
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (String part : text.split(",")) {
      Matcher form = DAYS.matcher(part.strip());
      if (!form.matches()) {
        throw new IllegalArgumentException("'" + text + "' are no days such as Mon-Fri or Sat,Sun");
      }
      DayOfWeek first = day(form.group(1));
      DayOfWeek last = form.group(2) == null ? first : day(form.group(2));
      for (DayOfWeek day = first; ; day = day.plus(1)) {
        days.add(day);
        if (day == last) {
          break;
        }
      }
    }
    return days;
  }

  private static DayOfWeek day(String text) {
    for (DayOfWeek day : DayOfWeek.values()) {
      if (day.name().substring(0, 3).equals(text.toUpperCase(Locale.ROOT))) {
        return day;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is no day; they are Mon, Tue, … Sun");
  }
}
