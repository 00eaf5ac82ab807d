package io.howdah.storage;

import io.howdah.send.Answer;
import io.howdah.send.Attempt;
import io.howdah.send.Circuit;
import io.howdah.send.ClaimedBatch;
import io.howdah.send.Deliveries;
import io.howdah.send.Parcel;
import io.howdah.send.Resolution;
import io.howdah.send.RetryPolicy;
import io.howdah.send.Settled;
import io.howdah.settings.Destination;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/** {@link Deliveries} in SQL that SQLite and PostgreSQL both understand. */
public final class SqlDeliveries implements Deliveries {
  private static final int NAMED = 5;

  private static final String TO_SEND =
      """
      SELECT b.id FROM exam_batches b
      WHERE b.destination_id = :destination AND b.status IN ('READY', 'SENDING') AND b.held = 0 AND b.next_attempt_at <= :now
        AND (b.lease_owner IS NULL OR b.lease_until < :now OR b.lease_until > :now + 2 * :lease)
        AND NOT EXISTS (SELECT 1 FROM exam_batches e
                        WHERE e.study_instance_uid = b.study_instance_uid AND e.destination_id = b.destination_id
                          AND e.generation < b.generation AND e.status = 'SENDING')
      ORDER BY b.ready_at, b.id LIMIT 1""";

  private static final String CLAIM =
      "UPDATE exam_batches SET status = 'SENDING', version = version + 1, fence = fence + 1, lease_owner = :node,"
          + " lease_until = :now + :lease, updated_at = :now WHERE id = ("
          + TO_SEND
          + ") AND status IN ('READY', 'SENDING')"
          + " AND (lease_owner IS NULL OR lease_until < :now OR lease_until > :now + 2 * :lease)"
          + " RETURNING id, fence, study_instance_uid, generation, attempts, instance_count";

  private static final String PARCELS =
      """
      SELECT i.sop_instance_uid, i.status, x.sop_class_uid, x.transfer_syntax_uid, x.series_instance_uid, x.study_id,
             i.processed_filepath, x.data_set_offset, x.file_size
      FROM exam_batch_instances i
      JOIN delivery x ON x.destination_id = :destination AND x.sop_instance_uid = i.sop_instance_uid
      WHERE i.batch_id = :batch AND i.status NOT IN ('DELIVERED', 'WARNING', 'REFUSED')
      ORDER BY CASE i.status WHEN 'PENDING' THEN 0 ELSE 1 END, i.id""";

  private final Transactions transactions;
  private final DatabaseTime time;
  private final String node;
  private final long lease;
  private final Map<String, Long> ids = new HashMap<>();
  private final Map<Long, Long> working = new ConcurrentHashMap<>();

  /**
   * @param node names this process in leases
   */
  public SqlDeliveries(
      Database database,
      DatabaseTime time,
      List<Destination> destinations,
      String node,
      Duration lease) {
    this.transactions = database.transactions();
    this.time = time;
    this.node = node;
    this.lease = lease.toMillis();
    DestinationRows.register(transactions, time, destinations)
        .forEach((destination, id) -> ids.put(destination.name(), id));
  }

  @Override
  public Optional<ClaimedBatch> claim(String destination, boolean halfOpen) {
    long id = ids.get(destination);
    boolean any =
        transactions.read(
            handle -> {
              long now = time.now(handle);
              return DestinationRows.passes(handle, id, now, halfOpen)
                  && turn(handle.createQuery(TO_SEND), id, now)
                      .mapTo(Long.class)
                      .findOne()
                      .isPresent();
            });
    if (!any) {
      return Optional.empty();
    }
    Optional<ClaimedBatch> claimed =
        transactions.progress(
            handle -> {
              long now = time.now(handle);
              return turn(handle.createQuery(CLAIM), id, now)
                  .bind("node", node)
                  .map((row, context) -> claimed(row, destination, now))
                  .findOne()
                  .map(batch -> withParcels(handle, batch, id));
            });
    claimed.ifPresent(batch -> working.put(batch.id(), batch.fence()));
    return claimed;
  }

  private <S extends SqlStatement<S>> S turn(S statement, long destination, long now) {
    return statement.bind("destination", destination).bind("now", now).bind("lease", lease);
  }

  private static ClaimedBatch claimed(ResultSet row, String destination, long now)
      throws SQLException {
    return new ClaimedBatch(
        row.getLong("id"),
        row.getLong("fence"),
        destination,
        row.getString("study_instance_uid"),
        row.getInt("generation"),
        row.getInt("attempts"),
        Instant.ofEpochMilli(now),
        row.getInt("instance_count"),
        List.of());
  }

