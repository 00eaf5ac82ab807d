package io.howdah.sync;

import io.howdah.disk.ChecksumMismatch;
import io.howdah.disk.CrashPoint;
import io.howdah.session.LocalStore;
import io.howdah.session.Manifest;
import io.howdah.session.Session;
import io.howdah.session.SessionFacts;
import io.howdah.session.SessionManifests;
import io.howdah.session.SessionProgress.Ack;
import io.howdah.session.SessionProgress.Packing;
import io.howdah.session.SessionState;
import io.howdah.session.Sessions;
import io.howdah.session.Sessions.Note;
import io.howdah.sync.Hub.Appended;
import io.howdah.sync.Hub.Receipt;
import io.howdah.sync.Hub.Standing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The steps of an upload: announce, send, confirm. Each may be done again after any crash: what is
 * done is found out from the row and the hub. Every step gives the session as it is then.
 */
final class SessionSteps {
  /** The contract's error codes. */
  static final String METADATA_UPLOAD_ERROR = "METADATA_UPLOAD_ERROR";

  static final String BINARY_UPLOAD_ERROR = "BINARY_UPLOAD_ERROR";
  static final String CHECKSUM_MISMATCH = "CHECKSUM_MISMATCH";
  static final String LOCAL_FILE_MISSING = "LOCAL_FILE_MISSING";

  /** A row is told of progress no more often than this, because it costs a transaction. */
  private static final long TELL_EVERY = Duration.ofMillis(500).toNanos();

  /** How often a hub may say the same thing without any byte getting on. */
  private static final int PATIENCE = 5;

  private static final int LEAST_CHUNK = 16 * 1024;
  private static final int VERIFIED = 10_000;

