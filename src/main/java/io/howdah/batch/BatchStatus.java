package io.howdah.batch;

import java.util.Locale;
import java.util.Optional;

/** Where a batch is: PENDING → READY → SENDING → SENT or FAILED, and FAILED → READY by requeue. */
public enum BatchStatus {
  /** Instances may still join. */
  PENDING,
  /** Complete, waiting to be sent. */
  READY,
  /** A sender has it. */
  SENDING,
  /** Every instance is confirmed by the peer. */
  SENT,
  /** Given up until somebody requeues it; keeps everything. */
  FAILED;

  /** The status of that name, in any case. */
  public static Optional<BatchStatus> of(String text) {
    for (BatchStatus status : values()) {
      if (status.name().equals(text.strip().toUpperCase(Locale.ROOT))) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }
}
