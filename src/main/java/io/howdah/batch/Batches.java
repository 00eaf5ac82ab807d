package io.howdah.batch;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The rows of open batches: who belongs where, and which is complete. The database decides every
 * race and tells the time. Every method may throw StorageUnavailable, and then nothing was changed.
 * Safe for use by many threads and processes.
 */
public interface Batches {
  /**
   * Puts an instance into its study's open batch, opening one as the destination's late policy says
   * when there is none. An instance joins a destination once, however often it is told.
   *
   * @return false if this instance had joined before
   */
  boolean join(Arrival arrival);

  /** Open batches that are complete by the evidence now. */
  List<OpenBatch> due(int limit);

  /** The open batch of a key. */
  Optional<OpenBatch> open(String key);

  /**
   * Takes a batch for complete.
   *
   * @param byOperator whatever the evidence
   * @return empty when it changed since it was seen, or the evidence does not suffice
   */
  Optional<ClosedBatch> close(OpenBatch seen, boolean byOperator);

  /** Ids of archived files that no batch knows yet, oldest first. */
  List<String> unbatched(int limit);

  /** One of them; empty when it is not archived, or known already. */
  Optional<ArchivedFile> archived(String studyId);

  /** These are in the batches of all their destinations. */
  void joined(Collection<String> studyIds);

  /** Every archived file is of no concern, because there is no destination; how many there were. */
  int passOverAll();

  /** Files archived too long ago are left out; how many there were. */
  int passOverOld();

  /** These cannot be delivered: their file does not say what it is. */
  void leaveOut(String studyId);
}
