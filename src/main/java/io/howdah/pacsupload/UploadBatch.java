package io.howdah.pacsupload;

import io.howdah.pacsupload.UploadOutcome.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The images of one poll and what is becoming of them. Its lanes may be worked on side by side; the
 * images within one are of one accession number and keep their order. Safe for use by many threads.
 */
public final class UploadBatch {
  private final List<List<Turn>> lanes;
  private final int size;
  private final boolean full;
  private final AtomicInteger attempted = new AtomicInteger();
  private final AtomicInteger delivered = new AtomicInteger();
  private final AtomicInteger endpointFailures = new AtomicInteger();
  private final AtomicReference<Duration> retryAfter = new AtomicReference<>(Duration.ZERO);

  /**
   * @param full true when more images may be waiting than this batch could take
   */
  UploadBatch(List<ClaimedImage> claims, boolean full) {
    Map<String, List<Turn>> byAccession = new LinkedHashMap<>();
    for (ClaimedImage claim : claims) {
      String accession = claim.image().accession();
      String lane = accession.isEmpty() ? "uid " + claim.uid() : accession;
      byAccession.computeIfAbsent(lane, key -> new ArrayList<>()).add(new Turn(this, claim));
    }
    this.lanes = byAccession.values().stream().map(List::copyOf).toList();
    this.size = claims.size();
    this.full = full;
  }

  /** Lists of images in order; the lists are independent of each other. */
  public List<List<Turn>> lanes() {
    return lanes;
  }

  /** How many images there are. */
  public int size() {
    return size;
  }

  boolean isFull() {
    return full;
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
