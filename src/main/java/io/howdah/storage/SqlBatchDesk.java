package io.howdah.storage;

import io.howdah.batch.BatchDesk;
import io.howdah.batch.BatchInstance;
import io.howdah.batch.BatchStatus;
import io.howdah.batch.CompletionReason;
import io.howdah.batch.DestinationFigures;
import io.howdah.batch.ExamBatch;
import io.howdah.batch.Wish;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** {@link BatchDesk} in SQL that SQLite and PostgreSQL both understand. */
public final class SqlBatchDesk implements BatchDesk {
  private static final long LATELY = Duration.ofDays(1).toMillis();

  private static final String SHOW =
      """
      SELECT b.id, b.study_instance_uid, d.name, b.status, b.generation, b.held, b.instance_count, b.expected_count,
             b.completion_reason, b.attempts, b.associations, b.error, b.created_at, b.last_arrival_at, b.due_at, b.ready_at,
             b.sent_at, b.next_attempt_at, b.updated_at,
             (SELECT COUNT(*) FROM exam_batch_instances i
              WHERE i.batch_id = b.id AND i.status IN ('DELIVERED', 'WARNING')) AS confirmed,
             (SELECT COUNT(*) FROM exam_batch_instances i WHERE i.batch_id = b.id AND i.status = 'REFUSED') AS refused
      FROM exam_batches b JOIN storage_backend_configs d ON d.id = b.destination_id""";

  private final Transactions transactions;
  private final DatabaseTime time;
  private final long stuckAfter;

  /**
   * @param stuckAfter a batch open for longer is stuck
   */
  public SqlBatchDesk(Database database, DatabaseTime time, Duration stuckAfter) {
    this.transactions = database.transactions();
    this.time = time;
    this.stuckAfter = stuckAfter.toMillis();
  }

  @Override
  public Page page(Filter filter, int page, int pageSize) {
    String where =
        " WHERE 1 = 1"
            + (filter.status().isPresent() ? " AND b.status = :status" : "")
            + (filter.destination().isPresent() ? " AND d.name = :destination" : "")
            + (filter.studyUid().isPresent() ? " AND b.study_instance_uid = :study" : "");
    return transactions.read(
        handle ->
            new Page(
                narrowed(
                        handle.createQuery(
                            SHOW + where + " ORDER BY b.id DESC LIMIT :limit OFFSET :offset"),
                        filter)
                    .bind("limit", pageSize)
                    .bind("offset", (long) (page - 1) * pageSize)
                    .map((row, context) -> batch(row))
                    .list(),
                narrowed(
                        handle.createQuery(
                            "SELECT COUNT(*) FROM exam_batches b JOIN storage_backend_configs d ON d.id = b.destination_id"
                                + where),
                        filter)
                    .mapTo(Long.class)
                    .one()));
  }

  private static Query narrowed(Query query, Filter filter) {
    filter.status().ifPresent(status -> query.bind("status", status.name()));
    filter.destination().ifPresent(name -> query.bind("destination", name));
    filter.studyUid().ifPresent(uid -> query.bind("study", uid));
    return query;
  }

  @Override
  public Optional<ExamBatch> find(long id) {
    return transactions.read(
        handle ->
            handle
                .createQuery(SHOW + " WHERE b.id = :id")
                .bind("id", id)
                .map((row, context) -> batch(row))
                .findOne());
  }

  private static ExamBatch batch(ResultSet row) throws SQLException {
    int expected = row.getInt("expected_count");
    OptionalInt known = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(expected);
    String error = row.getString("error");
    return new ExamBatch(
        row.getLong("id"),
        row.getString("study_instance_uid"),
        row.getString("name"),
        BatchStatus.valueOf(row.getString("status")),
        row.getInt("generation"),
        row.getInt("held") == 1,
        row.getInt("instance_count"),
        row.getInt("confirmed"),
        row.getInt("refused"),
        known,
        Optional.ofNullable(row.getString("completion_reason")).map(CompletionReason::valueOf),
        row.getInt("attempts"),
        row.getInt("associations"),
        error == null ? "" : error,
        Instant.ofEpochMilli(row.getLong("created_at")),
        Instant.ofEpochMilli(row.getLong("last_arrival_at")),
        Instant.ofEpochMilli(row.getLong("due_at")),
        moment(row, "ready_at"),
        moment(row, "sent_at"),
        moment(row, "next_attempt_at"),
        Instant.ofEpochMilli(row.getLong("updated_at")));
  }

