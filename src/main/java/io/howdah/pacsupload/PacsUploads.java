package io.howdah.pacsupload;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator sees of the upload and may do with it. Safe for use by many threads. */
public final class PacsUploads {
  private static final Logger LOG = LoggerFactory.getLogger(PacsUploads.class);

  private final Pacs pacs;
  private final UploadLedger ledger;
  private final ImageStore store;
  private final MessageLinks links;
  private final Endpoint endpoint;
  private final Pace pace;
  private final InstantSource clock;

  public PacsUploads(
      Pacs pacs,
      UploadLedger ledger,
      ImageStore store,
      MessageLinks links,
      Endpoint endpoint,
      Pace pace,
      InstantSource clock) {
    this.pacs = pacs;
    this.ledger = ledger;
    this.store = store;
    this.links = links;
    this.endpoint = endpoint;
    this.pace = pace;
    this.clock = clock;
  }

  /**
   * Sets failed images back to be uploaded with all their attempts.
   *
   * @param uids which; empty: every failed one
   * @return how many were
   */
  public int requeue(Optional<Collection<String>> uids) {
    Collection<String> which =
        uids.orElseGet(
            () ->
                pacs.list(Optional.of("FAILED"), Integer.MAX_VALUE).stream()
                    .map(Upload::sopInstanceUid)
                    .toList());
    int changed = pacs.requeue(Optional.of(which));
    ledger.forgetWaits(which);
    LOG.info("uploads requeued count={}", changed);
    return changed;
  }

  /** Rows for an operator, newest first. */
  public List<Upload> list(Optional<String> status, int limit) {
    return pacs.list(status, limit);
  }

  /** One row. */
  public Optional<Upload> find(String uid) {
    return pacs.find(uid);
  }

  /** Why an image is kept back. */
  public Optional<Waiting> waiting(String uid) {
    return ledger.waiting(uid);
  }

  /** What was tried with an image. */
  public List<Attempt> attempts(String uid) {
    return ledger.attempts(uid);
  }

  /** How the upload is doing, for health, JMX and people. */
  public UploadHealth health() {
    return new UploadHealth(
        pacs.condition(),
        pacs.replacements(),
        links.condition(),
        store.trouble(),
        endpoint.refusal(),
        pace.isInTrouble(),
        endpoint.lastDelivery(),
        clock.instant());
  }

  /** How many images wait for which reason. */
  public Map<String, Long> waits() {
    return ledger.waits();
  }

  /** How long the oldest pending image has been stored. */
  public Optional<Duration> oldestPending() {
    return pacs.oldestPending().map(stored -> Duration.between(stored, clock.instant()));
  }

  /** How many rows of pacs.db are in each state. */
  public Map<String, Long> counts() {
    return pacs.counts();
  }
}
