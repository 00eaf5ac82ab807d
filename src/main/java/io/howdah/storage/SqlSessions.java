package io.howdah.storage;

import io.howdah.disk.CrashPoint;
import io.howdah.session.Session;
import io.howdah.session.SessionFacts;
import io.howdah.session.SessionState;
import io.howdah.session.Sessions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatement;

/** {@link Sessions} in SQL that SQLite and PostgreSQL both understand. */
public final class SqlSessions implements Sessions {
  private static final int AT_ONCE = 500;

  /** Pending, its time has come, and nobody works on it. */
  private static final String FREE =
      """
      state NOT IN ('ACK_RECEIVED', 'FAILED', 'CANCELLED')
      AND (lease_owner IS NULL OR lease_until <= :now OR lease_until > :now + 2 * :lease)""";

  private final Transactions transactions;
  private final String node;
  private final long lease;
  private final Set<String> working = ConcurrentHashMap.newKeySet();

  /**
   * @param node names this process in leases
   */
  public SqlSessions(Database database, String node, Duration lease) {
    this.transactions = database.transactions();
    this.node = node;
    this.lease = lease.toMillis();
  }

  @Override
  public Creation create(SessionFacts facts, String who, Instant due) {
    Creation creation =
        transactions.write(
            handle -> {
              long now = facts.createdAt().toEpochMilli();
              boolean isNew =
                  handle
                          .createUpdate(
                              """
                              INSERT INTO upload_session (session_id, visit_id, radiology_order_id, file_name, content_type,
                                file_size, checksum, metadata, priority, manifest_id, max_retries, local_name, sealed,
                                created_at, state, updated_at, next_attempt_at)
                              VALUES (:id, :visit, :order, :name, :type, :size, :sha256, :metadata, :priority, :manifest,
                                :retries, :local, :sealed, :now, 'QUEUED', :now, :due)
                              ON CONFLICT (radiology_order_id, checksum) WHERE state NOT IN ('FAILED', 'CANCELLED') DO NOTHING""")
                          .bind("id", facts.sessionId())
                          .bind("visit", facts.visitId())
                          .bind("order", facts.orderId())
                          .bind("name", facts.fileName())
                          .bind("type", facts.contentType())
                          .bind("size", facts.size())
                          .bind("sha256", facts.sha256())
                          .bind("metadata", facts.metadata())
                          .bind("priority", facts.priority())
                          .bind("manifest", facts.manifestId())
                          .bind("retries", facts.maxRetries())
                          .bind("local", facts.localName())
                          .bind("sealed", facts.sealed() ? 1 : 0)
                          .bind("now", now)
                          .bind("due", due.toEpochMilli())
                          .execute()
                      == 1;
              if (isNew) {
                SqlAudit.append(
                    handle,
                    now,
                    who,
                    "created",
                    facts.sessionId(),
                    Optional.empty(),
                    Optional.of("QUEUED"),
                    facts.size() + " bytes, sha256 " + facts.sha256());
                return new Creation(Session.queued(facts), true);
              }
              Session there = live(handle, facts.orderId(), facts.sha256()).orElseThrow();
              SqlAudit.append(
                  handle,
                  now,
                  who,
                  "duplicate",
                  there.id(),
                  Optional.empty(),
                  Optional.empty(),
                  "the same bytes came again for the order; no second session");
              return new Creation(there, false);
            });
    CrashPoint.SESSION_RECORDED.reached();
    return creation;
  }

  private static Optional<Session> live(Handle handle, long orderId, String sha256) {
    return handle
        .createQuery(
            """
            SELECT * FROM upload_session
            WHERE radiology_order_id = :order AND checksum = :sha256 AND state NOT IN ('FAILED', 'CANCELLED')""")
        .bind("order", orderId)
        .bind("sha256", sha256)
        .map((row, context) -> SessionRow.session(row))
        .findOne();
  }

  @Override
  public Optional<Session> live(long orderId, String sha256) {
    return transactions.read(handle -> live(handle, orderId, sha256));
  }

  @Override
  public Optional<Session> find(String sessionId) {
    return transactions.read(handle -> find(handle, sessionId));
  }

  private static Optional<Session> find(Handle handle, String sessionId) {
    return handle
        .createQuery("SELECT * FROM upload_session WHERE session_id = :id")
        .bind("id", sessionId)
        .map((row, context) -> SessionRow.session(row))
        .findOne();
  }

