package io.howdah.storage;

import io.howdah.batch.ArchivedFile;
import io.howdah.batch.Arrival;
import io.howdah.batch.Batches;
import io.howdah.batch.ClosedBatch;
import io.howdah.batch.CompletionReason;
import io.howdah.batch.CompletionRules;
import io.howdah.batch.Evidence;
import io.howdah.batch.OpenBatch;
import io.howdah.disk.CrashPoint;
import io.howdah.settings.Destination;
import io.howdah.settings.Late;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** {@link Batches} in SQL that SQLite and PostgreSQL both understand. */
public final class SqlBatches implements Batches {
  private static final String KNOW =
      """
      INSERT INTO delivery (destination_id, sop_instance_uid, study_instance_uid, series_instance_uid, study_id, sop_class_uid,
                            transfer_syntax_uid, data_set_offset, file_size, processed_filepath, created_at, updated_at)
      VALUES (:destination, :sop, :study, :series, :file, :class, :syntax, :offset, :size, :path, :now, :now)
      ON CONFLICT DO NOTHING""";

  private static final String JOIN =
      """
      UPDATE exam_batches SET instance_count = instance_count + 1, seen_count = seen_count + 1, version = version + 1, last_arrival_at = :now, updated_at = :now,
             due_at = CASE WHEN asked = 1 THEN due_at WHEN cap_at < :now + :quiet THEN cap_at ELSE :now + :quiet END
      WHERE study_instance_uid = :study AND destination_id = :destination AND status = 'PENDING'
      RETURNING id""";

  private static final String OPEN =
      """
      INSERT INTO exam_batches (study_instance_uid, destination_id, generation, held, seen_count, last_arrival_at, due_at, cap_at, created_at, updated_at)
      SELECT :study, :destination, :generation, :held, COUNT(*) - 1, :now, :now, :cap, :now, :now FROM delivery
      WHERE study_instance_uid = :study AND destination_id = :destination
      ON CONFLICT DO NOTHING""";

  private static final String SEE =
      """
      SELECT b.id, b.study_instance_uid, d.name, b.generation, b.version, b.instance_count, b.expected_count, b.asked, b.held,
             b.created_at, b.last_arrival_at, b.seen_count
      FROM exam_batches b JOIN storage_backend_configs d ON d.id = b.destination_id WHERE b.status = 'PENDING' AND\s""";

  private final Transactions transactions;
  private final DatabaseTime time;
  private final long lookBack;
  private final Map<String, Target> targets = new LinkedHashMap<>();

  /** A destination and its row. */
  private record Target(long id, Destination destination) {
    CompletionRules rules() {
      return new CompletionRules(destination.quietPeriod(), destination.maxWait());
    }
  }

  /**
   * @param destinations get their rows where they have none
   * @param lookBack what was archived longer ago is left out
   */
  public SqlBatches(
      Database database, DatabaseTime time, List<Destination> destinations, Duration lookBack) {
    this.transactions = database.transactions();
    this.time = time;
    this.lookBack = lookBack.toMillis();
    DestinationRows.register(transactions, time, destinations)
        .forEach((destination, id) -> targets.put(destination.name(), new Target(id, destination)));
  }

  @Override
  public boolean join(Arrival arrival) {
    Target target = targets.get(arrival.destination());
    boolean joined = transactions.progress(handle -> join(handle, arrival, target));
    CrashPoint.BATCH_JOINED.reached();
    return joined;
  }

  private boolean join(Handle handle, Arrival arrival, Target target) {
    long now = time.now(handle);
    int added =
        handle
            .createUpdate(KNOW)
            .bind("destination", target.id())
            .bind("sop", arrival.sopInstanceUid())
            .bind("study", arrival.studyUid())
            .bind("series", arrival.seriesUid())
            .bind("file", arrival.studyId())
            .bind("class", arrival.sopClassUid())
            .bind("syntax", arrival.transferSyntaxUid())
            .bind("offset", arrival.dataSetOffset())
            .bind("size", arrival.fileSize())
            .bind("path", arrival.path())
            .bind("now", now)
            .execute();
    if (added == 0) {
      return false;
    }
    long batch = openBatch(handle, arrival, target, now);
    handle.execute(
        "INSERT INTO exam_batch_instances (batch_id, processed_filepath, sop_instance_uid, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
        batch,
        arrival.path(),
        arrival.sopInstanceUid(),
        now,
        now);
    handle.execute(
        "UPDATE delivery SET batch_id = ? WHERE destination_id = ? AND sop_instance_uid = ?",
        batch,
        target.id(),
        arrival.sopInstanceUid());
    noticeExpected(handle, batch, arrival.studyUid(), now);
    return true;
  }

