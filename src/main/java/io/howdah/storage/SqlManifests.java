package io.howdah.storage;

import io.howdah.hub.Manifest;
import io.howdah.hub.Manifests;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** {@link Manifests} in SQL that SQLite and PostgreSQL both understand. */
public final class SqlManifests implements Manifests {
  private final Transactions transactions;

  public SqlManifests(Database database) {
    this.transactions = database.transactions();
  }

  @Override
  public Kept keep(String principal, Manifest manifest, String digest, Instant now) {
    return transactions.write(
        handle -> {
          int inserted =
              handle.execute(
                  """
                  INSERT INTO hub_manifest (principal, manifest_id, study_uid, digest, created_at) VALUES (?, ?, ?, ?, ?)
                  ON CONFLICT DO NOTHING""",
                  principal,
                  manifest.manifestId(),
                  manifest.studyUid(),
                  digest,
                  now.toEpochMilli());
          if (inserted == 1) {
            insertFiles(handle, principal, manifest);
            return Kept.NEW;
          }
          return known(handle, principal, manifest.manifestId()).equals(digest)
              ? Kept.SAME
              : Kept.OTHER;
        });
  }

  private static String known(Handle handle, String principal, String manifestId) {
    return handle
        .createQuery(
            "SELECT digest FROM hub_manifest WHERE principal = :principal AND manifest_id = :id")
        .bind("principal", principal)
        .bind("id", manifestId)
        .mapTo(String.class)
        .one();
  }

  private static void insertFiles(Handle handle, String principal, Manifest manifest) {
    PreparedBatch batch =
        handle.prepareBatch(
            """
            INSERT INTO hub_manifest_file (principal, manifest_id, place, name, sop_instance_uid, size, sha256)
            VALUES (?, ?, ?, ?, ?, ?, ?)""");
    for (int place = 0; place < manifest.files().size(); place++) {
      Manifest.Entry file = manifest.files().get(place);
      batch.add(
          principal,
          manifest.manifestId(),
          place,
          file.name(),
          file.sopInstanceUid(),
          file.size(),
          file.sha256());
    }
    batch.execute();
  }

  @Override
  public Optional<Progress> find(String principal, String manifestId) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    "SELECT study_uid FROM hub_manifest WHERE principal = :principal AND manifest_id = :id")
                .bind("principal", principal)
                .bind("id", manifestId)
                .mapTo(String.class)
                .findOne()
                .map(
                    study ->
                        new Progress(manifestId, study, files(handle, principal, manifestId))));
  }

  /**
   * Only uploads of the same principal count: who lists the digest of another's file learns nothing
   * of it. Of several uploads of a file the one that got furthest speaks for it.
   */
  private static List<FileProgress> files(Handle handle, String principal, String manifestId) {
    return handle
        .createQuery(
            """
            SELECT f.name, f.sop_instance_uid, f.size, f.sha256,
                   (SELECT MIN(CASE u.state WHEN 'acknowledged' THEN 1 WHEN 'received' THEN 2 WHEN 'open' THEN 2
                                            WHEN 'rejected' THEN 3 ELSE 4 END)
                    FROM hub_upload u WHERE u.principal = f.principal AND u.sha256 = f.sha256) AS best,
                   (SELECT MIN(i.instance_id) FROM hub_upload u JOIN hub_instance i ON i.instance_id = u.instance_id
                    WHERE u.principal = f.principal AND u.sha256 = f.sha256 AND u.state = 'acknowledged'
                      AND i.sop_instance_uid = f.sop_instance_uid) AS instance_id
            FROM hub_manifest_file f WHERE f.principal = :principal AND f.manifest_id = :id ORDER BY f.place""")
        .bind("principal", principal)
        .bind("id", manifestId)
        .map((row, context) -> progress(row))
        .list();
  }

  private static FileProgress progress(ResultSet row) throws SQLException {
    Manifest.Entry file =
        new Manifest.Entry(
            row.getString("name"),
            row.getString("sop_instance_uid"),
            row.getLong("size"),
            row.getString("sha256"));
    long instance = row.getLong("instance_id");
    OptionalLong id = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(instance);
    String state = switch (row.getInt("best")) { // NULL reads as 0
          case 1 -> id.isPresent() ? "acknowledged" : "rejected"; // it names itself otherwise
          case 2 -> "receiving";
          case 3 -> "rejected";
          default -> "missing";
        };
    return new FileProgress(file, state, id);
  }
}