  private static String where(Filter filter) {
    StringBuilder where = new StringBuilder(" FROM upload_session WHERE 1 = 1");
    filter.visitId().ifPresent(visit -> where.append(" AND visit_id = :visit"));
    filter.orderId().ifPresent(order -> where.append(" AND radiology_order_id = :order"));
    if (!filter.states().isEmpty()) {
      where.append(" AND state IN (<states>)");
    }
    return where.toString();
  }

  private static <T extends SqlStatement<T>> T bound(T statement, Filter filter) {
    filter.visitId().ifPresent(visit -> statement.bind("visit", visit));
    filter.orderId().ifPresent(order -> statement.bind("order", order));
    if (!filter.states().isEmpty()) {
      statement.bindList("states", filter.states().stream().map(SessionState::name).toList());
    }
    return statement;
  }

  @Override
  public List<Session> list(Filter filter, int limit, int offset) {
    return transactions.read(
        handle ->
            bound(
                    handle.createQuery(
                        "SELECT *"
                            + where(filter)
                            + " ORDER BY seq DESC LIMIT :limit OFFSET :offset"),
                    filter)
                .bind("limit", limit)
                .bind("offset", offset)
                .map((row, context) -> SessionRow.session(row))
                .list());
  }

  @Override
  public long count(Filter filter) {
    return transactions.read(
        handle ->
            bound(handle.createQuery("SELECT COUNT(*)" + where(filter)), filter)
                .mapTo(Long.class)
                .one());
  }

  @Override
  public Map<SessionState, Long> counts() {
    return transactions.read(
        handle -> {
          Map<SessionState, Long> counts = new EnumMap<>(SessionState.class);
          handle
              .createQuery("SELECT state, COUNT(*) FROM upload_session GROUP BY state")
              .map(
                  (row, context) ->
                      Map.entry(SessionState.valueOf(row.getString(1)), row.getLong(2)))
              .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
          return counts;
        });
  }

