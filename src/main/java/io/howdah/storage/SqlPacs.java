package io.howdah.storage;

import io.howdah.pacsupload.ClaimedImage;
import io.howdah.pacsupload.Mark;
import io.howdah.pacsupload.Pacs;
import io.howdah.pacsupload.PacsCondition;
import io.howdah.pacsupload.PacsTime;
import io.howdah.pacsupload.PendingImage;
import io.howdah.pacsupload.Upload;
import io.howdah.pacsupload.UploadingRow;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@link Pacs} on the SQLite file of contract §1. */
public final class SqlPacs implements Pacs, AutoCloseable {
  private static final Map<String, String> UPLOAD_COLUMNS =
      new LinkedHashMap<>(
          Map.of(
              "upload_status",
              "TEXT DEFAULT 'PENDING' CHECK(upload_status IN ('PENDING', 'UPLOADING', 'COMPLETE', 'FAILED'))",
              "upload_error",
              "TEXT",
              "upload_attempt_count",
              "INTEGER DEFAULT 0",
              "last_upload_attempt",
              "TEXT",
              "uploaded_at",
              "TEXT"));

  private static final String UPLOAD =
      """
      SELECT sop_instance_uid, upload_status, COALESCE(upload_attempt_count, 0), upload_error, last_upload_attempt, uploaded_at,
             created_at, file_size
      FROM stored_instances\s""";

  private final ForeignSqlite database;
  private volatile int prepared = -1;

  /**
   * @param busyTimeoutMs how long another process's lock is waited for; the contract says 30 s or
   *     more
   */
  public SqlPacs(Path file, int busyTimeoutMs) {
    this.database = new ForeignSqlite(file, "pacs.db", busyTimeoutMs);
  }

  @Override
  public PacsCondition condition() {
    return database.condition();
  }

  @Override
  public int replacements() {
    return database.replacements();
  }

  @Override
  public void prepare() {
    Set<String> columns = database.read(SqlPacs::columns);
    int seen = database.replacements();
    if (prepared != seen || !database.condition().isWell()) {
      database.write(SqlPacs::writeNothing); // what can only be read is named before work comes
    }
    if (prepared == seen && columns.containsAll(UPLOAD_COLUMNS.keySet())) {
      return;
    }
    if (!columns.containsAll(UPLOAD_COLUMNS.keySet())) {
      database.write(
          connection -> {
            Set<String> now = columns(connection);
            for (Map.Entry<String, String> column : UPLOAD_COLUMNS.entrySet()) {
              if (!now.isEmpty() && !now.contains(column.getKey())) {
                run(
                    connection,
                    "ALTER TABLE stored_instances ADD COLUMN "
                        + column.getKey()
                        + " "
                        + column.getValue());
              }
            }
            return run(
                connection,
                "CREATE INDEX IF NOT EXISTS idx_upload_status ON stored_instances(upload_status)");
          });
    }
    prepared = seen;
  }

  /** SQLite begins a transaction on a file that it cannot write, and refuses the first change. */
  private static int writeNothing(Connection connection) throws SQLException {
    return run(connection, "UPDATE stored_instances SET status = status WHERE 0");
  }

  private static Set<String> columns(Connection connection) throws SQLException {
    Set<String> names = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT name FROM pragma_table_info('stored_instances')")) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names;
  }

  private static int run(Connection connection, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }

