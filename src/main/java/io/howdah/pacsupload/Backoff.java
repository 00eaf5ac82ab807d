package io.howdah.pacsupload;

import java.time.Duration;

/**
 * How long to leave the cloud alone after trouble, as the route says: the first pause, doubling, up
 * to the longest.
 */
public record Backoff(Duration first, Duration longest) {
  /** The pause that follows {@code failures} in a row, of which there is at least one. */
  Duration after(int failures) {
    Duration pause = first;
    for (int i = 1; i < failures && pause.compareTo(longest) < 0; i++) {
      pause = pause.multipliedBy(2);
    }
    return pause.compareTo(longest) > 0 ? longest : pause;
  }
}