  /** Counts the arrival in the open batch, and opens one where there is none. */
  private long openBatch(Handle handle, Arrival arrival, Target target, long now) {
    while (true) {
      Optional<Long> open =
          handle
              .createQuery(JOIN)
              .bind("now", now)
              .bind("quiet", target.destination().quietPeriod().toMillis())
              .bind("study", arrival.studyUid())
              .bind("destination", target.id())
              .mapTo(Long.class)
              .findOne();
      if (open.isPresent()) {
        return open.get();
      }
      int before =
          handle
              .createQuery(
                  "SELECT COALESCE(MAX(generation), 0) FROM exam_batches WHERE study_instance_uid = :study AND destination_id = :destination")
              .bind("study", arrival.studyUid())
              .bind("destination", target.id())
              .mapTo(Integer.class)
              .one();
      boolean late = before > 0;
      int opened =
          handle
              .createUpdate(OPEN)
              .bind("study", arrival.studyUid())
              .bind("destination", target.id())
              .bind("generation", before + 1)
              .bind("held", late && target.destination().late() == Late.HOLD ? 1 : 0)
              .bind("cap", now + target.destination().maxWait().toMillis())
              .bind("now", now)
              .execute();
      if (opened == 1 && late && target.destination().late() == Late.RESEND_ALL) {
        everythingAgain(handle, arrival, target, before + 1, now);
      }
    }
  }

  private static void everythingAgain(
      Handle handle, Arrival arrival, Target target, int generation, long now) {
    int again =
        handle
            .createUpdate(
                """
                INSERT INTO exam_batch_instances (batch_id, processed_filepath, sop_instance_uid, created_at, updated_at)
                SELECT b.id, x.processed_filepath, x.sop_instance_uid, :now, :now
                FROM exam_batches b JOIN delivery x
                     ON x.study_instance_uid = b.study_instance_uid AND x.destination_id = b.destination_id
                WHERE b.study_instance_uid = :study AND b.destination_id = :destination AND b.generation = :generation
                  AND x.sop_instance_uid <> :sop""")
            .bind("now", now)
            .bind("study", arrival.studyUid())
            .bind("destination", target.id())
            .bind("generation", generation)
            .bind("sop", arrival.sopInstanceUid())
            .execute();
    handle.execute(
        "UPDATE exam_batches SET instance_count = ? WHERE study_instance_uid = ? AND destination_id = ? AND generation = ?",
        again,
        arrival.studyUid(),
        target.id(),
        generation);
  }

  /** What the modality has said by now about how many instances it made. */
  private void noticeExpected(Handle handle, long batch, String studyUid, long now) {
    Expected.of(handle, studyUid)
        .ifPresent(
            expected ->
                handle.execute(
                    """
                    UPDATE exam_batches SET expected_count = ?, version = version + 1,
                           due_at = CASE WHEN ? <= seen_count THEN ? ELSE due_at END
                    WHERE id = ?""",
                    expected,
                    expected,
                    now,
                    batch));
  }

  @Override
  public List<OpenBatch> due(int limit) {
    if (targets.isEmpty()) {
      return List.of();
    }
    noticeSteps();
    return transactions.read(
        handle -> {
          long now = time.now(handle);
          return handle
              .createQuery(
                  SEE
                      + "b.due_at <= :now AND (b.held = 0 OR b.asked = 1) ORDER BY b.due_at LIMIT :limit")
              .bind("now", now)
              .bind("limit", limit)
              .map((row, context) -> openBatch(row, now))
              .list()
              .stream()
              .filter(batch -> targets.containsKey(batch.destination()))
              .toList();
        });
  }

  /** The modality may tell its count after the last instance has come. */
  private void noticeSteps() {
    List<Expected.News> news = transactions.read(handle -> Expected.news(handle, time.now(handle)));
    if (!news.isEmpty()) {
      transactions.progress(
          handle -> {
            long now = time.now(handle);
            news.forEach(one -> noticeExpected(handle, one.batch(), one.studyUid(), now));
            return news.size();
          });
    }
  }

  @Override
  public Optional<OpenBatch> open(String key) {
    int slash = key.indexOf('/');
    return transactions.read(
        handle -> {
          long now = time.now(handle);
          Query query =
              handle
                  .createQuery(SEE + "b.study_instance_uid = :study AND d.name = :destination")
                  .bind("study", key.substring(0, slash))
                  .bind("destination", key.substring(slash + 1));
          return query.map((row, context) -> openBatch(row, now)).findOne();
        });
  }

