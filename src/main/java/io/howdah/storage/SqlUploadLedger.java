package io.howdah.storage;

import io.howdah.pacsupload.Attempt;
import io.howdah.pacsupload.ClaimedImage;
import io.howdah.pacsupload.Decision;
import io.howdah.pacsupload.Mark;
import io.howdah.pacsupload.UploadLedger;
import io.howdah.pacsupload.UploadOutcome;
import io.howdah.pacsupload.Waiting;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** {@link UploadLedger} in SQL that SQLite and PostgreSQL both understand. */
public final class SqlUploadLedger implements UploadLedger {
  private static final int AT_ONCE = 500;

  private final Transactions transactions;
  private final String node;

  /**
   * @param node names this process in leases and attempts
   */
  public SqlUploadLedger(Database database, String node) {
    this.transactions = database.transactions();
    this.node = node;
  }

  @Override
  public Set<String> record(Collection<Result> results, Instant now) {
    return transactions.write(
        handle -> {
          Set<String> uids = new HashSet<>();
          for (Result result : results) {
            if (record(handle, result, now)) {
              uids.add(result.claim().uid());
            }
          }
          return uids;
        });
  }

  private boolean record(Handle handle, Result result, Instant now) {
    ClaimedImage claim = result.claim();
    UploadOutcome outcome = result.outcome();
    Decision decision = result.decision();
    handle.execute(
        """
        INSERT INTO pacs_upload_attempt (sop_instance_uid, attempt, node, outcome, phase, http_status, detail, started_at, ended_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        claim.uid(),
        claim.attempt(),
        node,
        outcome.kind().name(),
        outcome.phase(),
        outcome.status().orElse(null),
        outcome.error(),
        claim.startedAt().toEpochMilli(),
        now.toEpochMilli());
    boolean delivered = outcome.kind() == UploadOutcome.Kind.DELIVERED;
    return handle
            .createUpdate(
                """
                          UPDATE pacs_upload SET unfinished = 1, lease_owner = NULL, lease_until = 0, accession_number = :accession,
                                 mark_status = :status, mark_error = :error, mark_refund = :refund, mark_hash = :hash,
                                 waiting = :waiting, next_attempt_at = :next, tries = :tries, ambiguous = :ambiguous,
                                 link_missed_at = :linkMissed,
                                 failure_report = CASE WHEN :report = 1 AND source_message_id IS NOT NULL THEN :error ELSE failure_report END,
                                 updated_at = :now
                          WHERE sop_instance_uid = :uid AND (fence = :fence AND lease_owner = :node OR :delivered = 1)""")
            .bind("accession", claim.image().accession())
            .bind("status", decision.status())
            .bind("error", decision.error())
            .bind("refund", decision.refund() ? 1 : 0)
            .bind("hash", claim.image().storageHash())
            .bind("waiting", decision.waiting().map(Enum::name).orElse(null))
            .bind("next", decision.nextAttemptAt().toEpochMilli())
            .bind("tries", decision.tries())
            .bind("ambiguous", decision.ambiguous())
            .bind("linkMissed", decision.linkMissedAt().map(Instant::toEpochMilli).orElse(null))
            .bind("report", result.report() ? 1 : 0)
            .bind("now", now.toEpochMilli())
            .bind("uid", claim.uid())
            .bind("fence", claim.fence())
            .bind("node", node)
            .bind("delivered", delivered ? 1 : 0)
            .execute()
        == 1;
  }

  @Override
  public List<Mark> unsettled(int limit) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT sop_instance_uid, fence, claimed_at, mark_status, mark_error, mark_refund, mark_hash FROM pacs_upload
                    WHERE unfinished = 1 AND mark_status IS NOT NULL ORDER BY updated_at LIMIT :limit""")
                .bind("limit", limit)
                .map(
                    (row, context) ->
                        new Mark(
                            row.getString(1),
                            row.getLong(2),
                            row.getString(3),
                            row.getString(4),
                            row.getString(5),
                            row.getInt(6),
                            row.getString(7)))
                .list());
  }

  @Override
  public void settled(Collection<Mark> marks) {
    if (marks.isEmpty()) {
      return;
    }
    transactions.progress(
        handle -> {
          for (Mark mark : marks) {
            handle.execute(
                """
                UPDATE pacs_upload SET mark_status = NULL, mark_error = NULL, mark_refund = 0, claimed_at = NULL,
                       unfinished = CASE WHEN waiting IS NULL THEN 0 ELSE 1 END
                WHERE sop_instance_uid = ? AND fence = ? AND mark_status = ?""",
                mark.sopInstanceUid(),
                mark.fence(),
                mark.status());
          }
          return marks.size();
        });
  }

  @Override
  public void remember(Map<String, String> messageIdsByUid, Instant now) {
    if (messageIdsByUid.isEmpty()) {
      return;
    }
    transactions.progress(
        handle -> {
          messageIdsByUid.forEach(
              (uid, id) ->
                  handle.execute(
                      """
                      INSERT INTO pacs_upload (sop_instance_uid, source_message_id, updated_at) VALUES (?, ?, ?)
                      ON CONFLICT (sop_instance_uid) DO UPDATE SET source_message_id = excluded.source_message_id,
                             next_attempt_at = CASE WHEN pacs_upload.waiting = 'AWAITING_LINK' THEN 0 ELSE pacs_upload.next_attempt_at END,
                             waiting = CASE WHEN pacs_upload.waiting = 'AWAITING_LINK' THEN NULL ELSE pacs_upload.waiting END""",
                      uid,
                      id,
                      now.toEpochMilli()));
          return messageIdsByUid.size();
        });
  }

  @Override
  public Set<String> linked(Collection<String> sopInstanceUids) {
    return transactions.read(
        handle -> {
          Set<String> found = new HashSet<>();
          List<String> all = List.copyOf(sopInstanceUids);
          for (int from = 0; from < all.size(); from += AT_ONCE) {
            found.addAll(
                handle
                    .createQuery(
                        "SELECT sop_instance_uid FROM pacs_upload WHERE source_message_id IS NOT NULL AND sop_instance_uid IN (<uids>)")
                    .bindList("uids", all.subList(from, Math.min(all.size(), from + AT_ONCE)))
                    .mapTo(String.class)
                    .list());
          }
          return found;
        });
  }

  @Override
  public Map<String, String> awaitingLink(int limit) {
    return transactions.read(
        handle -> {
          Map<String, String> accessions = new HashMap<>();
          handle
              .createQuery(
                  """
                  SELECT sop_instance_uid, accession_number FROM pacs_upload
                  WHERE unfinished = 1 AND waiting = 'AWAITING_LINK' AND accession_number <> '' ORDER BY next_attempt_at LIMIT :limit""")
              .bind("limit", limit)
              .map((row, context) -> Map.entry(row.getString(1), row.getString(2)))
              .forEach(entry -> accessions.put(entry.getKey(), entry.getValue()));
          return accessions;
        });
  }

  @Override
  public void wake(Instant now) {
    transactions.progress(
        handle ->
            handle.execute(
                "UPDATE pacs_upload SET next_attempt_at = ? WHERE unfinished = 1 AND next_attempt_at > ? AND waiting IN ('TRY_LATER', 'REFUSED', 'AMBIGUOUS')",
                now.toEpochMilli(),
                now.toEpochMilli()));
  }

  @Override
  public void forgetWaits(Collection<String> sopInstanceUids) {
    transactions.write(
        handle -> {
          for (String uid : sopInstanceUids) {
            handle.execute(
                """
                UPDATE pacs_upload SET waiting = NULL, next_attempt_at = 0, tries = 0, ambiguous = 0, link_missed_at = NULL,
                       unfinished = CASE WHEN lease_owner IS NULL AND mark_status IS NULL THEN 0 ELSE 1 END
                WHERE sop_instance_uid = ?""",
                uid);
          }
          return sopInstanceUids.size();
        });
  }

  @Override
  public Optional<Waiting> waiting(String sopInstanceUid) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    "SELECT waiting, next_attempt_at FROM pacs_upload WHERE sop_instance_uid = :uid AND unfinished = 1 AND waiting IS NOT NULL")
                .bind("uid", sopInstanceUid)
                .map(
                    (row, context) ->
                        new Waiting(row.getString(1), Instant.ofEpochMilli(row.getLong(2))))
                .findOne());
  }

  @Override
  public Map<String, Long> waits() {
    return transactions.read(
        handle -> {
          Map<String, Long> counts = new HashMap<>();
          handle
              .createQuery(
                  "SELECT waiting, COUNT(*) FROM pacs_upload WHERE unfinished = 1 AND waiting IS NOT NULL GROUP BY waiting")
              .map((row, context) -> Map.entry(row.getString(1), row.getLong(2)))
              .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
          return counts;
        });
  }

  @Override
  public List<Attempt> attempts(String sopInstanceUid) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    "SELECT attempt, node, outcome, detail, started_at, ended_at FROM pacs_upload_attempt WHERE sop_instance_uid = :uid ORDER BY seq")
                .bind("uid", sopInstanceUid)
                .map(
                    (row, context) ->
                        new Attempt(
                            row.getInt(1),
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            Instant.ofEpochMilli(row.getLong(5)),
                            Instant.ofEpochMilli(row.getLong(6))))
                .list());
  }

  @Override
  public List<FailureReport> failureReports(int limit) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    "SELECT sop_instance_uid, source_message_id, failure_report FROM pacs_upload WHERE failure_report IS NOT NULL ORDER BY updated_at LIMIT :limit")
                .bind("limit", limit)
                .map(
                    (row, context) ->
                        new FailureReport(row.getString(1), row.getString(2), row.getString(3)))
                .list());
  }

  @Override
  public void reported(String sopInstanceUid) {
    transactions.write(
        handle ->
            handle.execute(
                "UPDATE pacs_upload SET failure_report = NULL WHERE sop_instance_uid = ?",
                sopInstanceUid));
  }

  @Override
  public void prune(Instant before) {
    transactions.progress(handle -> prune(handle, before.toEpochMilli()));
  }

  private static int prune(Handle handle, long before) {
    return handle.execute("DELETE FROM pacs_upload_attempt WHERE ended_at < ?", before)
        + handle.execute(
            "DELETE FROM pacs_upload WHERE unfinished = 0 AND failure_report IS NULL AND updated_at < ?",
            before);
  }
}
