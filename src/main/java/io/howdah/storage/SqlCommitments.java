package io.howdah.storage;

import io.howdah.dicom.net.OpenCommitments;
import io.howdah.dicom.net.Reference;
import io.howdah.dicom.net.Unreported;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** {@link OpenCommitments} in SQL that SQLite and PostgreSQL both understand. */
public final class SqlCommitments implements OpenCommitments {
  private final Transactions transactions;
  private final InstantSource clock;

  public SqlCommitments(Database database, InstantSource clock) {
    this.transactions = database.transactions();
    this.clock = clock;
  }

  @Override
  public void remember(String transaction, Request request) {
    transactions.write(
        handle -> {
          int inserted =
              handle.execute(
                  """
                  INSERT INTO storage_commitment (transaction_uid, peer_ae, requested_at) VALUES (?, ?, ?)
                  ON CONFLICT (transaction_uid) DO NOTHING""",
                  transaction,
                  request.peerAe(),
                  clock.millis());
          if (inserted == 1) {
            for (Reference each : request.references()) {
              handle.execute(
                  """
                  INSERT INTO storage_commitment_instance (transaction_uid, sop_instance_uid, sop_class_uid)
                  VALUES (?, ?, ?) ON CONFLICT DO NOTHING""",
                  transaction,
                  each.sopInstance(),
                  each.sopClass());
            }
          }
          return inserted;
        });
  }

  @Override
  public Optional<Request> find(String transaction) {
    return transactions.read(
        handle ->
            handle
                .createQuery("SELECT peer_ae FROM storage_commitment WHERE transaction_uid = :uid")
                .bind("uid", transaction)
                .mapTo(String.class)
                .findOne()
                .map(peer -> new Request(peer, references(handle, transaction))));
  }

  private static List<Reference> references(Handle handle, String transaction) {
    return handle
        .createQuery(
            """
            SELECT sop_class_uid, sop_instance_uid FROM storage_commitment_instance
            WHERE transaction_uid = :uid""")
        .bind("uid", transaction)
        .map((row, context) -> new Reference(row.getString(1), row.getString(2)))
        .list();
  }

  /**
   * What is still to be reported.
   *
   * @param patience after which a report is overdue
   */
  public Unreported unreported(Duration patience) {
    long before = clock.millis() - patience.toMillis();
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT COUNT(*), SUM(CASE WHEN requested_at < :before THEN 1 ELSE 0 END),
                           (SELECT peer_ae FROM storage_commitment WHERE reported_at IS NULL AND requested_at < :before
                            ORDER BY requested_at LIMIT 1)
                    FROM storage_commitment WHERE reported_at IS NULL""")
                .bind("before", before)
                .map(
                    (row, context) ->
                        new Unreported(
                            row.getLong(1),
                            row.getLong(2),
                            row.getString(3) == null ? "" : row.getString(3)))
                .one());
  }

  @Override
  public void settle(String transaction, List<Reference> committed, List<Reference> failed) {
    transactions.write(
        handle -> {
          committed.forEach(each -> mark(handle, transaction, each, 1));
          failed.forEach(each -> mark(handle, transaction, each, 0));
          return handle.execute(
              """
              UPDATE storage_commitment SET reported_at = ?
              WHERE transaction_uid = ? AND reported_at IS NULL""",
              clock.millis(),
              transaction);
        });
  }

  /** What a peer has said once is not changed by a later report. */
  private static void mark(Handle handle, String transaction, Reference instance, int committed) {
    handle.execute(
        """
        UPDATE storage_commitment_instance SET committed = ?
        WHERE transaction_uid = ? AND sop_instance_uid = ? AND committed IS NULL""",
        committed,
        transaction,
        instance.sopInstance());
  }
}
