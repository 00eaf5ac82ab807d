package io.howdah.send;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;

/**
 * The rows of batches on their way out, and the ledger of what the destinations said. Every method
 * may throw StorageUnavailable, and then nothing was changed. Safe for use by many threads and
 * processes.
 */
public interface Deliveries {
  /**
   * Takes the destination's oldest batch that is READY, or was left SENDING by a process that died;
   * no two processes get the same one.
   *
   * @param halfOpen an open circuit whose pause is over lets one batch through
   */
  Optional<ClaimedBatch> claim(String destination, boolean halfOpen);

  /**
   * Records what the peer said about instances. A confirmation counts whoever brings it, because it
   * is true; nothing is ever taken back to unconfirmed.
   */
  void record(Collection<Answer> answers);

  /**
   * Records what an attempt came to for the batch and the destination; SENT only when every
   * instance is confirmed.
   *
   * @return empty when the batch is no longer ours
   */
  Optional<Settled> settle(ClaimedBatch batch, Attempt attempt, RetryPolicy policy);

  /** Gives a batch back untried, or after trouble of our own. */
  void giveBack(ClaimedBatch batch, Duration pause, String why);

  /** Keeps this process's batches for as long as it works. */
  void renew();

  /** Gives all of this process's batches back; how many there were. */
  int releaseAll();

  /** What an earlier process on this data directory was sending is nobody's. */
  void freeAbandoned();

  /** How it stands with a destination. */
  Circuit circuit(String destination);

  /** True when an open circuit's pause is over, so that the destination should be asked. */
  boolean probeDue(String destination);

  /** The destination answers again. */
  void closeCircuit(String destination);

  /** The destination still does not answer. */
  void openCircuit(String destination, String reason);
}
