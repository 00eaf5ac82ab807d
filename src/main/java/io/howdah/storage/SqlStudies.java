package io.howdah.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.StorageUnavailable;
import io.howdah.events.Outbox;
import io.howdah.status.Acceptance;
import io.howdah.status.Announcement;
import io.howdah.status.Claim;
import io.howdah.status.HistoryEntry;
import io.howdah.status.LeaseLost;
import io.howdah.status.NewStudy;
import io.howdah.status.Outcome;
import io.howdah.status.Stage;
import io.howdah.status.StatusPage;
import io.howdah.status.Studies;
import io.howdah.status.StudyState;
import io.howdah.status.StudyStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * {@link Studies} in SQL that SQLite and PostgreSQL both understand; the database decides every
 * race.
 */
public final class SqlStudies implements Studies {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String INSERT =
      """
      INSERT INTO study (study_id, state, held, source, original_filename, file_size, sha256, idempotency_key, calling_ae, created_at, updated_at)
      VALUES (:id, 'uploaded', 1, :source, :name, :size, :sha256, :key, :callingAe, :now, :now)
      ON CONFLICT DO NOTHING""";

  /**
   * A lease further away than any lease lasts was given by a clock that has since been set back.
   */
  private static final String FREE =
      "(lease_owner IS NULL OR lease_until < :now OR lease_until > :now + 2 * :lease)";

  /** The longest a study is made to wait, in milliseconds. */
  private static final long LONGEST_DELAY = 300_000;

  /** A turn further away than any delay lasts was given by such a clock, too. */
  private static final String ITS_TURN =
      "(next_attempt_at <= :now OR next_attempt_at > :now + " + LONGEST_DELAY + ")";

  private static final int ACCEPT_ATTEMPTS = 10;

  private static final String CLAIM =
      """
      UPDATE study SET state = :working, version = version + 1, fence = fence + 1,
             lease_owner = :node, lease_until = :now + :lease, updated_at = :now
      WHERE study_id = :id AND held = 1 AND state IN (:ready, :working) AND\s"""
          + ITS_TURN
          + " AND "
          + FREE
          + """

      RETURNING fence, version, original_filename, file_size, sha256, sop_class_uid, sop_instance_uid, study_uid, series_uid,
                validation, attempts, created_at""";

  private static final String FINISH =
      """
      UPDATE study SET state = :state, version = version + 1, details = :details, attempts = 0, next_attempt_at = 0,
             sop_class_uid = COALESCE(:sopClass, sop_class_uid), sop_instance_uid = COALESCE(:sopInstance, sop_instance_uid),
             study_uid = COALESCE(:studyUid, study_uid), series_uid = COALESCE(:seriesUid, series_uid),
             validation = COALESCE(:validation, validation),
             lease_owner = NULL, lease_until = 0, updated_at = :now
      WHERE study_id = :id AND state = :working AND fence = :fence AND lease_owner = :node""";

  private final Transactions transactions;
  private final InstantSource clock;
  private final String node;
  private final long lease;
  private final Set<Stage> ownStages;
  private final Set<Outbox.Target> targets;
  private final Set<String> working = ConcurrentHashMap.newKeySet();

  /**
   * @param node names this process in leases and history
   * @param ownStages the stages this process runs, so that a finished study may go on without being
   *     given up
   * @param targets who is to be told of changes through the outbox
   */
  public SqlStudies(
      Database database,
      InstantSource clock,
      String node,
      Duration lease,
      Set<Stage> ownStages,
      Set<Outbox.Target> targets) {
    this.transactions = database.transactions();
    this.clock = clock;
    this.node = node;
    this.lease = lease.toMillis();
    this.ownStages = Set.copyOf(ownStages);
    this.targets = Set.copyOf(targets);
  }

  @Override
  public List<Acceptance> accept(List<NewStudy> arrived) {
    // everyone in the same order, so that two requests with the same files never wait for each
    // other
    List<NewStudy> inOrder =
        arrived.stream().sorted(Comparator.comparing(NewStudy::sha256)).toList();
    return transactions.write(
        handle -> {
          Map<NewStudy, Acceptance> answers = new IdentityHashMap<>();
          inOrder.forEach(study -> answers.put(study, accept(handle, study)));
          return arrived.stream().map(answers::get).toList();
        });
  }