  private static OpenBatch openBatch(ResultSet row, long now) throws SQLException {
    int expected = row.getInt("expected_count");
    OptionalInt known = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(expected);
    return new OpenBatch(
        row.getLong("id"),
        row.getString("study_instance_uid"),
        row.getString("name"),
        row.getInt("generation"),
        row.getLong("version"),
        row.getInt("instance_count"),
        new Evidence(
            Instant.ofEpochMilli(row.getLong("created_at")),
            Instant.ofEpochMilli(row.getLong("last_arrival_at")),
            row.getInt("seen_count"),
            known,
            row.getInt("asked") == 1,
            row.getInt("held") == 1),
        Instant.ofEpochMilli(now));
  }

  @Override
  public Optional<ClosedBatch> close(OpenBatch seen, boolean byOperator) {
    Target target = targets.get(seen.destination());
    if (target == null) {
      return Optional.empty();
    }
    CrashPoint.BATCH_DUE.reached();
    Optional<ClosedBatch> closed =
        transactions.progress(handle -> close(handle, seen, byOperator, target));
    CrashPoint.BATCH_CLOSED.reached();
    return closed;
  }

  private Optional<ClosedBatch> close(
      Handle handle, OpenBatch seen, boolean byOperator, Target target) {
    long now = time.now(handle);
    Optional<CompletionReason> reason =
        byOperator
            ? Optional.of(CompletionReason.OPERATOR)
            : target.rules().reached(seen.evidence(), Instant.ofEpochMilli(now));
    if (reason.isEmpty()) {
      return Optional.empty();
    }
    int changed =
        handle.execute(
            """
            UPDATE exam_batches SET status = 'READY', version = version + 1, completion_reason = ?, held = 0, asked = 0,
                   ready_at = ?, updated_at = ?
            WHERE id = ? AND version = ? AND status = 'PENDING'""",
            reason.get().name(),
            now,
            now,
            seen.id(),
            seen.version());
    return changed == 0
        ? Optional.empty()
        : Optional.of(
            new ClosedBatch(
                seen.id(),
                seen.studyUid(),
                seen.destination(),
                seen.generation(),
                seen.count(),
                reason.get(),
                Duration.ofMillis(now - seen.evidence().openedAt().toEpochMilli())));
  }

  @Override
  public List<String> unbatched(int limit) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    "SELECT study_id FROM study WHERE state = 'archived' AND batched = 0 ORDER BY updated_at LIMIT :limit")
                .bind("limit", limit)
                .mapTo(String.class)
                .list());
  }

  @Override
  public Optional<ArchivedFile> archived(String studyId) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT study_id, study_uid, series_uid, sop_instance_uid, file_size, COALESCE(calling_ae, '') AS calling_ae FROM study
                    WHERE study_id = :id AND state = 'archived' AND batched = 0""")
                .bind("id", studyId)
                .map(
                    (row, context) ->
                        new ArchivedFile(
                            row.getString("study_id"),
                            row.getString("study_uid"),
                            row.getString("series_uid"),
                            row.getString("sop_instance_uid"),
                            row.getLong("file_size"),
                            row.getString("calling_ae")))
                .findOne());
  }

  @Override
  public void joined(Collection<String> studyIds) {
    mark(List.copyOf(studyIds), 1);
  }

  @Override
  public void leaveOut(String studyId) {
    mark(List.of(studyId), 2);
  }

  private void mark(List<String> studyIds, int batched) {
    if (!studyIds.isEmpty()) {
      transactions.progress(
          handle ->
              handle
                  .createUpdate(
                      "UPDATE study SET batched = :batched WHERE study_id IN (<ids>) AND batched = 0")
                  .bind("batched", batched)
                  .bindList("ids", studyIds)
                  .execute());
    }
  }

  @Override
  public int passOverAll() {
    return passOver(Long.MAX_VALUE);
  }

  @Override
  public int passOverOld() {
    return passOver(transactions.read(time::now) - lookBack);
  }

  private int passOver(long before) {
    boolean any =
        transactions.read(
            handle ->
                handle
                    .createQuery(
                        "SELECT 1 FROM study WHERE state = 'archived' AND batched = 0 AND updated_at < :before LIMIT 1")
                    .bind("before", before)
                    .mapTo(Integer.class)
                    .findOne()
                    .isPresent());
    return any
        ? transactions.progress(
            handle ->
                handle.execute(
                    "UPDATE study SET batched = 2 WHERE state = 'archived' AND batched = 0 AND updated_at < ?",
                    before))
        : 0;
  }
}
