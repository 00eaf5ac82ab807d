package io.howdah.storage;

import io.howdah.archive.Damage;
import io.howdah.archive.ScrubLedger;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * {@link ScrubLedger} in SQL that SQLite and PostgreSQL both understand: a place in the order of
 * arrival, so that a pass costs no row a study and the rows that intake writes are only read.
 */
public final class SqlScrubLedger implements ScrubLedger {
  private static final String LEASE = "scrub";

  /** What is damaged is looked at again after this, when no pass is under way. */
  static final Duration AGAIN = Duration.ofHours(1);

  /** One that began in the future was begun by a clock that has since been set back. */
  private static final String DUE =
      "name = 'archive' AND (begun_at <= :now - :every OR begun_at > :now)";

  private final Transactions transactions;
  private final InstantSource clock;
  private final NodeLease lease;
  private final long every;

  /**
   * @param node names this process as the one that scrubs
   * @param every a pass begins no sooner than this after the one before began
   */
  public SqlScrubLedger(Database database, InstantSource clock, String node, Duration every) {
    this.transactions = database.transactions();
    this.clock = clock;
    this.lease = new NodeLease(node, clock);
    this.every = every.toMillis();
  }

  @Override
  public List<Kept> due(int limit) {
    if (transactions.read(this::isIdle)) {
      return List.of();
    }
    return transactions.progress(
        handle -> {
          if (!lease.take(handle, LEASE)) {
            return List.of();
          }
          List<Kept> left = left(handle, limit);
          if (left.isEmpty() && begins(handle)) {
            left = left(handle, limit);
          }
          return left.isEmpty() ? damaged(handle, limit) : left;
        });
  }

  private boolean isIdle(Handle handle) {
    return left(handle, 1).isEmpty()
        && timed(
                handle.createQuery(
                    """
                        SELECT 1 FROM scrub
                        WHERE EXISTS (SELECT 1 FROM study WHERE state = 'archived' AND held = 1) AND\s"""
                        + DUE))
            .mapTo(Integer.class)
            .findOne()
            .isEmpty()
        && damaged(handle, 1).isEmpty();
  }

  /** What is left of the pass. */
  private static List<Kept> left(Handle handle, int limit) {
    return handle
        .createQuery(
            """
            SELECT seq, study_id, file_size, sha256 FROM study
            WHERE state = 'archived' AND held = 1
              AND seq > (SELECT after_seq FROM scrub WHERE name = 'archive')
              AND seq <= (SELECT until_seq FROM scrub WHERE name = 'archive')
            ORDER BY seq LIMIT :limit""")
        .bind("limit", limit)
        .map((row, context) -> kept(row))
        .list();
  }

  private boolean begins(Handle handle) {
    return timed(
                handle.createUpdate(
                    """
                    UPDATE scrub SET after_seq = 0, begun_at = :now,
                           until_seq = COALESCE((SELECT MAX(seq) FROM study WHERE state = 'archived'), 0)
                    WHERE\s"""
                        + DUE))
            .execute()
        == 1;
  }

  private <T extends SqlStatement<T>> T timed(T statement) {
    return statement.bind("now", clock.millis()).bind("every", every);
  }

  private List<Kept> damaged(Handle handle, int limit) {
    long now = clock.millis();
    return handle
        .createQuery(
            """
            SELECT study.seq, study.study_id, study.file_size, study.sha256
            FROM archive_damage JOIN study ON study.study_id = archive_damage.study_id
            WHERE archive_damage.seen_at <= :before OR archive_damage.seen_at > :now
            ORDER BY archive_damage.seen_at, study.seq LIMIT :limit""")
        .bind("before", now - AGAIN.toMillis())
        .bind("now", now)
        .bind("limit", limit)
        .map((row, context) -> kept(row))
        .list();
  }

  private static Kept kept(java.sql.ResultSet row) throws java.sql.SQLException {
    return new Kept(row.getLong(1), row.getString(2), row.getLong(3), row.getString(4));
  }

  @Override
  public List<String> record(List<Look> looks) {
    return transactions.progress(
        handle -> lease.take(handle, LEASE) ? record(handle, looks) : List.of());
  }

  private List<String> record(Handle handle, List<Look> looks) {
    long now = clock.millis();
    List<String> sound = new ArrayList<>();
    for (Look look : looks) {
      if (look.damage().isEmpty()) {
        sound.add(look.kept().studyId());
        continue;
      }
      handle
          .createUpdate(
              """
              INSERT INTO archive_damage (study_id, code, found_at, seen_at) VALUES (:id, :code, :now, :now)
              ON CONFLICT (study_id) DO UPDATE SET code = excluded.code, seen_at = excluded.seen_at""")
          .bind("id", look.kept().studyId())
          .bind("code", look.damage().get().name())
          .bind("now", now)
          .execute();
    }
    handle
        .createUpdate(
            "UPDATE scrub SET after_seq = :seq WHERE name = 'archive' AND after_seq < :seq")
        .bind("seq", looks.stream().mapToLong(look -> look.kept().seq()).max().orElse(0))
        .execute();
    if (sound.isEmpty()) {
      return List.of();
    }
    return handle
        .createQuery("DELETE FROM archive_damage WHERE study_id IN (<ids>) RETURNING study_id")
        .bindList("ids", sound)
        .mapTo(String.class)
        .list();
  }

  @Override
  public Map<Damage, Long> damaged() {
    Map<Damage, Long> counts = new EnumMap<>(Damage.class);
    transactions
        .read(
            handle ->
                handle
                    .createQuery("SELECT code, COUNT(*) FROM archive_damage GROUP BY code")
                    .map(
                        (row, context) ->
                            Map.entry(Damage.valueOf(row.getString(1)), row.getLong(2)))
                    .list())
        .forEach(count -> counts.put(count.getKey(), count.getValue()));
    return counts;
  }
}