  private Acceptance accept(Handle handle, NewStudy study) {
    for (int attempt = 0; attempt < ACCEPT_ATTEMPTS; attempt++) {
      if (insert(handle, study)) {
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

  private boolean insert(Handle handle, NewStudy study) {
    long now = clock.millis();
    int inserted =
        handle
            .createUpdate(INSERT)
            .bind("id", study.studyId())
            .bind("source", study.source())
            .bind("name", study.originalFilename())
            .bind("size", study.fileSize())
            .bind("sha256", study.sha256())
            .bind("key", study.idempotencyKey().orElse(null))
            .bind("callingAe", study.callingAe().orElse(null))
            .bind("now", now)
            .execute();
    if (inserted != 1) {
      return false;
    }
    ObjectNode details = JSON.createObjectNode().put("file_size", study.fileSize());
    remember(handle, study.studyId(), StudyState.UPLOADED, true, details, now);
    announce(
        handle,
        study.studyId(),
        1,
        StudyState.UPLOADED,
        details,
        List.of(new Announcement("uploads", study.uploadedEvent())),
        now);
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
      return keyed.map(
          holder ->
              holder.sha256().equals(study.sha256())
                  ? new Acceptance.Duplicate(holder.studyId())
                  : new Acceptance.KeyReused(holder.studyId()));
    }
    return holding(handle, study.sha256()).map(Acceptance.Duplicate::new);
  }

  @Override
  public Optional<String> holding(String sha256) {
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

  @Override
  public Optional<Claim.Holder> keyed(String idempotencyKey) {
    return transactions.read(handle -> keyed(handle, idempotencyKey));
  }

  private static Optional<Claim.Holder> keyed(Handle handle, String key) {
    return handle
        .createQuery("SELECT study_id, sha256 FROM study WHERE idempotency_key = :key")
        .bind("key", key)
        .map((row, context) -> new Claim.Holder(row.getString(1), row.getString(2)))
        .findOne();
  }

  @Override
  public Optional<Claim> claim(String studyId, Stage stage) {
    Optional<Claim> claim = transactions.progress(handle -> claim(handle, studyId, stage));
    claim.ifPresent(won -> working.add(studyId));
    return claim;
  }

  private Optional<Claim> claim(Handle handle, String studyId, Stage stage) {
    long now = clock.millis();
    Optional<Claim> claim =
        handle
            .createQuery(CLAIM)
            .bind("id", studyId)
            .bind("ready", stage.ready().word())
            .bind("working", stage.working().word())
            .bind("node", node)
            .bind("lease", lease)
            .bind("now", now)
            .map((row, context) -> claimed(row, studyId, stage))
            .findOne();
    if (claim.isEmpty()) {
      return claim;
    }
    showWorking(handle, claim.get(), now);
    return Optional.of(stage == Stage.ARCHIVE ? reserve(handle, claim.get(), now) : claim.get());
  }

  private void showWorking(Handle handle, Claim claim, long now) {
    StudyState state = claim.stage().working();
    if (state != claim.stage().ready()) {
      remember(handle, claim.studyId(), state, true, null, now);
      announce(handle, claim.studyId(), claim.version(), state, null, List.of(), now);
    }
  }

  private static Claim claimed(ResultSet row, String studyId, Stage stage) throws SQLException {
    String sopInstance = row.getString("sop_instance_uid");
    return new Claim(
        studyId,
        stage,
        row.getLong("fence"),
        row.getLong("version"),
        row.getString("original_filename"),
        row.getLong("file_size"),
        row.getString("sha256"),
        sopInstance == null
            ? Optional.empty()
            : Optional.of(
                new Claim.Instance(
                    row.getString("sop_class_uid"),
                    sopInstance,
                    row.getString("study_uid"),
                    row.getString("series_uid"))),
        Optional.ofNullable(row.getString("validation")),
        row.getInt("attempts"),
        Instant.ofEpochMilli(row.getLong("created_at")),
        false,
        Optional.empty());
  }

  /**
   * The first study to get here holds the SOP Instance UID; other bytes under it are a conflict.
   */
  private static Claim reserve(Handle handle, Claim claim, long now) {
    if (claim.instance().isEmpty()) {
      return claim;
    }
    String uid = claim.instance().get().sopInstanceUid();
    handle
        .createUpdate(
            """
            INSERT INTO archived_instance (sop_instance_uid, study_id, sha256, archived_at) VALUES (:uid, :id, :sha256, :now)
            ON CONFLICT DO NOTHING""")
        .bind("uid", uid)
        .bind("id", claim.studyId())
        .bind("sha256", claim.sha256())
        .bind("now", now)
        .execute();
    Optional<Claim.Holder> other =
        handle
            .createQuery(
                "SELECT study_id, sha256 FROM archived_instance WHERE sop_instance_uid = :uid AND study_id <> :id")
            .bind("uid", uid)
            .bind("id", claim.studyId())
            .map((row, context) -> new Claim.Holder(row.getString(1), row.getString(2)))
            .findOne();
    return claim.against(other);
  }

  @Override
  public Optional<Claim> finish(Claim claim, Outcome outcome) {
    if (!claim.stage().leadsTo(outcome.state())) {
      throw new IllegalArgumentException(
          claim.stage().key() + " does not lead to " + outcome.state().word());
    }
    try {
      Optional<Claim> next =
          outcome.state().isFinal()
              ? transactions.write(handle -> finish(handle, claim, outcome))
              : transactions.progress(handle -> finish(handle, claim, outcome));
      if (next.isEmpty()) {
        working.remove(claim.studyId());
      }
      return next;
    } catch (RuntimeException e) {
      working.remove(claim.studyId());
      throw e;
    }
  }

  private Optional<Claim> finish(Handle handle, Claim claim, Outcome outcome) {
    long now = clock.millis();
    Optional<Stage> goOn = Stage.waitingFor(outcome.state()).filter(ownStages::contains);
    Optional<Claim.Instance> instance = outcome.instance();
    int changed =
        handle
            .createUpdate(FINISH)
            .bind("state", outcome.state().word())
            .bind("details", text(outcome.details()))
            .bind("sopClass", instance.map(Claim.Instance::sopClassUid).orElse(null))
            .bind("sopInstance", instance.map(Claim.Instance::sopInstanceUid).orElse(null))
            .bind("studyUid", instance.map(Claim.Instance::studyUid).orElse(null))
            .bind("seriesUid", instance.map(Claim.Instance::seriesUid).orElse(null))
            .bind("validation", outcome.validation().orElse(null))
            .bind("now", now)
            .bind("id", claim.studyId())
            .bind("working", claim.stage().working().word())
            .bind("fence", claim.fence())
            .bind("node", node)
            .execute();
    if (changed != 1) {
      throw new LeaseLost(claim.studyId());
    }
    remember(handle, claim.studyId(), outcome.state(), true, outcome.details(), now);
    announce(
        handle,
        claim.studyId(),
        claim.version() + 1,
        outcome.state(),
        outcome.details(),
        outcome.announcements(),
        now);
    if (outcome.state() == StudyState.FAILED || outcome.state() == StudyState.VALIDATION_FAILED) {
      handle.execute("DELETE FROM archived_instance WHERE study_id = ?", claim.studyId());
    }
    // the next stage's claim costs no commit of its own
    return goOn.flatMap(stage -> claim(handle, claim.studyId(), stage)).map(Claim::carriedOver);
  }

  @Override
  public void release(Claim claim, Duration delay) {
    giveBack(claim, delay, 0);
  }

  @Override
  public int spendAttempt(Claim claim, Duration delay) {
    giveBack(claim, delay, 1);
    return claim.attempts() + 1;
  }

  private void giveBack(Claim claim, Duration delay, int spent) {
    working.remove(claim.studyId());
    long now = clock.millis();
    transactions.progress(
        handle ->
            handle
                .createUpdate(
                    """
                    UPDATE study SET attempts = attempts + :spent, next_attempt_at = :next, lease_owner = NULL, lease_until = 0
                    WHERE study_id = :id AND fence = :fence AND lease_owner = :node""")
                .bind("spent", spent)
                .bind("next", now + Math.min(delay.toMillis(), LONGEST_DELAY))
                .bind("id", claim.studyId())
                .bind("fence", claim.fence())
                .bind("node", node)
                .execute());
  }

  @Override
  public void stepBack(Claim claim) {
    working.remove(claim.studyId());
    StudyState before = Stage.values()[claim.stage().ordinal() - 1].ready();
    transactions.progress(
        handle -> {
          long now = clock.millis();
          int changed =
              handle
                  .createUpdate(
                      """
                      UPDATE study SET state = :before, version = version + 1, lease_owner = NULL, lease_until = 0, updated_at = :now
                      WHERE study_id = :id AND state = :working AND fence = :fence AND lease_owner = :node""")
                  .bind("before", before.word())
                  .bind("now", now)
                  .bind("id", claim.studyId())
                  .bind("working", claim.stage().working().word())
                  .bind("fence", claim.fence())
                  .bind("node", node)
                  .execute();
          if (changed != 1) {
            throw new LeaseLost(claim.studyId());
          }
          remember(handle, claim.studyId(), before, true, null, now);
          return changed;
        });
  }

  @Override
  public List<String> due(Stage stage, int limit) {
    return transactions.read(
        handle -> {
          long now = clock.millis();
          return handle
              .createQuery(
                  "SELECT study_id FROM study WHERE held = 1 AND state NOT IN ('failed', 'validation_failed', 'archived')"
                      + " AND state IN (:ready, :working) AND "
                      + ITS_TURN
                      + " AND "
                      + FREE
                      + " ORDER BY updated_at LIMIT :limit")
              .bind("ready", stage.ready().word())
              .bind("working", stage.working().word())
              .bind("now", now)
              .bind("lease", lease)
              .bind("limit", limit)
              .mapTo(String.class)
              .list();
        });
  }

  @Override
  public void renewLeases() {
    List<String> mine = List.copyOf(working);
    if (mine.isEmpty()) {
      return;
    }
    transactions.progress(
        handle -> {
          long now = clock.millis();
          var batch =
              handle.prepareBatch(
                  "UPDATE study SET lease_until = :until WHERE study_id = :id AND lease_owner = :node");
          for (String id : mine) {
            batch.bind("until", now + lease).bind("id", id).bind("node", node).add();
          }
          return batch.execute();
        });
  }

  @Override
  public int releaseAll() {
    working.clear();
    return transactions.progress(
        handle ->
            handle
                .createUpdate(
                    """
                    UPDATE study SET lease_owner = NULL, lease_until = 0
                    WHERE held = 1 AND state NOT IN ('failed', 'validation_failed', 'archived') AND lease_owner = :node""")
                .bind("node", node)
                .execute());
  }

  @Override
  public int freeAbandoned(List<Stage> stages) {
    return transactions.write(
        handle -> {
          int freed = 0;
          for (Stage stage : stages) {
            freed +=
                handle
                    .createUpdate(
                        """
                        UPDATE study SET lease_owner = NULL, lease_until = 0
                        WHERE held = 1 AND state NOT IN ('failed', 'validation_failed', 'archived')
                          AND state IN (:ready, :working) AND lease_owner IS NOT NULL AND lease_owner <> :node""")
                    .bind("ready", stage.ready().word())
                    .bind("working", stage.working().word())
                    .bind("node", node)
                    .execute();
          }
          return freed;
        });
  }

  @Override
  public Optional<StudyStatus> status(String studyId) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    "SELECT study_id, state, updated_at, details FROM study WHERE study_id = :id")
                .bind("id", studyId)
                .map(SqlStudies::toStatus)
                .findOne());
  }

