package io.howdah.storage;

import io.howdah.session.Manifest;
import io.howdah.session.SessionManifests;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** {@link SessionManifests} in SQL that SQLite and PostgreSQL both understand. */
public final class SqlSessionManifests implements SessionManifests {
  private final Transactions transactions;

  public SqlSessionManifests(Database database) {
    this.transactions = database.transactions();
  }

  @Override
  public boolean keep(Manifest manifest, Instant now) {
    return transactions.write(
        handle -> {
          handle.execute(
              """
              INSERT INTO session_manifest (manifest_id, visit_id, body, created_at) VALUES (?, ?, ?, ?)
              ON CONFLICT (manifest_id) DO NOTHING""",
              manifest.manifestId(),
              manifest.visitId(),
              manifest.body(),
              now.toEpochMilli());
          return manifest(handle, manifest.manifestId())
              .filter(there -> there.body().equals(manifest.body()))
              .filter(there -> there.visitId().equals(manifest.visitId()))
              .isPresent();
        });
  }

  @Override
  public Optional<Manifest> manifest(String manifestId) {
    return transactions.read(handle -> manifest(handle, manifestId));
  }

  private static Optional<Manifest> manifest(Handle handle, String manifestId) {
    return handle
        .createQuery("SELECT * FROM session_manifest WHERE manifest_id = :id")
        .bind("id", manifestId)
        .map(
            (row, context) ->
                new Manifest(
                    row.getString("manifest_id"),
                    row.getString("visit_id"),
                    row.getString("body"),
                    SessionRow.moment(row, "told_at")))
        .findOne();
  }

  @Override
  public void told(String manifestId, Instant now) {
    transactions.write(
        handle ->
            handle.execute(
                "UPDATE session_manifest SET told_at = ? WHERE manifest_id = ?",
                now.toEpochMilli(),
                manifestId));
  }
}