  private final Sessions sessions;
  private final SessionManifests manifests;
  private final LocalStore store;
  private final Hub hub;
  private final RateBudget budget;
  private final boolean packs;
  private final InstantSource clock;
  private final Map<String, Object> verified =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Object> eldest) {
          return size() > VERIFIED;
        }
      };

  SessionSteps(
      Sessions sessions,
      SessionManifests manifests,
      LocalStore store,
      Hub hub,
      RateBudget budget,
      boolean packs,
      InstantSource clock) {
    this.sessions = sessions;
    this.manifests = manifests;
    this.store = store;
    this.hub = hub;
    this.budget = budget;
    this.packs = packs;
    this.clock = clock;
  }

  /** This attempt ends here, and the session is to be FAILED. */
  static final class StepFailed extends Exception {
    private static final long serialVersionUID = 1L;
    private final String code;
    private final boolean rejected;

    /**
     * @param rejected true when what the hub took is worth nothing
     */
    StepFailed(String code, String message, boolean rejected) {
      super(message);
      this.code = code;
      this.rejected = rejected;
    }

    String code() {
      return code;
    }

    boolean isRejected() {
      return rejected;
    }
  }

  /** Somebody else changed the session, or this process stops: it is no longer ours to work on. */
  static final class LetGo extends Exception {
    private static final long serialVersionUID = 1L;

    LetGo(String message) {
      super(message);
    }
  }

  private Session saved(Running running, Session next, String who, String what, String result)
      throws LetGo {
    Session now =
        sessions
            .save(next, new Note(who, what, result))
            .orElseThrow(() -> new LetGo("somebody else changed the session"));
    running.is(now);
    return now;
  }

  /**
   * Checks the copy, unless this was done and nobody touched it since (the seed: verified before
   * each step).
   */
  private void verify(SessionFacts facts) throws StepFailed, IOException {
    try {
      Object stamp = store.stamp(facts);
      synchronized (verified) {
        if (stamp.equals(verified.get(facts.sessionId()))) {
          return;
        }
      }
      store.verify(facts);
      synchronized (verified) {
        verified.put(facts.sessionId(), stamp);
      }
    } catch (NoSuchFileException e) {
      throw new StepFailed(
          LOCAL_FILE_MISSING, "the copy of the file is gone from the store", false);
    } catch (ChecksumMismatch e) {
      throw new StepFailed(
          CHECKSUM_MISMATCH,
          "the copy in the store is not what came: its digest is no longer " + facts.sha256(),
          false);
    } catch (IOException e) {
      if (facts.sealed()) { // a part that was changed does not open
        throw new StepFailed(
            CHECKSUM_MISMATCH,
            "the sealed copy does not open: it was changed, or the key was",
            false);
      }
      throw e;
    }
  }

  /** Metadata first: the hub is told of the session and says where its bytes go. */
  Session announce(Running running, String who) throws HubTrouble, StepFailed, LetGo, IOException {
    Session session = running.session();
    if (session.state() != SessionState.QUEUED
        && session.state() != SessionState.METADATA_UPLOADING) {
      return session;
    }
    verify(session.facts());
    if (session.state() == SessionState.QUEUED) {
      session =
          saved(running, session.announcing(clock.instant()), who, "transition", "the hub is told");
    }
    tellManifest(session);
    Optional<Packing> packing = packing(session);
    String place = place(session, packing);
    return saved(
        running,
        session.announced(place, packing, clock.instant()),
        who,
        "transition",
        "the hub takes "
            + packing.map(Packing::size).orElse(session.facts().size())
            + " bytes"
            + packing.map(it -> " as " + it.encoding()).orElse(""));
  }

  private void tellManifest(Session session) throws HubTrouble {
    Optional<Manifest> manifest = session.facts().manifestId().flatMap(manifests::manifest);
    if (manifest.isPresent() && manifest.get().toldAt().isEmpty()) {
      hub.tell(manifest.get());
      manifests.told(manifest.get().manifestId(), clock.instant());
    }
  }

  private Optional<Packing> packing(Session session) throws IOException {
    if (session.progress().packing().isPresent() || session.isMetadataUploaded() || !packs) {
      return session.progress().packing();
    }
    try (SeekableByteChannel file = store.open(session.facts())) {
      if (!Zstd.isPromising(file)) {
        return Optional.empty();
      }
    }
    long size = store.pack(session.facts(), Zstd::pack);
    if (Zstd.gains(session.facts().size(), size)) {
      return Optional.of(new Packing(Zstd.NAME, size));
    }
    store.unpack(session.facts());
    return Optional.empty();
  }

  /** Where the hub takes the bytes: as it said before, if it still does. */
  private String place(Session session, Optional<Packing> packing) throws HubTrouble {
    Optional<String> before = session.progress().uploadUrl();
    if (before.isPresent() && hub.head(before.get()).isPresent()) {
      return before.get();
    }
    return hub.announce(session, packing);
  }

  /**
   * Sends what the hub does not have, chunk by chunk, each of which it has for good before the
   * next.
   *
   * @param chunk bytes of a request
   * @param letGo asked between two chunks whether to leave the rest for later
   */
  Session send(Running running, int chunk, String who, Predicate<Session> letGo)
      throws HubTrouble, StepFailed, LetGo, IOException {
    Session session = running.session();
    if (session.state() != SessionState.METADATA_UPLOADED
        && session.state() != SessionState.BINARY_UPLOADING) {
      return session;
    }
    verify(session.facts());
    if (session.state() == SessionState.METADATA_UPLOADED) {
      session =
          saved(
              running,
              session.sending(clock.instant()),
              who,
              "transition",
              "bytes are on their way");
    }
    try (SeekableByteChannel file = store.openWire(session)) {
      new Transfer(running, file, chunk, who, letGo).run();
    } catch (NoSuchFileException e) {
      throw new StepFailed(
          LOCAL_FILE_MISSING, "the copy of the file is gone from the store", false);
    }
    CrashPoint.SESSION_BYTES_SENT.reached();
    return saved(
        running,
        running.session().synced(clock.instant()),
        who,
        "transition",
        "the hub has all " + session.wireSize() + " bytes");
  }

  /** One attempt to send a session's bytes. */
  private final class Transfer {
    private final Running running;
    private final SeekableByteChannel file;
    private final byte[] buffer;
    private final String who;
    private final Predicate<Session> letGo;
    private long offset;
    private long toldAt = System.nanoTime();
    private int stuck;

    Transfer(
        Running running,
        SeekableByteChannel file,
        int chunk,
        String who,
        Predicate<Session> letGo) {
      this.running = running;
      this.file = file;
      this.buffer = new byte[(int) Math.min(chunk, Math.max(1, running.session().wireSize()))];
      this.who = who;
      this.letGo = letGo;
    }

    void run() throws HubTrouble, StepFailed, LetGo, IOException {
      long size = running.session().wireSize();
      offset = resume();
      sessions.note(
          running.session(),
          new Note(who, "attempt", "from byte " + offset + " of " + size),
          clock.instant());
      running.moved(offset, System.nanoTime());
      while (offset < size) {
        if (letGo.test(running.session())) {
          tell(true);
          throw new LetGo("left for later at byte " + offset);
        }
        step(size);
      }
    }

    /** Where the hub is; it is announced anew when the hub knows nothing of it. */
    private long resume() throws HubTrouble, StepFailed, LetGo {
      Session session = running.session();
      Optional<Standing> standing = hub.head(session.progress().uploadUrl().orElseThrow());
      if (standing.isEmpty()) {
        String place = hub.announce(session, session.progress().packing());
        session =
            saved(
                running,
                session.announcedAnew(place, clock.instant()),
                who,
                "attempt",
                "the hub knew nothing of the upload any more; it begins anew");
        standing = hub.head(place);
      }
      if (standing.isEmpty()
          || standing.get().length() != session.wireSize()
          || standing.get().offset() > session.wireSize()) {
        throw new StepFailed(
            BINARY_UPLOAD_ERROR, "the hub's upload is not the one it was told of", true);
      }
      return standing.get().offset();
    }

    private void step(long size) throws HubTrouble, StepFailed, LetGo, IOException {
      int length = read(size);
      Appended appended =
          hub.append(
              running.session().progress().uploadUrl().orElseThrow(), offset, buffer, length);
      CrashPoint.SESSION_CHUNK_SENT.reached();
      if (appended instanceof Appended.Taken taken && taken.offset() == offset + length) {
        offset = taken.offset();
        stuck = 0;
      } else if (appended instanceof Appended.Damaged) {
        stuck(CHECKSUM_MISMATCH, "bytes arrive at the hub changed, again and again");
      } else {
        stuck(BINARY_UPLOAD_ERROR, "the hub and this site do not agree where the upload is");
        offset = resume();
      }
      running.moved(offset, System.nanoTime());
      tell(false);
    }

    private void stuck(String code, String message) throws StepFailed {
      if (++stuck > PATIENCE) {
        throw new StepFailed(code, message, false);
      }
    }

    private int read(long size) throws IOException, StepFailed {
      int most = buffer.length;
      Optional<Long> rate = budget.now();
      if (rate.isPresent()) { // a chunk that takes minutes would be re-sent for minutes
        most = (int) Math.min(most, Math.max(LEAST_CHUNK, 2 * rate.get()));
      }
      ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, (int) Math.min(most, size - offset));
      file.position(offset);
      while (bytes.hasRemaining()) {
        if (file.read(bytes) < 0) {
          throw new StepFailed(CHECKSUM_MISMATCH, "the copy in the store became shorter", false);
        }
      }
      return bytes.position();
    }

    private void tell(boolean atOnce) {
      Session now = running.session().at(offset);
      running.is(now);
      if (atOnce || System.nanoTime() - toldAt > TELL_EVERY) {
        toldAt = System.nanoTime();
        sessions.progress(now);
      }
    }
  }

  /**
   * Asks the hub what became of the upload, and ends the session when it is an image.
   *
   * @param expected the image a client says it became; empty: whatever the hub says
   * @return the receipt
   */
  Receipt confirm(Running running, String who, Optional<Long> expected)
      throws HubTrouble, StepFailed, LetGo {
    Session session = running.session();
    Receipt receipt = hub.receipt(session.progress().uploadUrl().orElseThrow());
    if (receipt instanceof Receipt.Rejected rejected) {
      throw new StepFailed(
          rejected.code(),
          "the hub rejected the upload"
              + (rejected.reason().isEmpty() ? "" : ": " + rejected.reason()),
          true);
    }
    if (receipt instanceof Receipt.Acknowledged acknowledged) {
      if (!acknowledged.sha256().equals(session.facts().sha256())
          || acknowledged.size() != session.facts().size()) {
        throw new StepFailed(
            CHECKSUM_MISMATCH, "the hub acknowledged other bytes than were sent", true);
      }
      if (expected.isEmpty() || expected.get() == acknowledged.imageId()) {
        acknowledged(
            running,
            who,
            new Ack(acknowledged.imageId(), Optional.of(acknowledged.sha256()), clock.instant()));
      }
    }
    return receipt;
  }

  /** What the hub says of an upload it has whole; changes nothing. */
  Receipt receipt(Session session) throws HubTrouble {
    return hub.receipt(session.progress().uploadUrl().orElseThrow());
  }

  /** The receiver holds the image. */
  void acknowledged(Running running, String who, Ack ack) throws LetGo {
    saved(
        running,
        running.session().acknowledged(ack),
        who,
        "transition",
        "image "
            + ack.imageId()
            + ack.sha256().map(it -> ", digest equal").orElse(", no digest told"));
  }
}
