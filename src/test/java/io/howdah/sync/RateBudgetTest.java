package io.howdah.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.howdah.settings.RateSchedule;
import io.howdah.settings.RateSchedule.Window;
import io.howdah.support.MutableClock;
import io.howdah.support.Together;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The byte-rate budget on a clock moved by hand, and once on the real one. */
class RateBudgetTest {
  private static final int PIECE = 16 * 1024;
  private static final long MB = 1024 * 1024;

  private final MutableClock clock = new MutableClock(); // 10:00 UTC
  private final AtomicLong nanos = new AtomicLong(7);

  private static RateSchedule limit(long rate, Window... windows) {
    return new RateSchedule(Optional.of(rate), List.of(windows));
  }

  private RateBudget budget(RateSchedule schedule, ZoneId zone) {
    return new RateBudget(
        schedule,
        zone,
        clock,
        nanos::get,
        nap -> {
          nanos.addAndGet(nap);
          clock.advance(Duration.ofNanos(nap));
        });
  }

  private double seconds(RateBudget budget, long bytes) throws InterruptedException {
    long begun = nanos.get();
    for (long sent = 0; sent < bytes; sent += PIECE) {
      budget.take(PIECE);
    }
    return (nanos.get() - begun) / 1e9;
  }

  @Test
  void a_minute_at_each_of_three_limits_is_exact() throws InterruptedException {
    for (long rate : List.of(64 * 1024L, 2 * MB, 50 * MB)) {
      assertThat(seconds(budget(limit(rate), ZoneOffset.UTC), 60 * rate))
          .as(rate + " B/s")
          .isCloseTo(60, within(0.6));
    }
  }

  @Test
  void a_pause_saves_nothing_up() throws InterruptedException {
    RateBudget budget = budget(limit(MB), ZoneOffset.UTC);
    seconds(budget, MB);
    nanos.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(seconds(budget, 10 * MB)).isCloseTo(10, within(0.1));
  }

  @Test
  void without_a_limit_nobody_waits() throws InterruptedException {
    assertThat(seconds(budget(RateSchedule.UNLIMITED, ZoneOffset.UTC), 100 * MB)).isZero();
  }

  @Test
  void a_window_opens_and_closes_at_its_time_of_day_and_in_its_zone() throws InterruptedException {
    Window lunch = new Window(LocalTime.of(12, 0), LocalTime.of(13, 0), Optional.empty());
    RateBudget budget = budget(limit(MB, lunch), ZoneId.of("Europe/Berlin")); // it is 11:00 there
    assertThat(budget.now()).contains(MB);
    clock.advance(Duration.ofMinutes(59).plusSeconds(50));
    assertThat(seconds(budget, 30 * MB))
        .as("ten seconds under the limit, the rest at once")
        .isBetween(9.0, 11.5);
    assertThat(budget.now()).isEmpty();
    clock.advance(Duration.ofHours(1));
    assertThat(seconds(budget, 10 * MB)).isCloseTo(10, within(0.1));
  }

  @Test
  void who_waits_under_a_tiny_rate_goes_on_when_a_window_opens() throws InterruptedException {
    Window night = new Window(LocalTime.of(10, 1), LocalTime.of(6, 0), Optional.empty());
    RateBudget budget = budget(limit(1, night), ZoneOffset.UTC);
    budget.take(PIECE);
    long begun = nanos.get();
    budget.take(PIECE); // would be four and a half hours
    assertThat((nanos.get() - begun) / 1e9).isCloseTo(60, within(2.0));
  }

  @Test
  void many_uploads_share_one_budget_in_real_time() {
    RateBudget budget = RateBudget.of(limit(4 * MB), ZoneOffset.UTC, clock);
    long begun = System.nanoTime();
    Together.run(
        4,
        thread -> {
          for (int i = 0; i < 64; i++) {
            budget.take(PIECE); // 4 × 1 MB
          }
        });
    assertThat((System.nanoTime() - begun) / 1e9)
        .as("never faster than allowed")
        .isGreaterThan(0.9);
  }
}
