package io.howdah.batch;

import java.util.List;
import java.util.Map;

/** Batches as JMX shows them. */
public interface BatchesMXBean {
  /** How many batches are not SENT, by destination and status. */
  Map<String, Long> getUnfinished();

  /** Batches open for longer than howdah.batch.stuck-after, by destination. */
  Map<String, Long> getStuck();

  /** Destinations whose circuit is open, and why. */
  Map<String, String> getOpenCircuits();

  /** The share of associations that went well, by destination. */
  Map<String, Double> getAssociationSuccessRates();

  /** The newest batches that are not SENT, one line each. */
  List<String> list();

  /** Takes a batch for complete; false when it is not open. */
  boolean complete(long batch);

  /** Keeps a batch from going on; false when it is under way already. */
  boolean hold(long batch);

  /** Lets a batch go on; false when it is not PENDING or READY. */
  boolean release(long batch);

  /** Sends again what is not confirmed; false when the batch is not FAILED. */
  boolean requeue(long batch);
}
