package io.howdah.send;

import io.howdah.batch.BatchStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Who pays for an attempt. Trouble with the destination opens its circuit and costs the batch
 * nothing. An instance that is not taken while the destination takes others costs the batch a step
 * of its schedule; FAILED after the last. Pure.
 *
 * @param pauses before each further attempt
 */
public record RetryPolicy(List<Duration> pauses) {
  /** After an attempt that got further, however it ended. */
  static final Duration SOON = Duration.ofSeconds(1);

  /**
   * @param open instances of the batch that are still to be sent
   * @param refused instances of the batch that are refused
   * @param attempts charged before
   * @param takesOthers the destination confirmed instances of other batches since this one's last
   *     attempt, or this attempt's own
   */
  public Resolution resolve(
      Attempt attempt, int open, int refused, int attempts, boolean takesOthers) {
    if (open == 0) {
      return new Resolution(
          refused > 0 ? BatchStatus.FAILED : BatchStatus.SENT,
          false,
          Duration.ZERO,
          Optional.empty());
    }
    boolean interrupted = !attempt.outage().isEmpty() || attempt.unanswered();
    if (attempt.progressed() && interrupted) {
      return new Resolution(BatchStatus.READY, false, SOON, Optional.empty());
    }
    if (!attempt.outage().isEmpty() && !attempt.unanswered()) {
      return new Resolution(BatchStatus.READY, false, Duration.ZERO, Optional.of(attempt.outage()));
    }
    Optional<String> trouble =
        attempt.unanswered()
            ? Optional.of(attempt.outage().isEmpty() ? "no valid answer" : attempt.outage())
            : Optional.empty();
    if (!takesOthers) {
      return new Resolution(BatchStatus.READY, false, pause(attempts), trouble);
    }
    return attempts >= pauses.size()
        ? new Resolution(BatchStatus.FAILED, true, Duration.ZERO, trouble)
        : new Resolution(BatchStatus.READY, true, pause(attempts), trouble);
  }

  private Duration pause(int attempts) {
    return pauses.get(Math.min(attempts, pauses.size() - 1));
  }
}