  private static ClaimedBatch withParcels(Handle handle, ClaimedBatch batch, long destination) {
    List<Parcel> parcels =
        handle
            .createQuery(PARCELS)
            .bind("destination", destination)
            .bind("batch", batch.id())
            .map(
                (row, context) ->
                    new Parcel(
                        row.getString("sop_instance_uid"),
                        row.getString("sop_class_uid"),
                        row.getString("transfer_syntax_uid"),
                        row.getString("series_instance_uid"),
                        row.getString("study_id"),
                        row.getString("processed_filepath"),
                        row.getLong("data_set_offset"),
                        row.getLong("file_size"),
                        row.getString("status").equals("UNCONFIRMED")))
            .list();
    return new ClaimedBatch(
        batch.id(),
        batch.fence(),
        batch.destination(),
        batch.studyUid(),
        batch.generation(),
        batch.attempts(),
        batch.claimedAt(),
        batch.size(),
        parcels);
  }

  @Override
  public void record(Collection<Answer> answers) {
    transactions.progress(
        handle -> {
          long now = time.now(handle);
          for (Answer answer : answers) {
            record(handle, answer, now);
          }
          return answers.size();
        });
  }

  private void record(Handle handle, Answer answer, long now) {
    handle.execute(
        """
        UPDATE exam_batch_instances SET status = ?, peer_status = ?, detail = ?, updated_at = ?
        WHERE batch_id = ? AND sop_instance_uid = ? AND status NOT IN ('DELIVERED', 'WARNING')""",
        answer.verdict().name(),
        answer.peerStatus(),
        answer.detail(),
        now,
        answer.batchId(),
        answer.sopInstanceUid());
    int confirmed = answer.verdict().isConfirmed() ? 1 : 0;
    handle.execute(
        """
        UPDATE delivery SET requests = requests + ?, batch_id = ?, updated_at = ?, peer_status = ?,
               status = CASE WHEN confirmed_at IS NULL OR ? = 1 THEN ? ELSE status END,
               confirmed_at = CASE WHEN ? = 1 THEN ? ELSE confirmed_at END
        WHERE destination_id = ? AND sop_instance_uid = ?""",
        answer.requested() ? 1 : 0,
        answer.batchId(),
        now,
        answer.peerStatus(),
        confirmed,
        answer.verdict().name(),
        confirmed,
        now,
        ids.get(answer.destination()),
        answer.sopInstanceUid());
  }

  @Override
  public Optional<Settled> settle(ClaimedBatch batch, Attempt attempt, RetryPolicy policy) {
    working.remove(batch.id(), batch.fence());
    return transactions.write(handle -> settle(handle, batch, attempt, policy));
  }

  private Optional<Settled> settle(
      Handle handle, ClaimedBatch batch, Attempt attempt, RetryPolicy policy) {
    long now = time.now(handle);
    long destination = ids.get(batch.destination());
    Map<String, Integer> counts = counts(handle, batch.id());
    int refused = counts.getOrDefault("REFUSED", 0);
    int open =
        counts.getOrDefault("PENDING", 0)
            + counts.getOrDefault("RETRY", 0)
            + counts.getOrDefault("UNCONFIRMED", 0);
    boolean takesOthers =
        attempt.confirmed() > 0
            || attempt.unreadable()
            || deliveredSinceLastTry(handle, batch.id());
    Resolution resolution = policy.resolve(attempt, open, refused, batch.attempts(), takesOthers);
    Settled settled =
        new Settled(
            resolution.status(),
            Duration.ofMillis(now - openedAt(handle, batch.id())),
            summary(handle, batch, attempt, open + refused));
    DestinationRows.attempted(handle, destination, attempt, resolution, now);
    int changed =
        handle
            .createUpdate(
                """
                UPDATE exam_batches SET status = :status, version = version + 1, attempts = attempts + :charged,
                       associations = associations + :associations, next_attempt_at = :next, tried_at = :now, error = :error,
                       sent_at = CASE WHEN :status = 'SENT' THEN :now ELSE sent_at END,
                       lease_owner = NULL, lease_until = 0, updated_at = :now
                WHERE id = :id AND status = 'SENDING' AND fence = :fence AND lease_owner = :node
                  AND (:status <> 'SENT' OR NOT EXISTS (SELECT 1 FROM exam_batch_instances i WHERE i.batch_id = :id
                                                          AND i.status NOT IN ('DELIVERED', 'WARNING')))""")
            .bind("status", resolution.status().name())
            .bind("charged", resolution.charged() ? 1 : 0)
            .bind("associations", attempt.associations())
            .bind("next", now + resolution.pause().toMillis())
            .bind("error", settled.summary().isEmpty() ? null : settled.summary())
            .bind("now", now)
            .bind("id", batch.id())
            .bind("fence", batch.fence())
            .bind("node", node)
            .execute();
    return changed == 1 ? Optional.of(settled) : Optional.empty();
  }

