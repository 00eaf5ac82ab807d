package io.howdah.pacsupload;

import io.howdah.disk.CrashPoint;
import io.howdah.disk.Disk;
import io.howdah.disk.StorageUnavailable;
import io.howdah.pacsupload.UploadBatch.Turn;
import io.howdah.pacsupload.UploadOutcome.Kind;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of the upload service of contract §1 that the routes put in order. Whatever happens in
 * a step, the image is either given back, or its outcome is in our own rows before pacs.db hears of
 * it. Safe for use by many threads; batches are taken and settled by one.
 */
public final class PacsUploads implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PacsUploads.class);
  private static final Pattern UID = Pattern.compile("[0-9A-Za-z._-]{1,128}");
  private static final Pattern MESSAGE_ID = Pattern.compile("[\\x21-\\x7e]{1,255}");
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
  private static final int AT_ONCE = 1_000;
  private static final int LINKS_AT_ONCE = 10_000;

  private static final int RECORD_ATTEMPTS = 3;

  /** Outcomes gather this long, so that one sync serves many. */
  private static final long GATHER_MS = 100;

  /** So many ambiguous answers with nothing delivered between them are the endpoint's fault. */
  private static final int SICK_AFTER = 10;

  /** How much later than its deadline an upload of another process is given up for dead. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Settings.PacsUpload settings;
  private final Pacs pacs;
  private final Worklist worklist;
  private final UploadLedger ledger;
  private final UploadPolicy policy;
  private final Pace pace;
  private final InstantSource clock;
  private final Queue<UploadLedger.Result> results = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean gathering = new AtomicBoolean();
  private final ScheduledExecutorService recorder =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "pacs-upload-recorder");
            thread.setDaemon(true);
            return thread;
          });
  private final Set<String> ambiguousSince = new HashSet<>();
  private final AtomicReference<UploadOutcome> alarm = new AtomicReference<>();
  private volatile Instant lastDelivery;
  private volatile String storeTrouble = "";
  private volatile boolean worklistAsked;

  public PacsUploads(
      Settings.PacsUpload settings,
      Pacs pacs,
      Worklist worklist,
      UploadLedger ledger,
      InstantSource clock) {
    this.settings = settings;
    this.pacs = pacs;
    this.worklist = worklist;
    this.ledger = ledger;
    this.policy = new UploadPolicy(settings);
    this.pace = new Pace(settings.poll(), settings.strictCompat());
    this.clock = clock;
  }

  /**
   * The next batch, once it is due; null while it is not, or while there is no database to poll.
   * Everything that waits for its message id is asked for first.
   */
  public UploadBatch nextBatch() {
    Instant now = clock.instant();
    if (!pace.isDue(now)) {
      return null;
    }
    try {
      pacs.prepare();
      settleMarks();
      Set<String> notNow = ledger.notNow(now);
      int limit = pace.isInTrouble() ? 1 : settings.batchSize();
      List<PendingImage> images = pacs.pending(limit, settings.maxAttempts(), notNow);
      if (images.isEmpty()) {
        return new UploadBatch(List.of(), false);
      }
      LOG.info("Found {} images pending upload", images.size());
      return new UploadBatch(claim(images, now), images.size() >= limit);
    } catch (PacsUnavailable e) {
      return new UploadBatch(List.of(), false);
    }
  }

  /** Takes what is to be had of these images for this process alone, with the message ids known. */
  private List<ClaimedImage> claim(List<PendingImage> images, Instant now) {
    String claimedAt = SECONDS.format(LocalDateTime.ofInstant(now, ZoneOffset.UTC));
    Map<String, UploadLedger.Lease> leases =
        ledger.lease(images.stream().map(PendingImage::sopInstanceUid).toList(), claimedAt, now);
    CrashPoint.PACS_LEASED.reached();
    Map<String, Long> unused = new HashMap<>();
    leases.forEach((uid, lease) -> unused.put(uid, lease.fence()));
    List<ClaimedImage> claims = new ArrayList<>();
    try {
      Map<String, PendingImage> claimed =
          pacs.claim(leases.keySet(), settings.maxAttempts(), now.truncatedTo(ChronoUnit.SECONDS));
      CrashPoint.PACS_CLAIMED.reached();
      unused.keySet().removeAll(claimed.keySet());
      Map<String, String> links = links(claimed, leases);
      for (PendingImage image : images) {
        String uid = image.sopInstanceUid();
        if (claimed.containsKey(uid)) {
          UploadLedger.Lease lease = leases.get(uid);
          claims.add(
              new ClaimedImage(
                  claimed.get(uid),
                  claimed.get(uid).attempts(),
                  lease.fence(),
                  claimedAt,
                  now,
                  lease.messageId().or(() -> Optional.ofNullable(links.get(uid))),
                  lease.linkMissedAt(),
                  lease.tries(),
                  lease.ambiguous()));
        }
      }
      return claims;
    } finally {
      ledger.release(unused);
    }
  }

  /** Looks up and remembers, at once, the message ids that are not known yet. */
  private Map<String, String> links(
      Map<String, PendingImage> claimed, Map<String, UploadLedger.Lease> leases) {
    Map<String, String> wanted = new HashMap<>();
    claimed.forEach(
        (uid, image) -> {
          if (leases.get(uid).messageId().isEmpty() && !image.accession().isEmpty()) {
            wanted.put(uid, image.accession());
          }
        });
    if (wanted.isEmpty()) {
      return Map.of();
    }
    worklistAsked = true;
    try {
      return found(wanted);
    } catch (PacsUnavailable | StorageUnavailable e) {
      LOG.debug("message ids not looked up cause={}", e.getMessage());
      return Map.of();
    }
  }

  private Map<String, String> found(Map<String, String> accessions) {
    Map<String, String> ids = worklist.messageIds(new HashSet<>(accessions.values()));
    Map<String, String> found = new HashMap<>();
    accessions.forEach(
        (uid, accession) -> {
          String id = ids.get(accession);
          if (id != null && MESSAGE_ID.matcher(id).matches()) {
            found.put(uid, id);
          }
        });
    ledger.remember(found, clock.instant());
    return found;
  }

  /**
   * Ends a batch and decides when the next is due.
   *
   * @param firstBackoffMs the backoff after the first batch with a failure
   * @param longestBackoffMs what it doubles up to
   */
  public void settle(UploadBatch batch, long firstBackoffMs, long longestBackoffMs) {
    awaitRecorded();
    boolean sick;
    synchronized (ambiguousSince) {
      sick = ambiguousSince.size() >= SICK_AFTER;
    }
    if (sick && !settings.strictCompat() && batch.attempted() > 0 && batch.delivered() == 0) {
      batch.blameEndpoint(Duration.ZERO);
    }
    boolean trouble = pace.isInTrouble();
    Duration backoff =
        pace.settle(
            batch,
            clock.instant(),
            Duration.ofMillis(firstBackoffMs),
            Duration.ofMillis(longestBackoffMs));
    if (trouble && !pace.isInTrouble()) {
      LOG.info("the cloud takes images again");
      ledger.wake(clock.instant());
    }
    if (batch.size() > 0) {
      LOG.info(
          "Batch complete: {}/{} succeeded, backoff now {}s",
          batch.delivered(),
          batch.size(),
          String.format(Locale.ROOT, "%.1f", backoff.toMillis() / 1000.0));
    }
  }

  /**
   * The next image of a batch; null when the endpoint fails so that trying would be idle, in which
   * case the image is given back untried.
   */
  public ClaimedImage begin(Turn turn) {
    UploadBatch batch = turn.batch();
    if (!settings.strictCompat()
        && batch.delivered() == 0
        && batch.endpointFailures() >= settings.concurrency()) {
      recorder.execute(() -> giveBackUntried(turn.claim()));
      return null;
    }
    LOG.info(
        "Processing upload {} (attempt {}/{})",
        turn.claim().uid(),
        turn.claim().attempt(),
        settings.maxAttempts());
    return turn.claim();
  }

  private void giveBackUntried(ClaimedImage claim) {
    try {
      pacs.mark(
          List.of(
              new Mark(
                  claim.uid(),
                  claim.fence(),
                  claim.claimedAt(),
                  "PENDING",
                  "not tried: the cloud takes no images now",
                  1,
                  claim.image().storageHash())),
          clock.instant());
    } catch (PacsUnavailable e) {
      LOG.warn("image given back later uid={} cause={}", claim.uid(), e.getMessage());
      ledger.abandon(List.of(claim));
      return;
    }
    ledger.release(Map.of(claim.uid(), claim.fence()));
  }

  /**
   * Proves that the file is the one that was stored.
   *
   * @throws UploadStopped when it is not, or cannot be read
   */
  public VerifiedImage verify(ClaimedImage claim) {
    PendingImage image = claim.image();
    if (!UID.matcher(claim.uid()).matches()) {
      throw unusable("its SOP Instance UID is none");
    }
    Path root = settings.storage();
    Path file = root.resolve(image.storagePath()).normalize();
    if (!file.startsWith(root) || file.equals(root)) {
      throw unusable("its storage_path leads out of the store");
    }
    try {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw missing(root);
      }
      long size = Files.size(file);
      String hash = Disk.sha256(file);
      if (!hash.equalsIgnoreCase(image.storageHash())) {
        throw unusable(
            "the file is not the one that was stored: storage_hash is "
                + image.storageHash()
                + ", the file's SHA-256 is "
                + hash);
      }
      storeTrouble = "";
      CrashPoint.PACS_VERIFIED.reached();
      return new VerifiedImage(claim, file, size);
    } catch (IOException e) {
      storeTrouble = "a stored file cannot be read: " + e.getClass().getSimpleName();
      throw new UploadStopped(UploadOutcome.of(Kind.STORE_TROUBLE, "store", storeTrouble));
    }
  }

  private static UploadStopped unusable(String why) {
    return new UploadStopped(UploadOutcome.of(Kind.UNUSABLE, "store", why));
  }

  /** One missing file is its image's trouble; a missing or empty store is everyone's. */
  private UploadStopped missing(Path root) throws IOException {
    boolean there = false;
    if (Files.isDirectory(root)) {
      try (var names = Files.newDirectoryStream(root)) {
        there = names.iterator().hasNext();
      }
    }
    if (there) {
      return new UploadStopped(
          UploadOutcome.of(Kind.VERDICT, "store", "the file is not in the store"));
    }
    storeTrouble = "the image store is missing or empty; is it mounted?";
    return new UploadStopped(UploadOutcome.of(Kind.STORE_TROUBLE, "store", storeTrouble));
  }

  /**
   * Finds the message that the image belongs to: as remembered, or else in the worklist.
   *
   * @throws UploadStopped when it is not known yet
   */
  public LinkedImage link(VerifiedImage verified) {
    ClaimedImage claim = verified.claim();
    Optional<String> messageId = claim.messageId();
    if (messageId.isEmpty()) {
      String accession = claim.image().accession();
      worklistAsked |= !accession.isEmpty();
      try {
        messageId =
            Optional.ofNullable(worklist.messageIds(List.of(accession)).get(accession))
                .filter(id -> MESSAGE_ID.matcher(id).matches());
      } catch (PacsUnavailable e) {
        throw new UploadStopped(
            UploadOutcome.of(Kind.AWAITING_LINK, "link", "the worklist " + e.getMessage()));
      }
      if (messageId.isEmpty()) {
        throw new UploadStopped(
            UploadOutcome.of(
                Kind.AWAITING_LINK,
                "link",
                accession.isEmpty()
                    ? "the image has no accession number, so no source message id"
                    : "no source message id in the worklist"));
      }
      ledger.remember(Map.of(claim.uid(), messageId.get()), clock.instant());
    }
    CrashPoint.PACS_LINKED.reached();
    return new LinkedImage(verified, messageId.get());
  }

  /**
   * Takes note of what an attempt came to; it is recorded together with others, first with us, then
   * in pacs.db, while the next image is sent.
   */
  public void record(ClaimedImage claim, Turn turn, UploadOutcome outcome) {
    CrashPoint.PACS_SENT.reached();
    Instant now = clock.instant();
    Decision decision = policy.decide(claim, outcome, now);
    boolean report =
        settings.reportFailures()
            && settings.contract().equals("v1")
            && decision.status().equals("FAILED");
    turn.batch().count(outcome);
    notice(claim, outcome, now);
    results.add(new UploadLedger.Result(claim, outcome, decision, report));
    if (gathering.compareAndSet(false, true)) {
      recorder.schedule(this::recordResults, GATHER_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void recordResults() {
    gathering.set(false);
    List<UploadLedger.Result> taken = new ArrayList<>();
    for (UploadLedger.Result result = results.poll(); result != null; result = results.poll()) {
      taken.add(result);
    }
    if (taken.isEmpty()) {
      return;
    }
    List<Mark> marks = new ArrayList<>();
    try {
      Set<String> counted = recorded(taken);
      for (UploadLedger.Result result : taken) {
        ClaimedImage claim = result.claim();
        if (!counted.contains(claim.uid())) {
          LOG.warn("lease lost uid={}; the outcome does not count", claim.uid());
          continue;
        }
        say(claim, result.outcome(), result.decision());
        marks.add(
            new Mark(
                claim.uid(),
                claim.fence(),
                claim.claimedAt(),
                result.decision().status(),
                result.decision().error(),
                result.decision().refund() ? 1 : 0,
                claim.image().storageHash()));
      }
      CrashPoint.PACS_RECORDED.reached();
      pacs.mark(marks, clock.instant());
      CrashPoint.PACS_MARKED.reached();
      ledger.settled(marks);
    } catch (PacsUnavailable e) {
      LOG.warn(
          "outcomes kept until pacs.db takes them count={} cause={}", marks.size(), e.getMessage());
    } catch (StorageUnavailable e) {
      LOG.warn("leases left to run out count={} cause={}", taken.size(), e.getMessage());
      ledger.abandon(taken.stream().map(UploadLedger.Result::claim).toList());
    }
  }

  private Set<String> recorded(List<UploadLedger.Result> taken) {
    for (int attempt = 1; ; attempt++) {
      try {
        return ledger.record(taken, clock.instant());
      } catch (StorageUnavailable e) {
        if (attempt == RECORD_ATTEMPTS) {
          throw e;
        }
        LOG.warn("outcomes not recorded yet count={} cause={}", taken.size(), e.getMessage());
      }
    }
  }

  private void awaitRecorded() {
    try {
      recorder.submit(this::recordResults).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("outcomes could not be recorded", e);
    }
  }

  /** Ends the recording, once all that was sent is recorded. */
  @Override
  public void close() {
    recorder.shutdown();
    try {
      if (!recorder.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("outcomes not recorded at the end; their leases run out");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void notice(ClaimedImage claim, UploadOutcome outcome, Instant now) {
    synchronized (ambiguousSince) {
      if (outcome.kind() == Kind.DELIVERED) {
        lastDelivery = now;
        alarm.set(null);
        ambiguousSince.clear();
      } else if (outcome.kind() == Kind.AMBIGUOUS && ambiguousSince.size() < SICK_AFTER) {
        ambiguousSince.add(claim.uid());
      }
    }
    if (outcome.kind() == Kind.REFUSED && alarm.getAndSet(outcome) == null) {
      LOG.error("the cloud refuses this gateway; images wait: {}", outcome.summary());
    }
  }

  private void say(ClaimedImage claim, UploadOutcome outcome, Decision decision) {
    switch (decision.status()) {
      case "COMPLETE" ->
          LOG.info(
              "Successfully uploaded {} (status: {})", claim.uid(), outcome.status().orElse(0));
      case "FAILED" ->
          LOG.error(
              "Upload permanently failed for {} after {} attempts: {}",
              claim.uid(),
              claim.attempt(),
              outcome.summary());
      default ->
          LOG.warn(
              "Upload failed for {} (attempt {}/{}): {}",
              claim.uid(),
              claim.attempt(),
              settings.maxAttempts(),
              outcome.summary());
    }
  }

  /** Decides what an exception in one of the steps means for the image. */
  public void giveBack(ClaimedImage claim, Turn turn, Throwable failure) {
    if (claim == null) {
      LOG.warn("upload not begun cause={}", failure.getMessage());
      return;
    }
    UploadOutcome outcome;
    if (failure instanceof UploadStopped stopped) {
      outcome = stopped.outcome();
    } else {
      LOG.error("upload attempt broke uid={}", claim.uid(), failure);
      outcome = UploadOutcome.of(Kind.STORE_TROUBLE, "gateway", failure.getClass().getSimpleName());
    }
    record(claim, turn, outcome);
  }

  /** Tells pacs.db the outcomes it could not take when they came. */
  public void settleMarks() {
    List<Mark> marks = ledger.unsettled(AT_ONCE);
    if (!marks.isEmpty() && isPolled()) {
      pacs.mark(marks, clock.instant());
      ledger.settled(marks);
    }
  }

  private boolean isPolled() {
    PacsCondition condition = pacs.condition();
    return condition != PacsCondition.ABSENT && condition != PacsCondition.GONE;
  }

  /**
   * Remembers the message id of every image as soon as the worklist has it; the worklist may be
   * empty tomorrow.
   */
  public void rememberLinks() {
    if (!isPolled()) {
      return;
    }
    try {
      Map<String, String> wanted = new HashMap<>(ledger.awaitingLink(LINKS_AT_ONCE));
      Map<String, String> pending = new HashMap<>();
      for (PendingImage image :
          pacs.pending(LINKS_AT_ONCE, settings.maxAttempts(), wanted.keySet())) {
        if (!image.accession().isEmpty()) {
          pending.put(image.sopInstanceUid(), image.accession());
        }
      }
      pending.keySet().removeAll(ledger.linked(pending.keySet()));
      wanted.putAll(pending);
      found(wanted);
    } catch (PacsUnavailable e) {
      LOG.debug("message ids not looked up cause={}", e.getMessage());
    }
  }

  /** Gives rows back that say UPLOADING although nobody uploads them any more. */
  public void takeUpAbandoned() {
    try {
      settleMarks();
      Instant now = clock.instant();
      for (UploadingRow row : pacs.uploading()) {
        if (isAbandoned(row, now)
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
    if (ledger.isOurs(row.sopInstanceUid(), row.lastAttempt())) {
      return !ledger.isLive(row.sopInstanceUid(), row.lastAttempt(), now);
    }
    try {
      Instant begun = LocalDateTime.parse(row.lastAttempt(), SECONDS).toInstant(ZoneOffset.UTC);
      return now.isAfter(begun.plus(settings.deadline(row.fileSize())).plus(GRACE))
          || begun.isAfter(now.plus(Duration.ofDays(1)));
    } catch (DateTimeParseException e) {
      return true;
    }
  }

  /** Keeps this process's leases for as long as it works. */
  public void renewLeases() {
    ledger.renew(clock.instant());
  }

  /** Forgets what was finished long ago. */
  public void prune() {
    ledger.prune(clock.instant().minus(settings.retention()));
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
    UploadOutcome refused = alarm.get();
    return new UploadHealth(
        pacs.condition(),
        pacs.replacements(),
        worklistAsked ? worklist.condition() : PacsCondition.USABLE,
        storeTrouble,
        refused == null ? "" : refused.summary(),
        pace.isInTrouble(),
        Optional.ofNullable(lastDelivery),
        clock.instant());
  }

  /** How many images wait for which reason. */
  public Map<String, Long> waits() {
    return ledger.waits();
  }

  /** How many rows of pacs.db are in each state. */
  public Map<String, Long> counts() {
    return pacs.counts();
  }
}
