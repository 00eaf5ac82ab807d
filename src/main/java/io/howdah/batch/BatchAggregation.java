package io.howdah.batch;

import io.howdah.disk.StorageUnavailable;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.spi.OptimisticLockingAggregationRepository;
import org.apache.camel.support.DefaultExchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Camel's Aggregate EIP holds, as rows of exam_batches: nothing is in memory, so that a batch
 * and its timer survive this process, and other processes and operators see and complete it. The
 * keys it gives are those of batches that are complete by the evidence; the EIP's completion
 * interval closes them. A batch is closed by one guarded update, which is also what makes it ready
 * to be sent, so that nothing need be confirmed or recovered.
 */
public final class BatchAggregation implements OptimisticLockingAggregationRepository {
  private static final Logger LOG = LoggerFactory.getLogger(BatchAggregation.class);
  private static final int AT_ONCE = 100;
  private static final String BY_OPERATOR = "force";

  private final Batches batches;
  private final BatchObserver observer;

  public BatchAggregation(Batches batches, BatchObserver observer) {
    this.batches = batches;
    this.observer = observer;
  }

  /** Puts the arrival of {@code newExchange} into its open batch. */
  @Override
  public Exchange add(
      CamelContext context, String key, Exchange oldExchange, Exchange newExchange) {
    return add(context, key, newExchange);
  }

  @Override
  public Exchange add(CamelContext context, String key, Exchange exchange) {
    batches.join(exchange.getMessage().getBody(Arrival.class));
    return null;
  }

  @Override
  public Exchange get(CamelContext context, String key) {
    try {
      return batches.open(key).map(batch -> exchange(context, batch)).orElse(null);
    } catch (StorageUnavailable e) { // an exception would end the completion timer for good
      LOG.warn("open batch not read cause={}", e.getMessage());
      return null;
    }
  }

  private static Exchange exchange(CamelContext context, OpenBatch batch) {
    Exchange exchange = new DefaultExchange(context);
    exchange.getMessage().setBody(batch);
    exchange.setProperty(ExchangePropertyKey.AGGREGATED_SIZE, batch.count());
    return exchange;
  }

  /** Closes the batch, or tells the EIP that somebody else was first. */
  @Override
  public void remove(CamelContext context, String key, Exchange exchange) {
    OpenBatch seen = exchange.getMessage().getBody(OpenBatch.class);
    boolean byOperator =
        BY_OPERATOR.equals(
            exchange.getProperty(ExchangePropertyKey.AGGREGATED_COMPLETED_BY, String.class));
    Optional<ClosedBatch> closed;
    try {
      closed = batches.close(seen, byOperator);
    } catch (StorageUnavailable e) {
      LOG.warn("batch not closed yet batch={} cause={}", seen.id(), e.getMessage());
      throw new OptimisticLockingException();
    }
    ClosedBatch batch = closed.orElseThrow(OptimisticLockingException::new);
    LOG.info(
        "batch complete batch={} study={} to={} generation={} instances={} by={}",
        batch.id(),
        batch.studyUid(),
        batch.destination(),
        batch.generation(),
        batch.count(),
        batch.reason());
    observer.closed(batch);
  }

  @Override
  public void confirm(CamelContext context, String exchangeId) {
    // the closed batch is READY, and stays so until a sender has it
  }

  /** The keys of batches that are complete now. */
  @Override
  public Set<String> getKeys() {
    try {
      return batches.due(AT_ONCE).stream().map(OpenBatch::key).collect(Collectors.toSet());
    } catch (StorageUnavailable e) {
      LOG.warn("complete batches not looked for cause={}", e.getMessage());
      return Set.of();
    }
  }
}