  private static Map<String, Integer> counts(Handle handle, long batch) {
    Map<String, Integer> counts = new HashMap<>();
    handle
        .createQuery(
            "SELECT status, COUNT(*) FROM exam_batch_instances WHERE batch_id = :batch GROUP BY status")
        .bind("batch", batch)
        .map((row, context) -> Map.entry(row.getString(1), row.getInt(2)))
        .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
    return counts;
  }

  private static boolean deliveredSinceLastTry(Handle handle, long batch) {
    return handle
        .createQuery(
            """
            SELECT COUNT(*) FROM exam_batches b JOIN storage_backend_configs d ON d.id = b.destination_id
            WHERE b.id = :id AND d.last_delivery_at > CASE WHEN b.tried_at > b.ready_at THEN b.tried_at ELSE b.ready_at END""")
        .bind("id", batch)
        .mapTo(Boolean.class)
        .one();
  }

  private static long openedAt(Handle handle, long batch) {
    return handle
        .createQuery("SELECT created_at FROM exam_batches WHERE id = :id")
        .bind("id", batch)
        .mapTo(Long.class)
        .one();
  }

  /** Names what is missing, so that nobody has to look for it. */
  private static String summary(Handle handle, ClaimedBatch batch, Attempt attempt, int missing) {
    if (missing == 0) {
      return "";
    }
    List<String> named =
        handle
            .createQuery(
                """
                SELECT sop_instance_uid, status, peer_status, detail FROM exam_batch_instances
                WHERE batch_id = :batch AND status NOT IN ('DELIVERED', 'WARNING', 'PENDING')
                ORDER BY CASE status WHEN 'REFUSED' THEN 0 ELSE 1 END, id LIMIT :limit""")
            .bind("batch", batch.id())
            .bind("limit", NAMED)
            .map(
                (row, context) ->
                    row.getString(1)
                        + " "
                        + row.getString(2).toLowerCase(java.util.Locale.ROOT)
                        + " ("
                        + row.getString(3)
                        + (row.getString(4) == null ? "" : ", " + row.getString(4))
                        + ")")
            .list();
    String text =
        missing
            + " of "
            + batch.size()
            + " not confirmed"
            + (attempt.outage().isEmpty() ? "" : ": " + attempt.outage())
            + (named.isEmpty() ? "" : ": " + String.join("; ", named))
            + (named.size() == NAMED && missing > NAMED ? "; …" : "");
    return text.length() <= 1000 ? text : text.substring(0, 999) + "…";
  }

  @Override
  public void giveBack(ClaimedBatch batch, Duration pause, String why) {
    working.remove(batch.id(), batch.fence());
    transactions.progress(
        handle -> {
          long now = time.now(handle);
          return handle.execute(
              """
              UPDATE exam_batches SET status = 'READY', version = version + 1, next_attempt_at = ?, error = ?,
                     lease_owner = NULL, lease_until = 0, updated_at = ?
              WHERE id = ? AND status = 'SENDING' AND fence = ? AND lease_owner = ?""",
              now + pause.toMillis(),
              why,
              now,
              batch.id(),
              batch.fence(),
              node);
        });
  }

  @Override
  public void renew() {
    if (working.isEmpty()) {
      return;
    }
    Map<Long, Long> mine = Map.copyOf(working);
    transactions.progress(
        handle -> {
          long until = time.now(handle) + lease;
          mine.forEach(
              (id, fence) ->
                  handle.execute(
                      "UPDATE exam_batches SET lease_until = ? WHERE id = ? AND fence = ? AND lease_owner = ?",
                      until,
                      id,
                      fence,
                      node));
          return mine.size();
        });
  }

  @Override
  public int releaseAll() {
    working.clear();
    return transactions.progress(
        handle ->
            handle.execute(
                "UPDATE exam_batches SET lease_owner = NULL, lease_until = 0 WHERE status IN ('READY', 'SENDING') AND lease_owner = ?",
                node));
  }

  @Override
  public void freeAbandoned() {
    transactions.progress(
        handle ->
            handle.execute(
                "UPDATE exam_batches SET lease_owner = NULL, lease_until = 0 WHERE status IN ('READY', 'SENDING') AND lease_owner <> ?",
                node));
  }

  @Override
  public Circuit circuit(String destination) {
    return transactions.read(
        handle -> DestinationRows.circuit(handle, destination, ids.get(destination)));
  }

  @Override
  public boolean probeDue(String destination) {
    return transactions.read(
        handle -> DestinationRows.probeDue(handle, ids.get(destination), time.now(handle)));
  }

  @Override
  public void closeCircuit(String destination) {
    transactions.progress(
        handle -> DestinationRows.close(handle, ids.get(destination), time.now(handle)));
  }

  @Override
  public void openCircuit(String destination, String reason) {
    transactions.progress(
        handle -> DestinationRows.open(handle, ids.get(destination), reason, time.now(handle)));
  }
}
