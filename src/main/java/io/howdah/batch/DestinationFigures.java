package io.howdah.batch;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * How it stands with a destination.
 *
 * @param unfinished batches that are not SENT, by status
 * @param stuck batches open for longer than howdah.batch.stuck-after
 * @param sentLately batches SENT in the last 24 hours, whose averages follow
 * @param averageCompletion from first instance to SENT
 * @param circuitFailures in a row; 0: its circuit is closed
 * @param circuitReason of the last failure; empty when closed
 */
public record DestinationFigures(
    String name,
    Map<BatchStatus, Long> unfinished,
    long stuck,
    long sentLately,
    double averageSize,
    Duration averageCompletion,
    long associations,
    long failedAssociations,
    int circuitFailures,
    Optional<Instant> circuitSince,
    Optional<Instant> circuitUntil,
    String circuitReason,
    Optional<Instant> lastDelivery) {
  public DestinationFigures {
    unfinished = Map.copyOf(unfinished);
  }

  /** The share of associations that went well; 1 when there was none. */
  public double successRate() {
    return associations == 0 ? 1 : (associations - failedAssociations) / (double) associations;
  }

  /** Batches in a status other than SENT. */
  public long unfinished(BatchStatus status) {
    return unfinished.getOrDefault(status, 0L);
  }
}
