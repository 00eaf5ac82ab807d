package io.howdah.sync;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * Whether the hub can be asked. While it cannot, nothing is claimed; it is looked for at once, then
 * after pauses that double up to a limit, and the first sign of life lets everything go on. Safe
 * for use by many threads.
 */
final class HubCircuit {
  private static final long FIRST_PAUSE = Duration.ofMillis(500).toNanos();

  private final LongSupplier ticker;
  private final long longest;
  private Optional<HubTrouble> trouble = Optional.empty();
  private long next;
  private long pause;

  HubCircuit(LongSupplier ticker, Duration longest) {
    this.ticker = ticker;
    this.longest = longest.toNanos();
  }

  /** True when the hub may be asked. */
  synchronized boolean isClosed() {
    return trouble.isEmpty();
  }

  /** Why it may not, if it may not. */
  synchronized Optional<HubTrouble> trouble() {
    return trouble;
  }

  /** The hub did not answer, or refuses this gateway; true when that is news. */
  synchronized boolean open(HubTrouble because) {
    boolean news = trouble.isEmpty();
    trouble = Optional.of(because);
    if (news) {
      pause = FIRST_PAUSE;
      next =
          ticker.getAsLong()
              + because
                  .retryAfter()
                  .map(Duration::toNanos)
                  .map(n -> Math.min(n, longest))
                  .orElse(0L);
    }
    return news;
  }

  /** True when it is time to look again; then the caller does. */
  synchronized boolean isProbeDue() {
    if (trouble.isEmpty() || ticker.getAsLong() - next < 0) {
      return false;
    }
    next = ticker.getAsLong() + pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
    pause = Math.min(longest, pause * 2);
    return true;
  }

  /** The hub answered; true when that is news. */
  synchronized boolean close() {
    boolean news = trouble.isPresent();
    trouble = Optional.empty();
    return news;
  }
}
