package io.howdah.send;

import java.time.Instant;
import java.util.List;

/**
 * A batch that this process alone sends until its lease ends.
 *
 * @param fence carried by every recording of the batch's state
 * @param attempts that were charged to it so far
 * @param claimedAt on the database's clock
 * @param size instances in all
 * @param parcels those that are neither confirmed nor refused; the ones that were tried before last
 */
public record ClaimedBatch(
    long id,
    long fence,
    String destination,
    String studyUid,
    int generation,
    int attempts,
    Instant claimedAt,
    int size,
    List<Parcel> parcels) {
  public ClaimedBatch {
    parcels = List.copyOf(parcels);
  }
}