  private static StudyStatus toStatus(ResultSet row, StatementContext context) throws SQLException {
    return new StudyStatus(
        row.getString("study_id"),
        StudyState.of(row.getString("state")).orElseThrow(),
        Instant.ofEpochMilli(row.getLong("updated_at")),
        json(row.getString("details")));
  }

  @Override
  public List<HistoryEntry> history(String studyId) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    "SELECT seq, status, at, applied, node, details FROM study_history WHERE study_id = :id ORDER BY seq")
                .bind("id", studyId)
                .map(
                    (row, context) ->
                        new HistoryEntry(
                            row.getLong("seq"),
                            StudyState.of(row.getString("status")).orElseThrow(),
                            Instant.ofEpochMilli(row.getLong("at")),
                            row.getInt("applied") == 1,
                            row.getString("node"),
                            json(row.getString("details"))))
                .list());
  }

  @Override
  public StatusPage page(
      Optional<StudyState> state, Optional<Instant> since, int page, int pageSize) {
    String where =
        " WHERE 1 = 1"
            + (state.isPresent() ? " AND state = :state" : "")
            + (since.isPresent() ? " AND updated_at >= :since" : "");
    return transactions.read(
        handle -> {
          long count =
              narrowed(handle.createQuery("SELECT COUNT(*) FROM study" + where), state, since)
                  .mapTo(Long.class)
                  .one();
          List<StudyStatus> results =
              narrowed(
                      handle.createQuery(
                          "SELECT study_id, state, updated_at, details FROM study"
                              + where
                              + " ORDER BY seq DESC LIMIT :limit OFFSET :offset"),
                      state,
                      since)
                  .bind("limit", pageSize)
                  .bind("offset", (long) (page - 1) * pageSize)
                  .map(SqlStudies::toStatus)
                  .list();
          return new StatusPage(results, page, pageSize, count);
        });
  }

  private static Query narrowed(Query query, Optional<StudyState> state, Optional<Instant> since) {
    state.ifPresent(only -> query.bind("state", only.word()));
    since.ifPresent(from -> query.bind("since", from.toEpochMilli()));
    return query;
  }

  @Override
  public void report(String studyId, StudyState status, JsonNode details) {
    transactions.write(
        handle -> {
          long now = clock.millis();
          int inserted =
              handle
                  .createUpdate(
                      """
                      INSERT INTO study (study_id, state, held, source, details, created_at, updated_at)
                      VALUES (:id, :state, 0, 'reported', :details, :now, :now) ON CONFLICT DO NOTHING""")
                  .bind("id", studyId)
                  .bind("state", status.word())
                  .bind("details", text(details))
                  .bind("now", now)
                  .execute();
          boolean applied = inserted == 1 || applyReport(handle, studyId, status, details, now);
          remember(handle, studyId, status, applied, details, now);
          if (applied) {
            long version =
                handle
                    .createQuery("SELECT version FROM study WHERE study_id = :id")
                    .bind("id", studyId)
                    .mapTo(Long.class)
                    .one();
            announce(handle, studyId, version, status, details, List.of(), now);
          }
          return applied;
        });
  }

  private static boolean applyReport(
      Handle handle, String studyId, StudyState status, JsonNode details, long now) {
    List<String> before = new ArrayList<>();
    for (StudyState state : StudyState.values()) {
      if (state.isFollowedBy(status)) {
        before.add(state.word());
      }
    }
    return !before.isEmpty()
        && handle
                .createUpdate(
                    """
                    UPDATE study SET state = :state, version = version + 1, details = :details, updated_at = :now
                    WHERE study_id = :id AND held = 0 AND state IN (<before>)""")
                .bindList("before", before)
                .bind("state", status.word())
                .bind("details", text(details))
                .bind("now", now)
                .bind("id", studyId)
                .execute()
            == 1;
  }

  @Override
  public boolean requeue(String studyId) {
    return transactions.write(
        handle -> {
          long now = clock.millis();
          Optional<Long> version =
              handle
                  .createQuery(
                      """
                      UPDATE study SET state = 'uploaded', version = version + 1, details = NULL, attempts = 0, next_attempt_at = 0,
                             lease_owner = NULL, lease_until = 0, updated_at = :now
                      WHERE study_id = :id AND held = 1 AND state IN ('failed', 'validation_failed')
                        AND NOT EXISTS (SELECT 1 FROM study other WHERE other.sha256 = study.sha256 AND other.held = 1
                                        AND other.state NOT IN ('failed', 'validation_failed'))
                      RETURNING version""")
                  .bind("id", studyId)
                  .bind("now", now)
                  .mapTo(Long.class)
                  .findOne();
          version.ifPresent(
              value -> {
                remember(handle, studyId, StudyState.UPLOADED, true, null, now);
                announce(handle, studyId, value, StudyState.UPLOADED, null, List.of(), now);
              });
          return version.isPresent();
        });
  }

  @Override
  public Map<Stage, Waiting> waiting() {
    return transactions.read(
        handle -> {
          Map<Stage, Waiting> waiting = new EnumMap<>(Stage.class);
          for (Stage stage : Stage.values()) {
            waiting.put(
                stage,
                handle
                    .createQuery(
                        """
                        SELECT COUNT(*),
                               (SELECT MIN(created_at) FROM
                                 (SELECT created_at FROM
                                   (SELECT created_at FROM study WHERE state = :ready AND held = 1 ORDER BY seq LIMIT 1) AS first_ready
                                  UNION ALL
                                  SELECT created_at FROM
                                   (SELECT created_at FROM study WHERE state = :working AND held = 1 ORDER BY seq LIMIT 1) AS first_working
                                 ) AS firsts)
                        FROM study
                        WHERE held = 1 AND state NOT IN ('failed', 'validation_failed', 'archived') AND state IN (:ready, :working)""")
                    .bind("ready", stage.ready().word())
                    .bind("working", stage.working().word())
                    .map(
                        (row, context) ->
                            new Waiting(
                                row.getLong(1),
                                row.getLong(1) == 0
                                    ? Optional.empty()
                                    : Optional.of(Instant.ofEpochMilli(row.getLong(2)))))
                    .one());
          }
          return waiting;
        });
  }

  private void remember(
      Handle handle,
      String studyId,
      StudyState status,
      boolean applied,
      JsonNode details,
      long now) {
    handle.execute(
        "INSERT INTO study_history (study_id, status, applied, node, details, at) VALUES (?, ?, ?, ?, ?, ?)",
        studyId,
        status.word(),
        applied ? 1 : 0,
        node,
        text(details),
        now);
  }

  private void announce(
      Handle handle,
      String studyId,
      long version,
      StudyState state,
      JsonNode details,
      List<Announcement> announcements,
      long now) {
    if (targets.contains(Outbox.Target.STATUS_SERVICE)) {
      ObjectNode report = JSON.createObjectNode().put("status", state.word());
      report.set("details", details == null ? JSON.createObjectNode() : details);
      post(handle, Outbox.Target.STATUS_SERVICE, "status", studyId, version, report, now);
    }
    if (targets.contains(Outbox.Target.REDIS)) {
      ObjectNode key =
          JSON.createObjectNode()
              .put("status", state.word())
              .put("timestamp", Instant.ofEpochMilli(now).toString());
      key.set("details", details == null ? JSON.createObjectNode() : details);
      post(
          handle,
          Outbox.Target.REDIS,
          "status",
          studyId,
          version,
          key.put("version", version),
          now);
      for (Announcement announcement : announcements) {
        post(
            handle,
            Outbox.Target.REDIS,
            announcement.channel(),
            studyId,
            version,
            announcement.payload(),
            now);
      }
    }
  }

  private static void post(
      Handle handle,
      Outbox.Target target,
      String channel,
      String studyId,
      long version,
      JsonNode payload,
      long now) {
    handle.execute(
        "INSERT INTO outbox (target, channel, study_id, version, payload, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        target.name(),
        channel,
        studyId,
        version,
        text(payload),
        now);
  }

  private static String text(JsonNode json) {
    return json == null || json.isNull() ? null : json.toString();
  }

  private static JsonNode json(String text) {
    try {
      return text == null ? JSON.createObjectNode() : JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a row holds details that are not JSON", e);
    }
  }
}
