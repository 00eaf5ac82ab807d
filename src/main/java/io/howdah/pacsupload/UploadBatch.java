package io.howdah.pacsupload;

import io.howdah.pacsupload.UploadOutcome.Kind;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The images of one poll and what is becoming of them; it has ended when the last of them is
 * recorded. Safe for use by many threads.
 */
public final class UploadBatch {
  private final List<Turn> turns;
  private final boolean full;
  private final boolean probe;
  private final Backoff backoff;
  private final int epoch;
  private final AtomicInteger open;
  private final AtomicInteger attempted = new AtomicInteger();
  private final AtomicInteger delivered = new AtomicInteger();
  private final AtomicInteger endpointFailures = new AtomicInteger();
  private final AtomicReference<Duration> retryAfter = new AtomicReference<>(Duration.ZERO);

  /**
   * @param full true when more images may be waiting than this batch could take
   * @param probe true when it only tries whether a cloud in trouble takes images again
   * @param backoff what follows a failure
   * @param epoch batches of one epoch were under way together, and fail together
   */
  UploadBatch(List<ClaimedImage> claims, boolean full, boolean probe, Backoff backoff, int epoch) {
    this.turns = claims.stream().map(claim -> new Turn(this, claim)).toList();
    this.full = full;
    this.probe = probe;
    this.backoff = backoff;
    this.epoch = epoch;
    this.open = new AtomicInteger(turns.size());
  }

  /** Its images, oldest first. */
  List<Turn> turns() {
    return turns;
  }

  int size() {
    return turns.size();
  }

  boolean isFull() {
    return full;
  }

  boolean isProbe() {
    return probe;
  }

  Backoff backoff() {
    return backoff;
  }

  int epoch() {
    return epoch;
  }

  void count(UploadOutcome outcome) {
    attempted.incrementAndGet();
    if (outcome.kind() == Kind.DELIVERED) {
      delivered.incrementAndGet();
    }
    if (outcome.kind().blamesEndpoint()) {
      blameEndpoint(outcome.retryAfter().orElse(Duration.ZERO));
    }
  }

  void blameEndpoint(Duration asked) {
    endpointFailures.incrementAndGet();
    retryAfter.accumulateAndGet(asked, (a, b) -> a.compareTo(b) > 0 ? a : b);
  }

  /** One image's outcome is recorded; true for the last. */
  boolean recorded() {
    return open.decrementAndGet() == 0;
  }

  int attempted() {
    return attempted.get();
  }

  int delivered() {
    return delivered.get();
  }

  int endpointFailures() {
    return endpointFailures.get();
  }

  Duration retryAfter() {
    return retryAfter.get();
  }

  /** A claimed image and the batch it belongs to. */
  public record Turn(UploadBatch batch, ClaimedImage claim) {}
}
