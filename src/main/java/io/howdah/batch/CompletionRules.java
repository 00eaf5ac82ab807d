package io.howdah.batch;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When a batch counts as complete: the first evidence wins. Pure; time is an argument.
 *
 * @param quietPeriod no instance for so long
 * @param maxWait open for so long
 */
public record CompletionRules(Duration quietPeriod, Duration maxWait) {
  /** By which evidence the batch is complete now; empty when it is not. */
  public Optional<CompletionReason> reached(Evidence batch, Instant now) {
    if (batch.asked()) {
      return Optional.of(CompletionReason.OPERATOR);
    }
    if (batch.held()) {
      return Optional.empty();
    }
    if (batch.expected().isPresent() && batch.seen() >= batch.expected().getAsInt()) {
      return Optional.of(CompletionReason.EXPECTED);
    }
    Instant quiet = batch.lastArrivalAt().plus(quietPeriod);
    Instant cap = batch.openedAt().plus(maxWait);
    if (cap.isBefore(quiet) && !cap.isAfter(now)) {
      return Optional.of(CompletionReason.CAP);
    }
    return quiet.isAfter(now) ? Optional.empty() : Optional.of(CompletionReason.QUIET);
  }
}
