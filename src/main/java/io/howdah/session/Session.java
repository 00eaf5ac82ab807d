package io.howdah.session;

import io.howdah.session.SessionProgress.Ack;
import io.howdah.session.SessionProgress.LocalState;
import io.howdah.session.SessionProgress.Packing;
import io.howdah.session.SessionProgress.Trouble;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One upload of one file for one radiology order, as it was at a version. Its changes are made by
 * the methods below, each of which gives the session as it should become; {@link Sessions#save}
 * makes it so if nobody else was first.
 */
public record Session(SessionFacts facts, SessionProgress progress) {
  private static final int MESSAGE_LIMIT = 500;

  /** A session that waits for its first step. */
  public static Session queued(SessionFacts facts) {
    return new Session(facts, SessionProgress.queued(facts.createdAt()));
  }

  public String id() {
    return facts.sessionId();
  }

  public SessionState state() {
    return progress.state();
  }

  /** True when its metadata were taken by the hub. */
  public boolean isMetadataUploaded() {
    return progress.metadataUploadedAt().isPresent();
  }

  /** True when the hub has all its bytes. */
  public boolean isBinaryUploaded() {
    return progress.binaryUploadedAt().isPresent();
  }

  /** Contract §2: only FAILED, and only so often. */
  public boolean canBeRetried() {
    return state() == SessionState.FAILED && progress.retryCount() < facts.maxRetries();
  }

  /**
   * The seed's is_safe_to_delete_local, as far as the row tells: acknowledged, by an image's id,
   * with the digest of the very bytes that were taken in. Whether the copy is what the row says is
   * looked at when it is deleted.
   */
  public boolean isSafeToDelete() {
    return state() == SessionState.ACK_RECEIVED
        && progress.ack().flatMap(Ack::sha256).filter(facts.sha256()::equals).isPresent();
  }

  /** Bytes that have to travel. */
  public long wireSize() {
    return progress.packing().map(Packing::size).orElse(facts.size());
  }

  /** Percent of the bytes that the hub has for good, such as 12.50. */
  public BigDecimal percent() {
    if (isBinaryUploaded()) {
      return new BigDecimal("100.00");
    }
    if (wireSize() == 0) {
      return new BigDecimal("0.00");
    }
    return BigDecimal.valueOf(progress.bytesUploaded())
        .multiply(BigDecimal.valueOf(100))
        .divide(BigDecimal.valueOf(wireSize()), 2, RoundingMode.DOWN);
  }

  /** How long the rest takes at this rate; empty while nothing moves. */
  public Optional<Duration> remaining(long bytesPerSecond) {
    if (isBinaryUploaded()) {
      return Optional.of(Duration.ZERO);
    }
    long left = wireSize() - progress.bytesUploaded();
    return bytesPerSecond > 0
        ? Optional.of(Duration.ofSeconds((left + bytesPerSecond - 1) / bytesPerSecond))
        : Optional.empty();
  }

  private Session to(SessionState next, Instant now) {
    if (!state().leadsTo(next)) {
      throw new IllegalStateException(state() + " does not lead to " + next);
    }
    return new Change(progress).state(next).at(now).of(facts);
  }

  /** The hub is being told of it. */
  public Session announcing(Instant now) {
    return to(SessionState.METADATA_UPLOADING, now);
  }

  /** The hub could not be told now; it waits again. */
  public Session waitingAgain(Instant now) {
    return to(SessionState.QUEUED, now);
  }

  /** The hub knows of it and takes its bytes at {@code url}. */
  public Session announced(String url, Optional<Packing> packing, Instant now) {
    Change change = new Change(to(SessionState.METADATA_UPLOADED, now).progress);
    change.uploadUrl = Optional.of(url);
    change.packing = packing;
    change.metadataUploadedAt = progress.metadataUploadedAt().or(() -> Optional.of(now));
    return change.of(facts);
  }

  /** Its bytes are on their way. */
  public Session sending(Instant now) {
    return to(SessionState.BINARY_UPLOADING, now);
  }

  /** The hub lost or gave up what it had: the bytes begin anew at {@code url}. */
  public Session announcedAnew(String url, Instant now) {
    Change change = new Change(progress).at(now);
    change.uploadUrl = Optional.of(url);
    change.bytesUploaded = 0;
    return change.of(facts);
  }

  /** The hub has {@code bytes} for good. */
  public Session at(long bytes) {
    Change change = new Change(progress);
    change.bytesUploaded = bytes;
    return change.of(facts);
  }

  /** The hub has all bytes. */
  public Session synced(Instant now) {
    Change change = new Change(to(SessionState.SYNCED, now).progress);
    change.bytesUploaded = wireSize();
    change.binaryUploadedAt = Optional.of(now);
    return change.of(facts);
  }

  /** The receiver holds the image. */
  public Session acknowledged(Ack ack) {
    Change change = new Change(to(SessionState.ACK_RECEIVED, ack.at()).progress);
    change.ack = Optional.of(ack);
    return change.of(facts);
  }

  /** It ends here until a person or program retries it; bytes and flags stay as they are. */
  public Session failed(String code, String message, Instant now) {
    Change change = new Change(to(SessionState.FAILED, now).progress);
    change.trouble =
        Optional.of(
            new Trouble(
                code,
                message.length() <= MESSAGE_LIMIT ? message : message.substring(0, MESSAGE_LIMIT)));
    return change.of(facts);
  }

  /**
   * It failed because the hub refused what it was sent: what it took of it is worth nothing, and a
   * retry is announced anew.
   */
  public Session rejected(String code, String message, Instant now) {
    Change change = new Change(failed(code, message, now).progress);
    change.uploadUrl = Optional.empty();
    change.binaryUploadedAt = Optional.empty();
    change.bytesUploaded = 0;
    return change.of(facts);
  }

  /** It begins again at its first unfinished step. */
  public Session retried(Instant now) {
    Change change = new Change(to(SessionState.QUEUED, now).progress);
    change.retryCount++;
    change.trouble = Optional.empty();
    return change.of(facts);
  }

  /** Nobody wants it any more. */
  public Session cancelled(Instant now) {
    return to(SessionState.CANCELLED, now);
  }

  /** What became of the copy. */
  public Session local(LocalState state, Instant now) {
    Change change = new Change(progress).at(now);
    change.localState = state;
    return change.of(facts);
  }

  /** A copy of a progress on its way to the next. */
  private static final class Change {
    private final SessionProgress from;
    private SessionState state;
    private long bytesUploaded;
    private int retryCount;
    private Optional<Trouble> trouble;
    private Optional<Instant> metadataUploadedAt;
    private Optional<Instant> binaryUploadedAt;
    private Optional<String> uploadUrl;
    private Optional<Packing> packing;
    private Optional<Ack> ack;
    private LocalState localState;
    private Instant updatedAt;

    Change(SessionProgress from) {
      this.from = from;
      state = from.state();
      bytesUploaded = from.bytesUploaded();
      retryCount = from.retryCount();
      trouble = from.trouble();
      metadataUploadedAt = from.metadataUploadedAt();
      binaryUploadedAt = from.binaryUploadedAt();
      uploadUrl = from.uploadUrl();
      packing = from.packing();
      ack = from.ack();
      localState = from.localState();
      updatedAt = from.updatedAt();
    }

    Change state(SessionState next) {
      state = next;
      return this;
    }

    Change at(Instant now) {
      updatedAt = now;
      return this;
    }

    Session of(SessionFacts facts) {
      return new Session(
          facts,
          new SessionProgress(
              state,
              from.version(),
              bytesUploaded,
              retryCount,
              trouble,
              metadataUploadedAt,
              binaryUploadedAt,
              uploadUrl,
              packing,
              ack,
              localState,
              updatedAt));
    }
  }
}
