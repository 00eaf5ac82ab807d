package io.howdah.pacsupload;

import io.howdah.disk.CrashPoint;
import io.howdah.disk.StorageUnavailable;
import io.howdah.pacsupload.UploadBatch.Turn;
import io.howdah.pacsupload.UploadLeases.Claimant;
import io.howdah.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which images this process uploads: taken from pacs.db for it alone, put in line, given back when
 * they cannot be sent soon, and taken from those who died over them. Images are claimed by one
 * thread; the rest is safe for use by many.
 */
public final class UploadClaims implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UploadClaims.class);

  /** How much later than its deadline an upload of another process is given up for dead. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  /** A claim older than this is made anew before its image is sent. */
  private static final Duration FRESH = Duration.ofSeconds(4);

  /**
   * So many candidates are fetched at once where many wait, so that few queries serve many claims.
   */
  private static final int CANDIDATES = 1_000;

  private final Settings.PacsUpload settings;
  private final Pacs pacs;
  private final UploadLeases leases;
  private final ImageStore store;
  private final MessageLinks links;
  private final UploadOutcomes outcomes;
  private final Endpoint endpoint;
  private final Pace pace;
  private final InstantSource clock;
  private final Lanes lanes = new Lanes();
  private final Deque<PendingImage> candidates = new ArrayDeque<>();
  private Map<String, String> messageIds = Map.of();
  private volatile boolean stopping;

  public UploadClaims(
      Settings.PacsUpload settings,
      Pacs pacs,
      UploadLeases leases,
      ImageStore store,
      MessageLinks links,
      UploadOutcomes outcomes,
      Endpoint endpoint,
      Pace pace,
      InstantSource clock) {
    this.settings = settings;
    this.pacs = pacs;
    this.leases = leases;
    this.store = store;
    this.links = links;
    this.outcomes = outcomes;
    this.endpoint = endpoint;
    this.pace = pace;
    this.clock = clock;
  }

  /**
   * Claims a batch of images when one is due, and further ones ahead while all goes well.
   *
   * @param firstBackoffMs the pause after a failure, of an image and of the polling
   * @param longestBackoffMs what it doubles up to
   * @return the accessions that now have images to send and had none before
   */
  public List<Lane> claim(long firstBackoffMs, long longestBackoffMs) {
    Backoff backoff =
        new Backoff(Duration.ofMillis(firstBackoffMs), Duration.ofMillis(longestBackoffMs));
    List<Lane> opened = new ArrayList<>();
    try {
      for (int room = room(); room > 0; room = room()) {
        UploadBatch batch = batch(room, backoff);
        pace.begin(batch);
        if (batch.size() == 0) {
          outcomes.settle(batch);
          break;
        }
        store.readAhead(batch.turns().stream().map(Turn::claim).toList());
        opened.addAll(lanes.admit(batch));
      }
    } catch (StorageUnavailable e) {
      if (opened.isEmpty()) {
        throw e;
      }
      LOG.warn("no more claimed now cause={}", e.getMessage()); // what was claimed must be sent
    }
    return opened;
  }

  private int room() {
    return stopping ? 0 : pace.room(clock.instant());
  }

  private UploadBatch batch(int room, Backoff backoff) {
    Instant now = clock.instant();
    boolean probe = pace.isInTrouble();
    List<ClaimedImage> claims = List.of();
    boolean more = false;
    try {
      List<PendingImage> images = next(room, now);
      if (!images.isEmpty()) {
        LOG.info("Found {} images pending upload", images.size());
        claims = claim(images, now);
        more = !candidates.isEmpty() || images.size() >= room;
      }
    } catch (PacsUnavailable e) {
      LOG.debug("nothing claimed cause={}", e.getMessage());
    }
    return new UploadBatch(claims, more, probe, backoff, pace.epoch());
  }

  /** The oldest pending images; what was fetched and not taken serves the claims made ahead. */
  private List<PendingImage> next(int room, Instant now) {
    if (pace.isIdle() || candidates.isEmpty()) {
      candidates.clear();
      pacs.prepare();
      if (pace.isIdle()) {
        outcomes.settleMarks();
      }
      int fetch = probeOnly() ? room : Math.max(room, CANDIDATES);
      candidates.addAll(pacs.pending(fetch, settings.maxAttempts(), leases.notNow(now)));
      messageIds = links.seen(candidates);
    }
    List<PendingImage> images = new ArrayList<>();
    while (images.size() < room && !candidates.isEmpty()) {
      images.add(candidates.poll());
    }
    return images;
  }

  private boolean probeOnly() {
    return pace.isInTrouble() || settings.strictCompat();
  }

  /** Takes what is to be had of these images for this process alone, with the message ids known. */
  private List<ClaimedImage> claim(List<PendingImage> images, Instant now) {
    String claimedAt = PacsTime.text(now);
    Map<String, UploadLeases.Lease> given =
        leases.lease(
            images.stream().map(PendingImage::sopInstanceUid).toList(), messageIds, claimedAt, now);
    CrashPoint.PACS_LEASED.reached();
    Map<String, Long> unused = new HashMap<>();
    given.forEach((uid, lease) -> unused.put(uid, lease.fence()));
    List<ClaimedImage> claims = new ArrayList<>();
    try {
      Map<String, PendingImage> claimed =
          pacs.claim(given.keySet(), settings.maxAttempts(), now.truncatedTo(ChronoUnit.SECONDS));
      CrashPoint.PACS_CLAIMED.reached();
      unused.keySet().removeAll(claimed.keySet());
      for (PendingImage image : images) {
        PendingImage mine = claimed.get(image.sopInstanceUid());
        if (mine != null) {
          UploadLeases.Lease lease = given.get(mine.sopInstanceUid());
          claims.add(
              new ClaimedImage(
                  mine,
                  mine.attempts(),
                  lease.fence(),
                  claimedAt,
                  now,
                  lease.messageId(),
                  lease.linkMissedAt(),
                  lease.tries(),
                  lease.ambiguous()));
        }
      }
      return claims;
    } finally {
      leases.release(unused);
    }
  }

  /**
   * The image whose turn it is; null when it is given back untried, because the endpoint fails so
   * that trying would be idle, because another has it now, or because the gateway stops.
   */
  public Turn begin(Turn turn) {
    boolean wanted = !stopping && (turn.batch().isProbe() || !endpoint.isAway());
    Optional<ClaimedImage> claim = wanted ? fresh(turn.claim()) : Optional.empty();
    if (claim.isEmpty()) {
      store.forget(turn.claim());
      outcomes.giveBackUntried(turn);
      return null;
    }
    LOG.info(
        "Processing upload {} (attempt {}/{})",
        turn.claim().uid(),
        turn.claim().attempt(),
        settings.maxAttempts());
    return new Turn(turn.batch(), claim.get());
  }

  /** A claim that waited long for its turn is made anew, lest others think its uploader dead. */
  private Optional<ClaimedImage> fresh(ClaimedImage claim) {
    Instant now = clock.instant();
    if (Duration.between(claim.startedAt(), now).compareTo(FRESH) <= 0) {
      return Optional.of(claim);
    }
    pace.slowDown();
    ClaimedImage again = claim.again(PacsTime.text(now));
    try {
      return Optional.of(again).filter(c -> pacs.renew(claim, now) && leases.reclaimed(again));
    } catch (PacsUnavailable | StorageUnavailable e) {
      LOG.warn("claim not made anew uid={} cause={}", claim.uid(), e.getMessage());
      return Optional.empty();
    }
  }

  /** Gives rows back that say UPLOADING although nobody uploads them any more. */
  public void takeUpAbandoned() {
    try {
      outcomes.settleMarks();
      Instant now = clock.instant();
      for (UploadingRow row : pacs.uploading()) {
        if (!leases.isMine(row.sopInstanceUid())
            && isAbandoned(row, now)
            && pacs.takeBack(
                row,
                settings.strictCompat() ? Optional.of(settings.maxAttempts()) : Optional.empty(),
                "interrupted: its uploader ended; taken up again")) {
          LOG.warn(
              "upload taken up again uid={} begun={}", row.sopInstanceUid(), row.lastAttempt());
        }
      }
    } catch (PacsUnavailable e) {
      LOG.debug("abandoned uploads not looked for cause={}", e.getMessage());
    }
  }

  private boolean isAbandoned(UploadingRow row, Instant now) {
    if (row.lastAttempt() == null) {
      return true;
    }
    Claimant claimant = leases.claimant(row.sopInstanceUid(), row.lastAttempt(), now);
    if (claimant != Claimant.OTHERS) {
      return claimant == Claimant.GONE;
    }
    try {
      Instant begun = PacsTime.moment(row.lastAttempt());
      return now.isAfter(begun.plus(settings.deadline(row.fileSize())).plus(GRACE))
          || begun.isAfter(now.plus(Duration.ofDays(1)));
    } catch (DateTimeParseException e) {
      return true;
    }
  }

  /** Keeps this process's leases for as long as it works. */
  public void renewLeases() {
    leases.renew(clock.instant());
  }

  /** Begins no further image: those in line are given back as their turn comes. */
  public void stop() {
    stopping = true;
  }

  /** Gives back what is still in line. */
  @Override
  public void close() {
    stop();
    try {
      lanes.drain().forEach(outcomes::giveBackUntried);
      outcomes.flush();
    } catch (StorageUnavailable e) {
      LOG.warn("claims left to run out cause={}", e.getMessage());
    }
  }
}
