package io.howdah.batch;

import java.time.Duration;

/** Hears what becomes of batches, to be counted. */
public interface BatchObserver {
  /** A batch was taken for complete. */
  void closed(ClosedBatch batch);

  /**
   * An attempt to send a batch has ended.
   *
   * @param associations asked for
   * @param failed of them
   * @param confirmed instances
   */
  void attempted(String destination, int associations, int failed, int confirmed);

  /** A batch has reached its end, SENT or FAILED. */
  void ended(String destination, BatchStatus status, Duration sinceOpened);
}