  @Override
  public Optional<Instant> oldestPending() {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    "SELECT MIN(created_at) FROM upload_session WHERE state NOT IN ('ACK_RECEIVED', 'FAILED', 'CANCELLED')")
                .mapTo(Long.class)
                .findOne()
                .map(Instant::ofEpochMilli));
  }

  @Override
  public List<Session> claimDue(Instant now, int limit) {
    List<String> due =
        transactions.read(
            handle ->
                leased(
                        handle.createQuery(
                            "SELECT session_id FROM upload_session WHERE "
                                + FREE
                                + " AND next_attempt_at <= :now ORDER BY priority DESC, seq LIMIT :limit"),
                        now)
                    .bind("limit", limit)
                    .mapTo(String.class)
                    .list());
    if (due.isEmpty()) {
      return List.of();
    }
    List<Session> claimed =
        transactions.progress(
            handle -> {
              List<Session> won = new ArrayList<>();
              due.forEach(
                  id -> claim(handle, id, " AND next_attempt_at <= :now", now).ifPresent(won::add));
              return won;
            });
    claimed.forEach(session -> working.add(session.id()));
    return claimed;
  }

  private <T extends SqlStatement<T>> T leased(T statement, Instant now) {
    return statement.bind("now", now.toEpochMilli()).bind("lease", lease);
  }

  private Optional<Session> claim(Handle handle, String id, String when, Instant now) {
    Query update =
        handle.createQuery(
            """
            UPDATE upload_session SET lease_owner = :node, lease_until = :now + :lease, version = version + 1
            WHERE session_id = :id AND\s"""
                + FREE
                + when
                + " RETURNING *");
    return leased(update, now)
        .bind("node", node)
        .bind("id", id)
        .map((row, context) -> SessionRow.session(row))
        .findOne();
  }

  @Override
  public Optional<Session> claim(String sessionId, Instant now) {
    Optional<Session> claimed = transactions.progress(handle -> claim(handle, sessionId, "", now));
    claimed.ifPresent(session -> working.add(sessionId));
    return claimed;
  }

  @Override
  public Optional<Integer> mostUrgentDue(Instant now) {
    return transactions.read(
        handle ->
            leased(
                    handle.createQuery(
                        "SELECT priority FROM upload_session WHERE "
                            + FREE
                            + " AND next_attempt_at <= :now ORDER BY priority DESC LIMIT 1"),
                    now)
                .mapTo(Integer.class)
                .findOne());
  }

  @Override
  public void release(Session session, Instant next) {
    working.remove(session.id());
    transactions.progress(
        handle ->
            handle.execute(
                """
                UPDATE upload_session SET lease_owner = NULL, lease_until = 0, next_attempt_at = ?
                WHERE session_id = ? AND lease_owner = ?""",
                next.toEpochMilli(),
                session.id(),
                node));
  }

  @Override
  public void renewLeases(Instant now) {
    List<String> mine = List.copyOf(working);
    for (int from = 0; from < mine.size(); from += AT_ONCE) {
      List<String> some = mine.subList(from, Math.min(mine.size(), from + AT_ONCE));
      transactions.progress(
          handle ->
              leased(
                      handle.createUpdate(
                          """
                          UPDATE upload_session SET lease_until = :now + :lease
                          WHERE lease_owner = :node AND session_id IN (<ids>)"""),
                      now)
                  .bind("node", node)
                  .bindList("ids", some)
                  .execute());
    }
  }

  @Override
  public int releaseAll() {
    working.clear();
    return transactions.progress(
        handle ->
            handle.execute(
                "UPDATE upload_session SET lease_owner = NULL, lease_until = 0 WHERE lease_owner = ?",
                node));
  }

  @Override
  public void freeAbandoned() {
    transactions.progress(
        handle ->
            handle.execute(
                "UPDATE upload_session SET lease_owner = NULL, lease_until = 0 WHERE lease_owner IS NOT NULL"));
  }

  @Override
  public Optional<Session> save(Session next, Note note) {
    Optional<Session> saved =
        transactions.write(
            handle -> {
              Optional<Session> before =
                  find(handle, next.id())
                      .filter(found -> found.progress().version() == next.progress().version());
              if (before.isEmpty() || SessionRow.update(handle, before.get().state(), next) != 1) {
                return Optional.empty();
              }
              boolean moved = before.get().state() != next.state();
              SqlAudit.append(
                  handle,
                  next.progress().updatedAt().toEpochMilli(),
                  note.who(),
                  note.what(),
                  next.id(),
                  moved ? Optional.of(before.get().state().name()) : Optional.empty(),
                  moved ? Optional.of(next.state().name()) : Optional.empty(),
                  note.result());
              return find(handle, next.id());
            });
    switch (next.state()) {
      case METADATA_UPLOADING -> CrashPoint.SESSION_METADATA_UPLOADING.reached();
      case METADATA_UPLOADED -> CrashPoint.SESSION_METADATA_UPLOADED.reached();
      case BINARY_UPLOADING -> CrashPoint.SESSION_BINARY_UPLOADING.reached();
      case SYNCED -> CrashPoint.SESSION_SYNCED.reached();
      case ACK_RECEIVED -> CrashPoint.SESSION_ACK_RECEIVED.reached();
      default -> {}
    }
    return saved;
  }

  @Override
  public void note(Session session, Note note, Instant now) {
    transactions.progress(
        handle -> {
          SqlAudit.append(
              handle,
              now.toEpochMilli(),
              note.who(),
              note.what(),
              session.id(),
              Optional.empty(),
              Optional.empty(),
              note.result());
          return null;
        });
  }

  @Override
  public void progress(Session session) {
    transactions.progress(
        handle ->
            handle.execute(
                "UPDATE upload_session SET bytes_uploaded = ? WHERE session_id = ? AND version = ?",
                session.progress().bytesUploaded(),
                session.id(),
                session.progress().version()));
  }

  @Override
  public void wake(Instant now) {
    transactions.progress(
        handle ->
            handle.execute(
                """
                UPDATE upload_session SET next_attempt_at = ?
                WHERE state NOT IN ('ACK_RECEIVED', 'FAILED', 'CANCELLED', 'SYNCED') AND next_attempt_at > ?""",
                now.toEpochMilli(),
                now.toEpochMilli()));
  }

  @Override
  public List<Session> toClean(Instant before, int limit) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT * FROM upload_session
                    WHERE state = 'ACK_RECEIVED' AND local_state <> 'DELETED' AND server_checksum = checksum
                      AND (server_ack_at < :before OR local_state = 'DELETING') ORDER BY server_ack_at LIMIT :limit""")
                .bind("before", before.toEpochMilli())
                .bind("limit", limit)
                .map((row, context) -> SessionRow.session(row))
                .list());
  }

  @Override
  public Collection<String> known(Collection<String> localNames) {
    if (localNames.isEmpty()) {
      return Set.of();
    }
    return transactions.read(
        handle ->
            new HashSet<>(
                handle
                    .createQuery(
                        "SELECT local_name FROM upload_session WHERE local_name IN (<names>)")
                    .bindList("names", List.copyOf(localNames))
                    .mapTo(String.class)
                    .list()));
  }
}
