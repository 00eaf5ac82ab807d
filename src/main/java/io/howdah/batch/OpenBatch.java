package io.howdah.batch;

import java.time.Instant;

/**
 * An open batch as it was seen; closing it fails when anything has changed since.
 *
 * @param version changes with every arrival and every operator's wish
 */
public record OpenBatch(
    long id,
    String studyUid,
    String destination,
    int generation,
    long version,
    int count,
    Evidence evidence,
    Instant seenAt) {
  /** What belongs together. */
  public String key() {
    return Arrival.key(studyUid, destination);
  }
}