  @Override
  public List<PendingImage> pending(int limit, int maxAttempts, Set<String> except) {
    return database.read(
        connection -> {
          List<PendingImage> found = new ArrayList<>();
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  SELECT sop_instance_uid, accession_number, storage_path, file_size, storage_hash, COALESCE(upload_attempt_count, 0)
                  FROM stored_instances
                  WHERE upload_status = 'PENDING' AND status = 'STORED' AND COALESCE(upload_attempt_count, 0) < ?
                  ORDER BY created_at, rowid LIMIT ?""")) {
            statement.setInt(1, maxAttempts);
            statement.setInt(
                2, limit + except.size()); // so that the oldest are found without sorting all
            try (ResultSet row = statement.executeQuery()) {
              while (found.size() < limit && row.next()) {
                if (!except.contains(row.getString(1))) {
                  found.add(image(row));
                }
              }
            }
          }
          return found;
        });
  }

  private static PendingImage image(ResultSet row) throws SQLException {
    String accession = row.getString(2);
    return new PendingImage(
        row.getString(1),
        accession == null ? "" : accession,
        row.getString(3),
        row.getLong(4),
        row.getString(5),
        row.getInt(6));
  }

  @Override
  public Map<String, PendingImage> claim(
      Collection<String> sopInstanceUids, int maxAttempts, Instant now) {
    return database.progress(
        connection -> {
          Map<String, PendingImage> claimed = new HashMap<>();
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  UPDATE stored_instances SET upload_status = 'UPLOADING', last_upload_attempt = ?,
                         upload_attempt_count = COALESCE(upload_attempt_count, 0) + 1
                  WHERE sop_instance_uid = ? AND upload_status = 'PENDING' AND status = 'STORED'
                    AND COALESCE(upload_attempt_count, 0) < ?
                  RETURNING sop_instance_uid, accession_number, storage_path, file_size, storage_hash, upload_attempt_count""")) {
            for (String uid : sopInstanceUids) {
              statement.setString(1, PacsTime.text(now));
              statement.setString(2, uid);
              statement.setInt(3, maxAttempts);
              try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                  claimed.put(uid, image(row));
                }
              }
            }
          }
          return claimed;
        });
  }

  @Override
  public boolean renew(ClaimedImage claim, Instant now) {
    return database.progress(
            connection ->
                run(
                    connection,
                    """
                    UPDATE stored_instances SET last_upload_attempt = ?
                    WHERE sop_instance_uid = ? AND upload_status = 'UPLOADING' AND last_upload_attempt = ?""",
                    PacsTime.text(now),
                    claim.uid(),
                    claim.claimedAt()))
        == 1;
  }

  @Override
  public void mark(Collection<Mark> marks, Instant now) {
    if (marks.isEmpty()) {
      return;
    }
    database.write(
        connection -> {
          for (Mark mark : marks) {
            if (mark.status().equals("COMPLETE")) {
              run(
                  connection,
                  """
                  UPDATE stored_instances SET upload_status = 'COMPLETE', uploaded_at = ?, upload_error = NULL
                  WHERE sop_instance_uid = ? AND storage_hash = ? AND upload_status <> 'COMPLETE'""",
                  PacsTime.text(now),
                  mark.sopInstanceUid(),
                  mark.hash());
            } else {
              run(
                  connection,
                  """
                  UPDATE stored_instances SET upload_status = ?, upload_error = ?, upload_attempt_count = MAX(0, upload_attempt_count - ?)
                  WHERE sop_instance_uid = ? AND upload_status = 'UPLOADING' AND last_upload_attempt = ?""",
                  mark.status(),
                  mark.error(),
                  mark.refund(),
                  mark.sopInstanceUid(),
                  mark.claimedAt());
            }
          }
          return marks.size();
        });
  }

  @Override
  public List<UploadingRow> uploading() {
    return database.read(
        connection -> {
          List<UploadingRow> rows = new ArrayList<>();
          try (Statement statement = connection.createStatement();
              ResultSet row =
                  statement.executeQuery(
                      "SELECT sop_instance_uid, last_upload_attempt, file_size FROM stored_instances WHERE upload_status = 'UPLOADING'")) {
            while (row.next()) {
              rows.add(new UploadingRow(row.getString(1), row.getString(2), row.getLong(3)));
            }
          }
          return rows;
        });
  }

  @Override
  public boolean takeBack(UploadingRow row, Optional<Integer> maxAttempts, String reason) {
    return database.write(
        connection ->
            run(
                    connection,
                    """
                    UPDATE stored_instances
                    SET upload_status = CASE WHEN upload_attempt_count - ? >= ? THEN 'FAILED' ELSE 'PENDING' END,
                        upload_error = ?, upload_attempt_count = MAX(0, COALESCE(upload_attempt_count, 0) - ?)
                    WHERE sop_instance_uid = ? AND upload_status = 'UPLOADING' AND last_upload_attempt IS ?""",
                    maxAttempts.isPresent() ? 0 : 1,
                    maxAttempts.orElse(Integer.MAX_VALUE),
                    reason,
                    maxAttempts.isPresent() ? 0 : 1,
                    row.sopInstanceUid(),
                    row.lastAttempt())
                == 1);
  }

  @Override
  public int requeue(Optional<Collection<String>> sopInstanceUids) {
    String update =
        "UPDATE stored_instances SET upload_status = 'PENDING', upload_attempt_count = 0, upload_error = NULL WHERE upload_status = 'FAILED'";
    return database.write(
        connection -> {
          if (sopInstanceUids.isEmpty()) {
            return run(connection, update);
          }
          int changed = 0;
          for (String uid : sopInstanceUids.get()) {
            changed += run(connection, update + " AND sop_instance_uid = ?", uid);
          }
          return changed;
        });
  }

  @Override
  public List<Upload> list(Optional<String> status, int limit) {
    return uploads(
        UPLOAD
            + "WHERE (?1 IS NULL OR upload_status = ?1) AND status = 'STORED' ORDER BY created_at DESC, rowid DESC LIMIT ?2",
        status.orElse(null),
        limit);
  }

  @Override
  public Optional<Upload> find(String sopInstanceUid) {
    return uploads(UPLOAD + "WHERE sop_instance_uid = ?", sopInstanceUid).stream().findFirst();
  }

  private List<Upload> uploads(String sql, Object... values) {
    return database.read(
        connection -> {
          List<Upload> rows = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
              statement.setObject(i + 1, values[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                rows.add(
                    new Upload(
                        row.getString(1),
                        row.getString(2),
                        row.getInt(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        row.getString(7),
                        row.getLong(8)));
              }
            }
          }
          return rows;
        });
  }

  @Override
  public Optional<Instant> oldestPending() {
    return database.read(
        connection -> {
          try (Statement statement = connection.createStatement();
              ResultSet row =
                  statement.executeQuery(
                      "SELECT CAST(strftime('%s', MIN(created_at)) AS INTEGER) FROM stored_instances WHERE upload_status = 'PENDING' AND status = 'STORED'")) {
            long seconds = row.next() ? row.getLong(1) : 0;
            return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochSecond(seconds));
          }
        });
  }

  @Override
  public Map<String, Long> counts() {
    return database.read(
        connection -> {
          Map<String, Long> counts = new LinkedHashMap<>();
          try (Statement statement = connection.createStatement();
              ResultSet row =
                  statement.executeQuery(
                      "SELECT upload_status, COUNT(*) FROM stored_instances WHERE status = 'STORED' GROUP BY upload_status")) {
            while (row.next()) {
              counts.put(row.getString(1), row.getLong(2));
            }
          }
          return counts;
        });
  }

  @Override
  public void close() {
    database.close();
  }
}
