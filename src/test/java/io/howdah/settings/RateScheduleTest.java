package io.howdah.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.LocalTime;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code howdah.sync.rate}: which rate holds at which time of day. */
class RateScheduleTest {
  @TempDir Path base;

  private RateSchedule schedule(String text) {
    return SettingsReader.read(
            base, base.resolve("config"), Map.of("HOWDAH_SYNC_RATE", text), Map.of())
        .sync()
        .rate();
  }

  private static Optional<Long> at(RateSchedule schedule, String time) {
    return schedule.at(LocalTime.parse(time));
  }

  @Test
  void a_rate_without_a_window_holds_all_day() {
    assertThat(at(schedule("2MB/s"), "00:00")).contains(2L << 20);
    assertThat(at(schedule("2MB/s"), "23:59")).contains(2L << 20);
    assertThat(at(schedule("unlimited"), "12:00")).isEmpty();
  }

  @Test
  void a_window_may_pass_midnight_and_ends_when_it_says() {
    RateSchedule schedule = schedule("2MB/s, 20:00-06:00 unlimited");
    assertThat(at(schedule, "19:59")).contains(2L << 20);
    assertThat(at(schedule, "20:00")).isEmpty();
    assertThat(at(schedule, "00:00")).isEmpty();
    assertThat(at(schedule, "05:59")).isEmpty();
    assertThat(at(schedule, "06:00")).contains(2L << 20);
  }

  @Test
  void the_first_of_two_windows_counts() {
    RateSchedule schedule = schedule("12:00-13:00 10KB/s, 08:00-18:00 500KB/s, unlimited");
    assertThat(at(schedule, "12:30")).contains(10L << 10);
    assertThat(at(schedule, "08:00")).contains(500L << 10);
    assertThat(at(schedule, "18:00")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2MB",
        "fast",
        "0MB/s",
        "25:00-06:00 unlimited",
        "1MB/s, 2MB/s",
        "06:00-06:00 1KB/s",
        "",
        "1MB/s,"
      })
  void what_is_no_schedule_stops_the_start(String text) {
    assertThat(
            org.assertj.core.api.Assertions.catchThrowableOfType(
                    BadSettings.class, () -> schedule(text))
                .complaints())
        .hasSize(1)
        .allMatch(complaint -> complaint.startsWith("howdah.sync.rate must be such as"));
  }
}
