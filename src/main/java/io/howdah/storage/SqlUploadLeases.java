package io.howdah.storage;

import io.howdah.pacsupload.ClaimedImage;
import io.howdah.pacsupload.UploadLeases;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/** {@link UploadLeases} in SQL that SQLite and PostgreSQL both understand. */
public final class SqlUploadLeases implements UploadLeases {
  private final Transactions transactions;
  private final String node;
  private final long lease;
  private final Map<String, Long> working = new ConcurrentHashMap<>();

  /**
   * @param node names this process
   */
  public SqlUploadLeases(Database database, String node, Duration lease) {
    this(database.transactions(), node, lease);
  }

  SqlUploadLeases(Transactions transactions, String node, Duration lease) {
    this.transactions = transactions;
    this.node = node;
    this.lease = lease.toMillis();
  }

  @Override
  public Set<String> notNow(Instant now) {
    return transactions.read(
        handle ->
            new HashSet<>(
                handle
                    .createQuery(
                        """
                        SELECT sop_instance_uid FROM pacs_upload
                        WHERE unfinished = 1 AND (next_attempt_at > :now OR mark_status IS NOT NULL
                              OR lease_owner IS NOT NULL AND lease_until > :now AND lease_until <= :now + 2 * :lease)""")
                    .bind("now", now.toEpochMilli())
                    .bind("lease", lease)
                    .mapTo(String.class)
                    .list()));
  }

  @Override
  public boolean isMine(String sopInstanceUid) {
    return working.containsKey(sopInstanceUid);
  }

  @Override
  public Map<String, Lease> lease(
      Collection<String> sopInstanceUids,
      Map<String, String> messageIds,
      String claimedAt,
      Instant now) {
    Map<String, Lease> given =
        transactions.progress(
            handle -> {
              Map<String, Lease> leases = new HashMap<>();
              for (String uid : sopInstanceUids) {
                lease(handle, uid, messageIds.get(uid), claimedAt, now)
                    .ifPresent(lease -> leases.put(uid, lease));
              }
              return leases;
            });
    given.forEach((uid, lease) -> working.put(uid, lease.fence()));
    return given;
  }

  private Optional<Lease> lease(
      Handle handle, String sopInstanceUid, String messageId, String claimedAt, Instant now) {
    return handle
        .createQuery(
            """
            INSERT INTO pacs_upload (sop_instance_uid, unfinished, lease_owner, lease_until, fence, claimed_at, source_message_id, updated_at)
            VALUES (:uid, 1, :node, :now + :lease, 1, :claimedAt, :messageId, :now)
            ON CONFLICT (sop_instance_uid) DO UPDATE SET unfinished = 1, lease_owner = :node, lease_until = :now + :lease,
                   fence = pacs_upload.fence + 1, claimed_at = :claimedAt, updated_at = :now,
                   source_message_id = COALESCE(excluded.source_message_id, pacs_upload.source_message_id)
            WHERE pacs_upload.mark_status IS NULL AND pacs_upload.next_attempt_at <= :now
              AND (pacs_upload.lease_owner IS NULL OR pacs_upload.lease_until <= :now
                   OR pacs_upload.lease_until > :now + 2 * :lease)
            RETURNING fence, source_message_id, link_missed_at, tries, ambiguous""")
        .bind("uid", sopInstanceUid)
        .bind("node", node)
        .bind("now", now.toEpochMilli())
        .bind("lease", lease)
        .bind("claimedAt", claimedAt)
        .bind("messageId", messageId)
        .map(
            (row, context) ->
                new Lease(
                    row.getLong("fence"),
                    Optional.ofNullable(row.getString("source_message_id")),
                    moment(row, "link_missed_at"),
                    row.getInt("tries"),
                    row.getInt("ambiguous")))
        .findOne();
  }

  private static Optional<Instant> moment(ResultSet row, String column) throws SQLException {
    long ms = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ms));
  }

  @Override
  public boolean reclaimed(ClaimedImage claim) {
    return transactions.progress(
            handle ->
                handle.execute(
                    "UPDATE pacs_upload SET claimed_at = ? WHERE sop_instance_uid = ? AND fence = ? AND lease_owner = ?",
                    claim.claimedAt(),
                    claim.uid(),
                    claim.fence(),
                    node))
        == 1;
  }

  @Override
  public void release(Map<String, Long> fences) {
    if (fences.isEmpty()) {
      return;
    }
    fences.forEach(working::remove);
    transactions.progress(
        handle -> {
          fences.forEach(
              (uid, fence) ->
                  handle.execute(
                      """
                      UPDATE pacs_upload SET lease_owner = NULL, lease_until = 0, claimed_at = NULL,
                             unfinished = CASE WHEN waiting IS NULL THEN 0 ELSE 1 END
                      WHERE sop_instance_uid = ? AND fence = ? AND lease_owner = ?""",
                      uid,
                      fence,
                      node));
          return fences.size();
        });
  }

  @Override
  public void abandon(Map<String, Long> fences) {
    fences.forEach(working::remove);
  }

  @Override
  public void renew(Instant now) {
    if (working.isEmpty()) {
      return;
    }
    Map<String, Long> mine = Map.copyOf(working);
    transactions.progress(
        handle -> {
          mine.forEach(
              (uid, fence) ->
                  handle.execute(
                      "UPDATE pacs_upload SET lease_until = ? WHERE sop_instance_uid = ? AND fence = ? AND lease_owner = ?",
                      now.toEpochMilli() + lease,
                      uid,
                      fence,
                      node));
          return mine.size();
        });
  }

  @Override
  public void freeAbandoned() {
    transactions.progress(
        handle ->
            handle.execute(
                "UPDATE pacs_upload SET lease_owner = NULL, lease_until = 0 WHERE lease_owner IS NOT NULL AND lease_owner <> ?",
                node));
  }

  @Override
  public Claimant claimant(String sopInstanceUid, String claimedAt, Instant now) {
    return transactions
        .read(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT CASE WHEN mark_status IS NOT NULL OR lease_owner IS NOT NULL
                                         AND lease_until > :now AND lease_until <= :now + 2 * :lease THEN 1 ELSE 0 END
                        FROM pacs_upload WHERE sop_instance_uid = :uid AND claimed_at = :claimedAt""")
                    .bind("uid", sopInstanceUid)
                    .bind("claimedAt", claimedAt)
                    .bind("now", now.toEpochMilli())
                    .bind("lease", lease)
                    .mapTo(Integer.class)
                    .findOne())
        .map(live -> live == 1 ? Claimant.LIVING : Claimant.GONE)
        .orElse(Claimant.OTHERS);
  }
}
