package io.howdah.dicom.camel;

import io.howdah.dicom.net.AssociationEnd;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What sending a body came to.
 *
 * @param associations how many came about
 * @param end of the last one, or why there was none
 * @param stored how many instances the peer said it has
 * @param notStored how many instances are not known to be stored
 * @param outcomes how often each status came, or what came instead: {@code not sent} …
 */
public record StudySent(
    int associations,
    AssociationEnd end,
    int stored,
    int notStored,
    SortedMap<String, Integer> outcomes) {
  public StudySent {
    outcomes = Collections.unmodifiableSortedMap(new TreeMap<>(outcomes));
  }

  /** True when the peer has everything. */
  public boolean complete() {
    return notStored == 0;
  }
}
