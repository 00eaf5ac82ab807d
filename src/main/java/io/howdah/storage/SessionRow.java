package io.howdah.storage;

import io.howdah.session.Session;
import io.howdah.session.SessionFacts;
import io.howdah.session.SessionProgress;
import io.howdah.session.SessionProgress.Ack;
import io.howdah.session.SessionProgress.LocalState;
import io.howdah.session.SessionProgress.Packing;
import io.howdah.session.SessionProgress.Trouble;
import io.howdah.session.SessionState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** A row of {@code upload_session} and the session it stands for. */
final class SessionRow {
  private SessionRow() {}

  static Session session(ResultSet row) throws SQLException {
    return new Session(facts(row), progress(row));
  }

  private static SessionFacts facts(ResultSet row) throws SQLException {
    return new SessionFacts(
        row.getString("session_id"),
        row.getString("visit_id"),
        row.getLong("radiology_order_id"),
        row.getString("file_name"),
        row.getString("content_type"),
        row.getLong("file_size"),
        row.getString("checksum"),
        row.getString("metadata"),
        row.getInt("priority"),
        Optional.ofNullable(row.getString("manifest_id")),
        row.getInt("max_retries"),
        row.getString("local_name"),
        row.getInt("sealed") == 1,
        Instant.ofEpochMilli(row.getLong("created_at")));
  }

  private static SessionProgress progress(ResultSet row) throws SQLException {
    String encoding = row.getString("wire_encoding");
    String code = row.getString("error_code");
    long imageId = row.getLong("server_image_id");
    Optional<Instant> acknowledged = moment(row, "server_ack_at");
    String sha256 = row.getString("server_checksum");
    return new SessionProgress(
        SessionState.valueOf(row.getString("state")),
        row.getLong("version"),
        row.getLong("bytes_uploaded"),
        row.getInt("retry_count"),
        code == null
            ? Optional.empty()
            : Optional.of(new Trouble(code, row.getString("error_message"))),
        moment(row, "metadata_uploaded_at"),
        moment(row, "binary_uploaded_at"),
        Optional.ofNullable(row.getString("upload_url")),
        encoding == null
            ? Optional.empty()
            : Optional.of(new Packing(encoding, row.getLong("wire_size"))),
        acknowledged.map(at -> new Ack(imageId, Optional.ofNullable(sha256), at)),
        LocalState.valueOf(row.getString("local_state")),
        Instant.ofEpochMilli(row.getLong("updated_at")));
  }

  static Optional<Instant> moment(ResultSet row, String column) throws SQLException {
    long ms = row.getLong(column);
    return row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ms));
  }

  private static Long ms(Optional<Instant> moment) {
    return moment.map(Instant::toEpochMilli).orElse(null);
  }

  /**
   * Writes what may change, if the row is still at the version and in the state that were seen; a
   * failed session does not come back to life beside another that has its bytes.
   *
   * @return how many rows were: one or none
   */
  static int update(Handle handle, SessionState before, Session next) {
    SessionProgress progress = next.progress();
    return handle
        .createUpdate(
            """
            UPDATE upload_session SET state = :state, version = version + 1, bytes_uploaded = :bytes, retry_count = :retries,
                   error_code = :code, error_message = :message, metadata_uploaded_at = :metadataAt, binary_uploaded_at = :binaryAt,
                   upload_url = :url, wire_encoding = :encoding, wire_size = :wireSize, server_image_id = :imageId,
                   server_checksum = :serverSha256, server_ack_at = :ackAt, local_state = :local, updated_at = :at,
                   next_attempt_at = CASE WHEN :state = 'QUEUED' THEN 0 ELSE next_attempt_at END
            WHERE session_id = :id AND version = :version AND state = :before
              AND (:before <> 'FAILED' OR NOT EXISTS (
                    SELECT 1 FROM upload_session other WHERE other.radiology_order_id = upload_session.radiology_order_id
                      AND other.checksum = upload_session.checksum AND other.state NOT IN ('FAILED', 'CANCELLED')))""")
        .bind("state", progress.state().name())
        .bind("bytes", progress.bytesUploaded())
        .bind("retries", progress.retryCount())
        .bind("code", progress.trouble().map(Trouble::code))
        .bind("message", progress.trouble().map(Trouble::message))
        .bind("metadataAt", ms(progress.metadataUploadedAt()))
        .bind("binaryAt", ms(progress.binaryUploadedAt()))
        .bind("url", progress.uploadUrl())
        .bind("encoding", progress.packing().map(Packing::encoding))
        .bind("wireSize", progress.packing().map(Packing::size).orElse(null))
        .bind("imageId", progress.ack().map(Ack::imageId).orElse(null))
        .bind("serverSha256", progress.ack().flatMap(Ack::sha256))
        .bind("ackAt", ms(progress.ack().map(Ack::at)))
        .bind("local", progress.localState().name())
        .bind("at", progress.updatedAt().toEpochMilli())
        .bind("id", next.id())
        .bind("version", progress.version())
        .bind("before", before.name())
        .execute();
  }
}
