package io.howdah.pacsupload;

import java.time.Duration;
import java.time.Instant;

/**
 * When the next batch is due and how large it may be: the poll interval while all goes well, a
 * backoff on top while the endpoint fails, and one image at a time until it takes one again.
 * Confined to the polling thread but for {@link #isInTrouble}.
 */
final class Pace {
  private final Duration poll;
  private final boolean strict;
  private Duration backoff = Duration.ZERO;
  private Duration pause = Duration.ZERO;
  private Instant dueAt = Instant.EPOCH;
  private volatile boolean trouble;

  /**
   * @param strict the original's rule: any failure in a batch counts, and a full batch is followed
   *     by a pause as well
   */
  Pace(Duration poll, boolean strict) {
    this.poll = poll;
    this.strict = strict;
  }

  /** True when a batch may be taken; a clock that was set back delays nothing. */
  boolean isDue(Instant now) {
    return !now.isBefore(dueAt) || Duration.between(now, dueAt).compareTo(pause) > 0;
  }

  /** True while the endpoint has failed and not taken an image since. */
  boolean isInTrouble() {
    return trouble;
  }

  /**
   * Takes note of a batch's end.
   *
   * @return the backoff now
   */
  Duration settle(UploadBatch batch, Instant now, Duration first, Duration longest) {
    boolean failed = strict ? batch.delivered() < batch.attempted() : batch.endpointFailures() > 0;
    if (!failed) {
      backoff = Duration.ZERO;
    } else if (backoff.isZero()) {
      backoff = first;
    } else {
      Duration doubled = backoff.multipliedBy(2);
      backoff = doubled.compareTo(longest) > 0 ? longest : doubled;
    }
    if (batch.delivered() > 0) {
      trouble = false;
    } else if (batch.endpointFailures() > 0) {
      trouble = true;
    }
    boolean more = batch.isFull() && !failed && !strict;
    Duration asked = strict ? Duration.ZERO : batch.retryAfter();
    pause = (more ? Duration.ZERO : poll).plus(asked.compareTo(backoff) > 0 ? asked : backoff);
    dueAt = now.plus(pause);
    return backoff;
  }
}