  private static Optional<Instant> moment(ResultSet row, String column) throws SQLException {
    long ms = row.getLong(column);
    return ms == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ms));
  }

  @Override
  public List<BatchInstance> instances(long id, int limit) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT i.sop_instance_uid, x.study_id, i.status, i.peer_status, i.detail, x.requests, i.updated_at
                    FROM exam_batch_instances i JOIN exam_batches b ON b.id = i.batch_id
                    JOIN delivery x ON x.destination_id = b.destination_id AND x.sop_instance_uid = i.sop_instance_uid
                    WHERE i.batch_id = :id
                    ORDER BY CASE WHEN i.status IN ('DELIVERED', 'WARNING') THEN 1 ELSE 0 END, i.id LIMIT :limit""")
                .bind("id", id)
                .bind("limit", limit)
                .map(
                    (row, context) ->
                        new BatchInstance(
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            text(row, 4),
                            text(row, 5),
                            row.getInt(6),
                            Instant.ofEpochMilli(row.getLong(7))))
                .list());
  }

  private static String text(ResultSet row, int column) throws SQLException {
    String text = row.getString(column);
    return text == null ? "" : text;
  }

  @Override
  public boolean grant(long id, Wish wish) {
    return transactions.write(
        handle -> {
          long now = time.now(handle);
          String set =
              switch (wish) {
                case COMPLETE -> "asked = 1, due_at = :now WHERE status = 'PENDING'";
                case HOLD -> "held = 1 WHERE status IN ('PENDING', 'READY')";
                case RELEASE -> "held = 0 WHERE status IN ('PENDING', 'READY')";
                case REQUEUE ->
                    "status = 'READY', held = 0, attempts = 0, next_attempt_at = 0, error = NULL, ready_at = :now WHERE status = 'FAILED'";
              };
          boolean granted =
              handle
                      .createUpdate(
                          "UPDATE exam_batches SET version = version + 1, updated_at = :now, "
                              + set
                              + " AND id = :id")
                      .bind("now", now)
                      .bind("id", id)
                      .execute()
                  == 1;
          if (granted && wish == Wish.REQUEUE) {
            handle.execute(
                "UPDATE exam_batch_instances SET status = 'PENDING', updated_at = ? WHERE batch_id = ? AND status = 'REFUSED'",
                now,
                id);
          }
          return granted;
        });
  }

  @Override
  public int forgetSent(Duration retention) {
    List<Sent> old =
        transactions.read(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT b.id, b.study_instance_uid, b.destination_id
                        FROM storage_backend_configs d JOIN exam_batches b ON b.destination_id = d.id
                        WHERE b.status = 'SENT' AND b.sent_at < :before
                          AND NOT EXISTS (SELECT 1 FROM exam_batches o
                                          WHERE o.study_instance_uid = b.study_instance_uid AND o.destination_id = b.destination_id
                                            AND o.status <> 'SENT')
                        LIMIT :limit""")
                    .bind("before", time.now(handle) - retention.toMillis())
                    .bind("limit", FORGOTTEN_AT_ONCE)
                    .map(
                        (row, context) ->
                            new Sent(row.getLong(1), row.getString(2), row.getLong(3)))
                    .list());
    // one transaction each: arrivals and answers get their turn between them
    old.forEach(batch -> transactions.progress(handle -> forget(handle, batch)));
    return old.size();
  }

  private record Sent(long id, String studyUid, long destination) {}

  private static int forget(Handle handle, Sent batch) {
    handle.execute("DELETE FROM exam_batch_instances WHERE batch_id = ?", batch.id());
    handle.execute(
        "DELETE FROM delivery WHERE study_instance_uid = ? AND destination_id = ? AND batch_id = ?",
        batch.studyUid(),
        batch.destination(),
        batch.id());
    return handle.execute("DELETE FROM exam_batches WHERE id = ?", batch.id());
  }

  @Override
  public List<DestinationFigures> destinations() {
    return transactions.read(
        handle -> {
          long now = time.now(handle);
          return handle
              .createQuery("SELECT * FROM storage_backend_configs ORDER BY name")
              .map((row, context) -> figures(handle, row, now))
              .list();
        });
  }

  private DestinationFigures figures(Handle handle, ResultSet row, long now) throws SQLException {
    long id = row.getLong("id");
    Map<BatchStatus, Long> unfinished = new EnumMap<>(BatchStatus.class);
    handle
        .createQuery(
            """
            SELECT status, COUNT(*) FROM exam_batches
            WHERE status IN ('PENDING', 'READY', 'SENDING', 'FAILED') AND destination_id = :id GROUP BY status""")
        .bind("id", id)
        .map((one, context) -> Map.entry(BatchStatus.valueOf(one.getString(1)), one.getLong(2)))
        .forEach(entry -> unfinished.put(entry.getKey(), entry.getValue()));
    long stuck =
        handle
            .createQuery(
                "SELECT COUNT(*) FROM exam_batches WHERE status = 'PENDING' AND destination_id = :id AND created_at < :before")
            .bind("id", id)
            .bind("before", now - stuckAfter)
            .mapTo(Long.class)
            .one();
    double[] lately =
        handle
            .createQuery(
                """
                SELECT COUNT(*), AVG(instance_count), AVG(sent_at - created_at) FROM exam_batches
                WHERE status = 'SENT' AND destination_id = :id AND sent_at > :since""")
            .bind("id", id)
            .bind("since", now - LATELY)
            .map(
                (one, context) ->
                    new double[] {one.getDouble(1), one.getDouble(2), one.getDouble(3)})
            .one();
    return new DestinationFigures(
        row.getString("name"),
        unfinished,
        stuck,
        (long) lately[0],
        lately[1],
        Duration.ofMillis((long) lately[2]),
        row.getLong("associations"),
        row.getLong("associations_failed"),
        row.getInt("open_count"),
        moment(row, "open_since"),
        moment(row, "open_until"),
        row.getString("open_reason") == null ? "" : row.getString("open_reason"),
        moment(row, "last_delivery_at"));
  }
}
