package io.howdah.storage;

import io.howdah.status.HistoryEntry;
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
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;

/** What can be seen of studies without changing them: the reading half of {@link SqlStudies}. */
final class StudyQueries {
  private final Transactions transactions;
  private final InstantSource clock;
  private final long lease;

  StudyQueries(Transactions transactions, InstantSource clock, Duration lease) {
    this.transactions = transactions;
    this.clock = clock;
    this.lease = lease.toMillis();
  }

  Optional<StudyStatus> status(String studyId) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    "SELECT study_id, state, updated_at, details FROM study WHERE study_id = :id")
                .bind("id", studyId)
                .map(StudyQueries::toStatus)
                .findOne());
  }

  Set<String> archived(Collection<String> studyIds) {
    if (studyIds.isEmpty()) {
      return Set.of();
    }
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    "SELECT study_id FROM study WHERE state = 'archived' AND study_id IN (<ids>)")
                .bindList("ids", List.copyOf(studyIds))
                .mapTo(String.class)
                .collectIntoSet());
  }

  private static StudyStatus toStatus(ResultSet row, StatementContext context) throws SQLException {
    return new StudyStatus(
        row.getString("study_id"),
        StudyState.of(row.getString("state")).orElseThrow(),
        Instant.ofEpochMilli(row.getLong("updated_at")),
        StudyJournal.json(row.getString("details")));
  }

  List<HistoryEntry> history(String studyId) {
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
                            StudyJournal.json(row.getString("details"))))
                .list());
  }

  StatusPage page(Optional<StudyState> state, Optional<Instant> since, int page, int pageSize) {
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
                  .map(StudyQueries::toStatus)
                  .list();
          return new StatusPage(results, page, pageSize, count);
        });
  }

  private static Query narrowed(Query query, Optional<StudyState> state, Optional<Instant> since) {
    state.ifPresent(only -> query.bind("state", only.word()));
    since.ifPresent(from -> query.bind("since", from.toEpochMilli()));
    return query;
  }

  List<String> due(Stage stage, int limit) {
    return transactions.read(
        handle -> {
          long now = clock.millis();
          return handle
              .createQuery(
                  "SELECT study_id FROM study WHERE held = 1 AND state NOT IN ('failed', 'validation_failed', 'archived')"
                      + " AND state IN (:ready, :working) AND "
                      + SqlStudies.ITS_TURN
                      + " AND "
                      + SqlStudies.FREE
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

  Map<Stage, Studies.Waiting> waiting() {
    return transactions.read(
        handle -> {
          Map<Stage, Studies.Waiting> waiting = new EnumMap<>(Stage.class);
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
                            new Studies.Waiting(
                                row.getLong(1),
                                row.getLong(1) == 0
                                    ? Optional.empty()
                                    : Optional.of(Instant.ofEpochMilli(row.getLong(2)))))
                    .one());
          }
          return waiting;
        });
  }
}
