package io.howdah.send;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A destination's circuit: open after trouble, until it answers again.
 *
 * @param failures in a row; 0: closed
 * @param until nothing is tried before
 * @param since when it opened
 * @param reason of the last failure
 */
public record Circuit(
    String destination, int failures, Instant until, Optional<Instant> since, String reason) {
  private static final Duration LONGEST = Duration.ofSeconds(60);

  /** True while nothing is sent. */
  public boolean isOpen() {
    return failures > 0;
  }

  /**
   * The pause after so many failures in a row: 1 s doubling to 60 s, of which chance takes up to
   * half, so that many senders do not come back at once.
   *
   * @param chance 0 to 1
   */
  public static Duration pause(int failures, double chance) {
    long whole = Math.min(LONGEST.toMillis(), 1000L << Math.min(failures - 1, 10));
    return Duration.ofMillis((long) (whole * (1 - chance / 2)));
  }
}
