package io.howdah.dicom.net;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** Counts what became of instances, by the peer's status or by what came instead of one. */
public final class StoreTally implements StoreListener {
  private final SortedMap<String, Integer> outcomes = new TreeMap<>();
  private int stored;
  private int notStored;

  @Override
  public void outcome(Instance instance, StoreOutcome outcome) {
    outcomes.merge(outcome.label(), 1, Integer::sum);
    if (outcome.stored()) {
      stored++;
    } else {
      notStored++;
    }
  }

  /** A file that could not even be offered, because it does not say what it is. */
  public void unsendable() {
    outcomes.merge("no DICOM object", 1, Integer::sum);
    notStored++;
  }

  /** How many the peer said it has. */
  public int stored() {
    return stored;
  }

  /** How many are not known to be stored. */
  public int notStored() {
    return notStored;
  }

  /** How often each outcome occurred, such as {@code 0000}, {@code A700} or {@code not sent}. */
  public SortedMap<String, Integer> outcomes() {
    return Collections.unmodifiableSortedMap(new TreeMap<>(outcomes));
  }
}
