package io.howdah.storage;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.howdah.disk.StorageUnavailable;
import io.howdah.status.Acceptance;
import io.howdah.status.Announcement;
import io.howdah.status.Claim;
import io.howdah.status.NewStudy;
import io.howdah.status.StudyState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * How a file becomes a row, once: the unique keys of the table decide who was first, and of those
 * that bring one Idempotency-Key, which is in either of two tables, its turn.
 */
final class StudyAcceptance {
  private static final String INSERT =
      """
      INSERT INTO study (study_id, state, version, fence, lease_owner, lease_until, held, source, original_filename, file_size, sha256,
                         idempotency_key, calling_ae, created_at, updated_at)
      VALUES (:id, :state, :version, :fence, :owner, :until, 1, :source, :name, :size, :sha256, :key, :callingAe, :now, :now)
      ON CONFLICT DO NOTHING""";

  private static final int ACCEPT_ATTEMPTS = 10;

  private final Transactions transactions;
  private final KeyTurns turns;
  private final InstantSource clock;
  private final StudyJournal journal;
  private final String node;
  private final long lease;

  /**
   * @param node who works on what is begun at once
   * @param lease how long it is its own at first
   */
  StudyAcceptance(
      Transactions transactions,
      KeyTurns turns,
      InstantSource clock,
      StudyJournal journal,
      String node,
      Duration lease) {
    this.transactions = transactions;
    this.turns = turns;
    this.clock = clock;
    this.journal = journal;
    this.node = node;
    this.lease = lease.toMillis();
  }

  /**
   * What came of it.
   *
   * @param begun claims of those that are new, for validation by this process
   */
  record Recorded(List<Acceptance> answers, List<Claim> begun) {}

  /**
   * @param begins true when this process goes on with what is new at once
   */
  Recorded accept(List<NewStudy> arrived, boolean begins) {
    // everyone in the same order, so that two requests with the same files never wait for each
    // other
    List<NewStudy> inOrder =
        arrived.stream().sorted(Comparator.comparing(NewStudy::sha256)).toList();
    List<String> keys =
        arrived.stream()
            .flatMap(study -> study.idempotencyKey().stream())
            .distinct()
            .sorted()
            .toList();
    return transactions.write(
        handle -> {
          keys.forEach(key -> turns.take(handle, key));
          Map<NewStudy, Acceptance> answers = new IdentityHashMap<>();
          List<Claim> begun = new ArrayList<>();
          inOrder.forEach(study -> answers.put(study, accept(handle, study, begins, begun)));
          return new Recorded(arrived.stream().map(answers::get).toList(), begun);
        });
  }

  private Acceptance accept(Handle handle, NewStudy study, boolean begins, List<Claim> begun) {
    Optional<Acceptance> before =
        study
            .idempotencyKey()
            .flatMap(key -> ofDuplicate(handle, key))
            .map(holder -> repeated(study, holder));
    if (before.isPresent()) {
      return before.get();
    }
    for (int attempt = 0; attempt < ACCEPT_ATTEMPTS; attempt++) {
      if (insert(handle, study, begins, begun)) {
        return new Acceptance.Accepted(study.studyId());
      }
      Optional<Acceptance> known = known(handle, study);
      if (known.isPresent()) {
        return known.get();
      }
      // the study that was in the way failed in the meantime; now there is room
    }
    throw new StorageUnavailable(
        "study " + study.studyId() + " was neither recorded nor known; try again", null);
  }

  private boolean insert(Handle handle, NewStudy study, boolean begins, List<Claim> begun) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    List<Claim.Passage> passages = new ArrayList<>();
    passages.add(
        new Claim.Passage(
            StudyState.UPLOADED,
            JsonNodeFactory.instance.objectNode().put("file_size", study.fileSize()),
            List.of(new Announcement("uploads", study.uploadedEvent())),
            now));
    if (begins) {
      passages.add(Claim.Passage.quiet(StudyState.VALIDATING, now));
    }
    int inserted =
        handle
            .createUpdate(INSERT)
            .bind("id", study.studyId())
            .bind("state", passages.get(passages.size() - 1).state().word())
            .bind("version", passages.size())
            .bind("fence", begins ? 1 : 0)
            .bind("owner", begins ? node : null)
            .bind("until", begins ? now.toEpochMilli() + lease : 0)
            .bind("source", study.source())
            .bind("name", study.originalFilename())
            .bind("size", study.fileSize())
            .bind("sha256", study.sha256())
            .bind("key", study.idempotencyKey().orElse(null))
            .bind("callingAe", study.callingAe().orElse(null))
            .bind("now", now.toEpochMilli())
            .execute();
    if (inserted != 1) {
      return false;
    }
    journal.passed(handle, study.studyId(), 0, passages);
    if (begins) {
      begun.add(Claim.ofNew(study, passages.size(), now));
    }
    return true;
  }

  private static Optional<Acceptance> known(Handle handle, NewStudy study) {
    boolean itself =
        handle
            .createQuery("SELECT 1 FROM study WHERE study_id = :id AND held = 1")
            .bind("id", study.studyId())
            .mapTo(Integer.class)
            .findOne()
            .isPresent();
    if (itself) { // recorded before, by a reconciler or by an attempt whose answer was lost
      return Optional.of(new Acceptance.Accepted(study.studyId()));
    }
    Optional<Claim.Holder> keyed = study.idempotencyKey().flatMap(key -> keyed(handle, key));
    if (keyed.isPresent()) {
      return keyed.map(holder -> repeated(study, holder));
    }
    Optional<String> holding = holding(handle, study.sha256());
    holding.ifPresent(id -> study.idempotencyKey().ifPresent(key -> remember(handle, key, id)));
    return holding.map(Acceptance.Duplicate::new);
  }

  private static Acceptance repeated(NewStudy study, Claim.Holder holder) {
    return holder.sha256().equals(study.sha256())
        ? new Acceptance.Duplicate(holder.studyId())
        : new Acceptance.KeyReused(holder.studyId());
  }

  /** The study whose bytes came with this key first, having come before without it. */
  private static Optional<Claim.Holder> ofDuplicate(Handle handle, String key) {
    return handle
        .createQuery(
            "SELECT study_id, sha256 FROM duplicate_key JOIN study USING (study_id) WHERE duplicate_key.idempotency_key = :key")
        .bind("key", key)
        .map((row, context) -> new Claim.Holder(row.getString(1), row.getString(2)))
        .findOne();
  }

  private static void remember(Handle handle, String key, String studyId) {
    handle.execute(
        "INSERT INTO duplicate_key (idempotency_key, study_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        key,
        studyId);
  }

  Optional<String> holding(String sha256) {
    return transactions.read(handle -> holding(handle, sha256));
  }

  private static Optional<String> holding(Handle handle, String sha256) {
    return handle
        .createQuery(
            "SELECT study_id FROM study WHERE sha256 = :sha256 AND held = 1 AND state NOT IN ('failed', 'validation_failed')")
        .bind("sha256", sha256)
        .mapTo(String.class)
        .findOne();
  }

  private static Optional<Claim.Holder> keyed(Handle handle, String key) {
    return handle
        .createQuery("SELECT study_id, sha256 FROM study WHERE idempotency_key = :key")
        .bind("key", key)
        .map((row, context) -> new Claim.Holder(row.getString(1), row.getString(2)))
        .findOne();
  }
}
