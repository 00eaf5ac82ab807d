package io.howdah.storage;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.events.Outbox;
import io.howdah.status.Acceptance;
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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * {@link Studies} in SQL that SQLite and PostgreSQL both understand; the database decides every
 * race.
 */
public final class SqlStudies implements Studies {
  /**
   * A lease further away than any lease lasts was given by a clock that has since been set back.
   */
  static final String FREE =
      "(lease_owner IS NULL OR lease_until < :now OR lease_until > :now + 2 * :lease)";

  /** The longest a study is made to wait, in milliseconds. */
  private static final long LONGEST_DELAY = 300_000;

  /** A turn further away than any delay lasts was given by such a clock, too. */
  static final String ITS_TURN =
      "(next_attempt_at <= :now OR next_attempt_at > :now + " + LONGEST_DELAY + ")";

  /** How long a row may show less than its study has gone through, in milliseconds. */
  private static final long LATE = 250;

  /** Studies that may be taken for validation while they are accepted; others wait for a worker. */
  private static final int AHEAD = 64;

  /** A study accepted with its claim that no worker asked for in so many milliseconds is due. */
  private static final long UNASKED = 1_000;

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
      UPDATE study SET state = :state, version = version + :steps, details = :details, attempts = 0, next_attempt_at = 0,
             sop_class_uid = COALESCE(:sopClass, sop_class_uid), sop_instance_uid = COALESCE(:sopInstance, sop_instance_uid),
             study_uid = COALESCE(:studyUid, study_uid), series_uid = COALESCE(:seriesUid, series_uid),
             validation = COALESCE(:validation, validation),
             fence = fence + 1, lease_owner = :keeper, lease_until = :until, updated_at = :now
      WHERE study_id = :id AND state = :written AND fence = :fence AND lease_owner = :node""";

  private final Transactions transactions;
  private final InstantSource clock;
  private final String node;
  private final long lease;
  private final Set<Stage> ownStages;
  private final StudyJournal journal;
  private final StudyAcceptance acceptance;
  private final StudyReports reports;
  private final StudyQueries queries;
  private final Set<String> working = ConcurrentHashMap.newKeySet();

  /** Accepted and claimed in one, until a worker asks for them. */
  private final Map<String, Claim> ahead = new ConcurrentHashMap<>();

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
    this.journal = new StudyJournal(node, targets);
    this.acceptance =
        new StudyAcceptance(transactions, KeyTurns.of(database), clock, journal, node, lease);
    this.reports = new StudyReports(transactions, clock, journal);
    this.queries = new StudyQueries(transactions, clock, lease);
  }

  @Override
  public List<Acceptance> accept(List<NewStudy> arrived) {
    boolean begins = ownStages.contains(Stage.VALIDATE) && working.size() + arrived.size() <= AHEAD;
    StudyAcceptance.Recorded recorded = acceptance.accept(arrived, begins);
    for (Claim claim : recorded.begun()) {
      working.add(claim.studyId());
      ahead.put(claim.studyId(), claim);
    }
    return recorded.answers();
  }

  @Override
  public Optional<String> holding(String sha256) {
    return acceptance.holding(sha256);
  }

  @Override
  public Optional<Claim> claim(String studyId, Stage stage) {
    Claim taken = stage == Stage.VALIDATE ? ahead.remove(studyId) : null;
    if (taken != null) {
      return Optional.of(taken);
    }
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
            .map((row, context) -> claimed(row, studyId, stage, now))
            .findOne();
    claim
        .filter(won -> stage.working() != stage.ready())
        .ifPresent(
            won ->
                journal.passed(
                    handle,
                    studyId,
                    won.version() - 1,
                    List.of(Claim.Passage.quiet(stage.working(), won.writtenAt()))));
    return claim.map(won -> stage == Stage.ARCHIVE ? reserve(handle, won, now) : won);
  }

  private static Claim claimed(ResultSet row, String studyId, Stage stage, long now)
      throws SQLException {
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
        Optional.empty(),
        stage.working(),
        Instant.ofEpochMilli(now),
        List.of());
  }

  /**
   * The first study to get here holds the SOP Instance UID; other bytes under it are a conflict.
   */
  private static Claim reserve(Handle handle, Claim claim, long now) {
    if (claim.instance().isEmpty()) {
      return claim;
    }
    String uid = claim.instance().get().sopInstanceUid();
    int taken =
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
    if (taken == 1) {
      return claim;
    }
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
      Optional<Claim> next = next(claim, outcome);
      if (next.filter(this::mayBeWrittenLater).isPresent()) {
        return next;
      }
      Optional<Claim> written =
          outcome.state().isFinal()
              ? transactions.write(handle -> finish(handle, claim, outcome, next))
              : transactions.progress(handle -> finish(handle, claim, outcome, next));
      if (written.isEmpty()) {
        working.remove(claim.studyId());
      }
      return written;
    } catch (RuntimeException e) {
      working.remove(claim.studyId());
      throw e;
    }
  }

  /** The claim to go on with, when this process runs the next stage as well. */
  private Optional<Claim> next(Claim claim, Outcome outcome) {
    return Stage.waitingFor(outcome.state())
        .filter(ownStages::contains)
        .map(
            stage -> {
              List<Claim.Passage> through = new ArrayList<>(List.of(passage(outcome)));
              if (stage.working() != stage.ready()) {
                through.add(Claim.Passage.quiet(stage.working(), clock.instant()));
              }
              return claim.followedBy(stage, outcome, through);
            });
  }

  private Claim.Passage passage(Outcome outcome) {
    return new Claim.Passage(
        outcome.state(), outcome.details(), outcome.announcements(), clock.instant());
  }

  /**
   * A study that hurries through is not written at every step: what a crash undoes is done again,
   * and a step that takes long is seen. The archive's place, though, must be taken first.
   */
  private boolean mayBeWrittenLater(Claim next) {
    return next.stage() != Stage.ARCHIVE
        && Math.abs(clock.millis() - next.writtenAt().toEpochMilli()) < LATE;
  }

  /** The next stage's claim costs no commit and no update of its own. */
  private Optional<Claim> finish(
      Handle handle, Claim claim, Outcome outcome, Optional<Claim> next) {
    long now = clock.millis();
    List<Claim.Passage> passed =
        next.map(Claim::passed)
            .orElseGet(
                () -> Stream.concat(claim.passed().stream(), Stream.of(passage(outcome))).toList());
    Optional<Claim.Instance> instance = outcome.instance().or(claim::instance);
    int changed =
        handle
            .createUpdate(FINISH)
            .bind(
                "state", next.map(Claim::stage).map(Stage::working).orElse(outcome.state()).word())
            .bind("steps", passed.size())
            .bind("keeper", next.isPresent() ? node : null)
            .bind("until", next.isPresent() ? now + lease : 0)
            .bind("details", StudyJournal.text(outcome.details()))
            .bind("sopClass", instance.map(Claim.Instance::sopClassUid).orElse(null))
            .bind("sopInstance", instance.map(Claim.Instance::sopInstanceUid).orElse(null))
            .bind("studyUid", instance.map(Claim.Instance::studyUid).orElse(null))
            .bind("seriesUid", instance.map(Claim.Instance::seriesUid).orElse(null))
            .bind("validation", outcome.validation().or(claim::validation).orElse(null))
            .bind("now", now)
            .bind("id", claim.studyId())
            .bind("written", claim.written().word())
            .bind("fence", claim.fence())
            .bind("node", node)
            .execute();
    if (changed != 1) {
      throw new LeaseLost(claim.studyId());
    }
    journal.passed(handle, claim.studyId(), claim.version(), passed);
    if (outcome.state() == StudyState.FAILED || outcome.state() == StudyState.VALIDATION_FAILED) {
      handle.execute("DELETE FROM archived_instance WHERE study_id = ?", claim.studyId());
    }
    return next.map(won -> won.writtenDown(Instant.ofEpochMilli(now)))
        .map(won -> won.stage() == Stage.ARCHIVE ? reserve(handle, won, now) : won);
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
                  .bind("working", claim.written().word())
                  .bind("fence", claim.fence())
                  .bind("node", node)
                  .execute();
          if (changed != 1) {
            throw new LeaseLost(claim.studyId());
          }
          journal.remember(handle, claim.studyId(), before, true, null, now);
          return changed;
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
    ahead.clear();
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
  public void report(String studyId, StudyState status, JsonNode details, long version) {
    reports.report(studyId, status, details, version);
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
                journal.remember(handle, studyId, StudyState.UPLOADED, true, null, now);
                journal.announce(handle, studyId, value, StudyState.UPLOADED, null, List.of(), now);
              });
          return version.isPresent();
        });
  }

  @Override
  public List<String> due(Stage stage, int limit) {
    List<String> due = queries.due(stage, limit);
    if (stage != Stage.VALIDATE || ahead.isEmpty()) {
      return due;
    }
    Instant before = clock.instant().minusMillis(UNASKED);
    Stream<String> unasked =
        ahead.values().stream()
            .filter(claim -> claim.acceptedAt().isBefore(before))
            .map(Claim::studyId);
    return Stream.concat(unasked, due.stream()).limit(limit).toList();
  }

  @Override
  public Optional<StudyStatus> status(String studyId) {
    return queries.status(studyId);
  }

  @Override
  public Set<String> archived(Collection<String> studyIds) {
    return queries.archived(studyIds);
  }

  @Override
  public List<HistoryEntry> history(String studyId) {
    return queries.history(studyId);
  }

  @Override
  public StatusPage page(
      Optional<StudyState> state, Optional<Instant> since, int page, int pageSize) {
    return queries.page(state, since, page, pageSize);
  }

  @Override
  public Map<Stage, Waiting> waiting() {
    return queries.waiting();
  }
}
