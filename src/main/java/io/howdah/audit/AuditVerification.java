package io.howdah.audit;

import io.howdah.audit.AuditTrail.Anchor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads the whole trail and finds what was changed, removed, inserted or put in another order; with
 * anchors from elsewhere also what was cut off at the end, or rewritten as a whole.
 *
 * @param entries how many there are
 * @param faults what is wrong, the first first, at most {@link #MOST}
 */
public record AuditVerification(long entries, Anchor head, List<String> faults) {
  /** Most faults that are told. */
  public static final int MOST = 20;

  private static final int PAGE = 5_000;

  /** True when the trail is as it was written. */
  public boolean isIntact() {
    return faults.isEmpty();
  }

  /**
   * Verifies a trail.
   *
   * @param anchors ends of the trail as they were said at earlier times
   */
  public static AuditVerification of(AuditTrail trail, Collection<Anchor> anchors) {
    Anchor told = trail.head(); // first: what is written meanwhile comes after it
    Map<Long, String> expected = new TreeMap<>();
    Faults faults = new Faults();
    anchors.forEach(
        anchor -> {
          String other = expected.putIfAbsent(anchor.seq(), anchor.hash());
          if (other != null && !other.equals(anchor.hash())) {
            faults.add("entry " + anchor.seq() + " was anchored with two hashes");
          }
        });
    if (told.seq() > 0) {
      String anchored = expected.putIfAbsent(told.seq(), told.hash());
      if (anchored != null && !anchored.equals(told.hash())) {
        faults.add("the head of the trail is not the one that was anchored");
      }
    }
    long entries = 0;
    Anchor last = new Anchor(0, AuditEntry.GENESIS);
    for (List<AuditEntry> page = trail.after(0, PAGE);
        !page.isEmpty();
        page = trail.after(last.seq(), PAGE)) {
      for (AuditEntry entry : page) {
        entries++;
        if (entry.seq() != last.seq() + 1) {
          faults.add(missing(last.seq() + 1, entry.seq() - 1));
        } else if (!entry.previousHash().equals(last.hash())) {
          faults.add("entry " + entry.seq() + " does not follow the one before it");
        }
        if (!entry.isIntact()) {
          faults.add("entry " + entry.seq() + " is not what was written");
        }
        String anchored = expected.remove(entry.seq());
        if (anchored != null && !anchored.equals(entry.hash())) {
          faults.add("entry " + entry.seq() + " is not the one that was anchored");
        }
        last = new Anchor(entry.seq(), entry.hash());
      }
    }
    long end = last.seq();
    expected.keySet().stream()
        .filter(seq -> seq > end)
        .reduce((one, other) -> other)
        .ifPresent(seq -> faults.add(missing(end + 1, seq)));
    return new AuditVerification(entries, last, List.copyOf(faults.told));
  }

  /** As many as a person reads. */
  private static final class Faults {
    private final List<String> told = new ArrayList<>();

    void add(String fault) {
      if (told.size() < MOST) {
        told.add(fault);
      }
    }
  }

  private static String missing(long from, long to) {
    return from == to
        ? "entry " + from + " is missing"
        : "entries " + from + " to " + to + " are missing";
  }
}
