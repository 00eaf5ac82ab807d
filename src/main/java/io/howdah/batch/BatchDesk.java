package io.howdah.batch;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Batches as operators see and treat them. Every method may throw StorageUnavailable. Safe for use
 * by many threads and processes.
 */
public interface BatchDesk {
  /** Batches that one call forgets at most. */
  int FORGOTTEN_AT_ONCE = 2_000;

  /** Which batches. */
  record Filter(
      Optional<BatchStatus> status, Optional<String> destination, Optional<String> studyUid) {
    /** All of them. */
    public static final Filter ALL =
        new Filter(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** A page of batches, newest first, and how many there are in all. */
  record Page(List<ExamBatch> batches, long count) {
    public Page {
      batches = List.copyOf(batches);
    }
  }

  /**
   * @param page from 1
   */
  Page page(Filter filter, int page, int pageSize);

  /** One batch. */
  Optional<ExamBatch> find(long id);

  /** Its instances; those that are not confirmed first. */
  List<BatchInstance> instances(long id, int limit);

  /**
   * Does what an operator wants.
   *
   * @return false when the batch is not in a state for it
   */
  boolean grant(long id, Wish wish);

  /**
   * Forgets batches that were sent longer ago than {@code retention}, with their instances and what
   * their destination said to each; at most {@link #FORGOTTEN_AT_ONCE}, so that the first time
   * after years holds nobody up. A batch of whose study something is still to be sent stays.
   *
   * @return how many
   */
  int forgetSent(Duration retention);

  /** How it stands with every destination there ever was. */
  List<DestinationFigures> destinations();
}
