package io.howdah.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How often each client may ask: so many requests a second, of which those of two seconds may come
 * at once. The clients seen longest ago are forgotten, so that no number of them fills the memory.
 * Safe for use by many threads.
 */
final class ClientRates {
  private static final int CLIENTS = 10_000;
  private static final double SECOND = 1e9;

  private final int perSecond;
  private final LongSupplier nanoTime;
  private final Map<String, Allowance> clients =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Allowance> eldest) {
          return size() > CLIENTS;
        }
      };

  /**
   * @param perSecond 0 to let everyone ask as often as they like
   * @param nanoTime a clock that only runs forward, as {@link System#nanoTime()} does
   */
  ClientRates(int perSecond, LongSupplier nanoTime) {
    this.perSecond = perSecond;
    this.nanoTime = nanoTime;
  }

  /** True when the client may ask now; counts as asking. */
  boolean admits(String client) {
    if (perSecond == 0) {
      return true;
    }
    long now = nanoTime.getAsLong();
    synchronized (clients) {
      Allowance allowance = clients.computeIfAbsent(client, unseen -> new Allowance(now));
      return allowance.spend(now);
    }
  }

  private final class Allowance {
    private double left = 2.0 * perSecond;
    private long at;

    Allowance(long now) {
      at = now;
    }

    boolean spend(long now) {
      left = Math.min(2.0 * perSecond, left + (now - at) / SECOND * perSecond);
      at = now;
      if (left < 1) {
        return false;
      }
      left--;
      return true;
    }
  }
}
