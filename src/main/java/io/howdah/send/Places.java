package io.howdah.send;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How many destinations are sent to at once. When all places are taken, the waiting destination of
 * the highest priority gets the next one. Safe for use by many threads.
 */
final class Places {
  private final int limit;
  private final Set<String> busy = new HashSet<>();
  private final Map<String, Ticket> waiting = new HashMap<>();
  private long serial;

  /** Whose turn it is among those who wait. */
  private record Ticket(int priority, long serial) implements Comparable<Ticket> {
    @Override
    public int compareTo(Ticket other) {
      return Comparator.comparingInt(Ticket::priority)
          .reversed()
          .thenComparingLong(Ticket::serial)
          .compare(this, other);
    }
  }

  Places(int limit) {
    this.limit = limit;
  }

  /** Takes a place, or waits in line without blocking. */
  synchronized boolean take(String destination, int priority) {
    Ticket mine = waiting.computeIfAbsent(destination, name -> new Ticket(priority, serial++));
    long ahead = waiting.values().stream().filter(other -> other.compareTo(mine) < 0).count();
    if (busy.size() + ahead >= limit) {
      return false;
    }
    waiting.remove(destination);
    busy.add(destination);
    return true;
  }

  /** Gives a place back; who should be told. */
  synchronized Optional<String> release(String destination) {
    busy.remove(destination);
    return waiting.entrySet().stream().min(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
  }
}
