package io.howdah.storage;

import io.howdah.hub.AnnouncedFile;
import io.howdah.hub.Attribute;
import io.howdah.hub.HubUpload;
import io.howdah.hub.Image;
import io.howdah.hub.UploadState;
import io.howdah.hub.Uploads;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.Update;

/** {@link Uploads} in SQL that SQLite and PostgreSQL both understand. */
public final class SqlUploads implements Uploads {
  private static final String COLUMNS =
      """
      SELECT upload_id, principal, state, session_id, visit_id, radiology_order_id, length, size, sha256, encoding,
             study_uid, manifest_id, filename, metadata, code, instance_id, attempts, updated_at
      FROM hub_upload\s""";

  private final Transactions transactions;

  public SqlUploads(Database database) {
    this.transactions = database.transactions();
  }

  @Override
  public Creation create(
      String uploadId,
      String principal,
      AnnouncedFile announced,
      Allowance allowance,
      Instant now) {
    return transactions.write(
        handle -> {
          Optional<HubUpload> known = live(handle, principal, announced);
          if (known.isPresent()) {
            return isSame(known.get(), announced)
                ? new Creation.Created(known.get().uploadId())
                : new Creation.InTheWay(known.get().uploadId());
          }
          if (!isAllowed(handle, principal, announced.length(), allowance)) {
            return new Creation.TooMuch();
          }
          insert(handle, uploadId, principal, announced, now.toEpochMilli());
          return new Creation.Created(uploadId);
        });
  }

  private static Optional<HubUpload> live(
      Handle handle, String principal, AnnouncedFile announced) {
    return handle
        .createQuery(
            COLUMNS
                + """
                WHERE principal = :principal AND session_id = :session AND sha256 = :sha256
                  AND state IN ('open', 'received', 'acknowledged')""")
        .bind("principal", principal)
        .bind("session", announced.sessionId())
        .bind("sha256", announced.sha256())
        .map(SqlUploads::upload)
        .findOne();
  }

  /** Once all bytes are here it does not matter any more in which form they were to come. */
  private static boolean isSame(HubUpload known, AnnouncedFile announced) {
    return known.state() != UploadState.OPEN
        || known.announced().length() == announced.length()
            && known.announced().encoding().equals(announced.encoding());
  }

  private static boolean isAllowed(
      Handle handle, String principal, long length, Allowance allowance) {
    return handle
        .createQuery(
            "SELECT COUNT(*), COALESCE(SUM(length), 0) FROM hub_upload WHERE principal = :principal AND state = 'open'")
        .bind("principal", principal)
        .map(
            (row, context) ->
                row.getLong(1) < allowance.uploads()
                    && row.getLong(2) + length <= allowance.bytes())
        .one();
  }

  private static void insert(
      Handle handle, String uploadId, String principal, AnnouncedFile announced, long now) {
    handle
        .createUpdate(
            """
            INSERT INTO hub_upload (upload_id, principal, state, session_id, visit_id, radiology_order_id, length, size, sha256,
                   encoding, study_uid, manifest_id, filename, metadata, created_at, updated_at)
            VALUES (:id, :principal, 'open', :session, :visit, :order, :length, :size, :sha256,
                   :encoding, :study, :manifest, :filename, :metadata, :now, :now)""")
        .bind("id", uploadId)
        .bind("principal", principal)
        .bind("session", announced.sessionId())
        .bind("visit", announced.visitId().orElse(null))
        .bind("order", announced.radiologyOrderId())
        .bind("length", announced.length())
        .bind("size", announced.size())
        .bind("sha256", announced.sha256())
        .bind("encoding", announced.encoding().orElse(null))
        .bind("study", announced.studyUid().orElse(null))
        .bind("manifest", announced.manifestId().orElse(null))
        .bind("filename", announced.filename().orElse(null))
        .bind("metadata", announced.metadata())
        .bind("now", now)
        .execute();
  }

  private static HubUpload upload(ResultSet row, StatementContext context) throws SQLException {
    long instance = row.getLong("instance_id");
    OptionalLong instanceId = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(instance);
    return new HubUpload(
        row.getString("upload_id"),
        row.getString("principal"),
        UploadState.of(row.getString("state")),
        new AnnouncedFile(
            row.getString("session_id"),
            Optional.ofNullable(row.getString("visit_id")),
            row.getLong("radiology_order_id"),
            row.getLong("length"),
            row.getLong("size"),
            row.getString("sha256"),
            Optional.ofNullable(row.getString("encoding")),
            Optional.ofNullable(row.getString("study_uid")),
            Optional.ofNullable(row.getString("manifest_id")),
            Optional.ofNullable(row.getString("filename")),
            row.getString("metadata")),
        Optional.ofNullable(row.getString("code")),
        instanceId,
        row.getInt("attempts"),
        Instant.ofEpochMilli(row.getLong("updated_at")));
  }

  @Override
  public Optional<HubUpload> find(String uploadId, String principal) {
    return find(uploadId).filter(upload -> upload.principal().equals(principal));
  }

  @Override
  public Optional<HubUpload> find(String uploadId) {
    return transactions.read(
        handle ->
            handle
                .createQuery(COLUMNS + "WHERE upload_id = :id")
                .bind("id", uploadId)
                .map(SqlUploads::upload)
                .findOne());
  }

  @Override
  public boolean move(
      String uploadId, UploadState from, UploadState to, Optional<String> code, Instant now) {
    return transactions.write(
        handle ->
            handle
                    .createUpdate(
                        """
                        UPDATE hub_upload SET state = :to, code = :code, updated_at = :now
                        WHERE upload_id = :id AND state = :from""")
                    .bind("id", uploadId)
                    .bind("from", from.word())
                    .bind("to", to.word())
                    .bind("code", code.orElse(null))
                    .bind("now", now.toEpochMilli())
                    .execute()
                == 1);
  }

  @Override
  public List<String> toFile(int limit, Instant now) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT upload_id FROM hub_upload WHERE state = 'received' AND next_attempt_at <= :now
                    ORDER BY seq LIMIT :limit""")
                .bind("now", now.toEpochMilli())
                .bind("limit", limit)
                .mapTo(String.class)
                .list());
  }

  @Override
  public void putOff(String uploadId, boolean countAttempt, Instant until, Instant now) {
    transactions.progress(
        handle ->
            handle
                .createUpdate(
                    """
                    UPDATE hub_upload SET attempts = attempts + :one, next_attempt_at = :until, updated_at = :now
                    WHERE upload_id = :id AND state = 'received'""")
                .bind("one", countAttempt ? 1 : 0)
                .bind("until", until.toEpochMilli())
                .bind("now", now.toEpochMilli())
                .bind("id", uploadId)
                .execute());
  }

  @Override
  public List<HubUpload> openSince(Duration age, int limit, Instant now) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    COLUMNS
                        + "WHERE state = 'open' AND updated_at < :before ORDER BY updated_at LIMIT :limit")
                .bind("before", now.minus(age).toEpochMilli())
                .bind("limit", limit)
                .map(SqlUploads::upload)
                .list());
  }

  @Override
  public void touch(String uploadId, Instant at) {
    transactions.progress(
        handle ->
            handle.execute(
                "UPDATE hub_upload SET updated_at = ? WHERE upload_id = ? AND state = 'open'",
                at.toEpochMilli(),
                uploadId));
  }

  @Override
  public Filed file(HubUpload upload, Image image, Instant now) {
    try {
      return transactions.write(handle -> file(handle, upload, image, now.toEpochMilli()));
    } catch (UidTakenException e) {
      return new Filed.UidTaken();
    }
  }

  /** Undoes the transaction, so that no study is there without an image. */
  private static final class UidTakenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UidTakenException() {
      super(null, null, false, false);
    }
  }

  private static Filed file(Handle handle, HubUpload upload, Image image, long now) {
    study(handle, image, now);
    series(handle, image, now);
    long id = instance(handle, image, now).orElseThrow(UidTakenException::new);
    handle
        .createUpdate(
            """
            INSERT INTO hub_order_image (radiology_order_id, instance_id, study_uid, visit_id, upload_id, linked_at)
            VALUES (:order, :instance, :study, :visit, :upload, :now) ON CONFLICT DO NOTHING""")
        .bind("order", upload.announced().radiologyOrderId())
        .bind("instance", id)
        .bind("study", image.studyUid())
        .bind("visit", upload.announced().visitId().orElse(null))
        .bind("upload", upload.uploadId())
        .bind("now", now)
        .execute();
    handle
        .createUpdate(
            """
            UPDATE hub_upload SET state = 'acknowledged', instance_id = :instance, acknowledged_at = :now, updated_at = :now
            WHERE upload_id = :upload AND state = 'received'""")
        .bind("instance", id)
        .bind("now", now)
        .bind("upload", upload.uploadId())
        .execute();
    return new Filed.Acknowledged(id);
  }

  private static Update bound(Update update, Image image, Attribute.Level level) {
    for (Attribute attribute : Attribute.values()) {
      if (attribute.level() == level) {
        update.bind(attribute.column(), image.value(attribute));
      }
    }
    return update;
  }

  /** The first image's header says what the study is; later ones only fill what it left out. */
  private static void study(Handle handle, Image image, long now) {
    bound(
            handle.createUpdate(
                """
                INSERT INTO hub_study (study_uid, study_date, study_time, accession_number, referring_physician, patient_name,
                       patient_id, patient_birth_date, patient_sex, study_id, study_description, created_at, updated_at)
                VALUES (:study_uid, :study_date, :study_time, :accession_number, :referring_physician, :patient_name,
                       :patient_id, :patient_birth_date, :patient_sex, :study_id, :study_description, :now, :now)
                ON CONFLICT (study_uid) DO UPDATE SET updated_at = excluded.updated_at,
                       study_date = COALESCE(hub_study.study_date, excluded.study_date),
                       study_time = COALESCE(hub_study.study_time, excluded.study_time),
                       accession_number = COALESCE(hub_study.accession_number, excluded.accession_number),
                       patient_name = COALESCE(hub_study.patient_name, excluded.patient_name),
                       patient_id = COALESCE(hub_study.patient_id, excluded.patient_id),
                       study_description = COALESCE(hub_study.study_description, excluded.study_description)"""),
            image,
            Attribute.Level.STUDY)
        .bind("now", now)
        .execute();
  }

  private static void series(Handle handle, Image image, long now) {
    bound(
            handle.createUpdate(
                """
                INSERT INTO hub_series (study_uid, series_uid, modality, series_number, series_description, body_part, created_at)
                VALUES (:study, :series_uid, :modality, :series_number, :series_description, :body_part, :now)
                ON CONFLICT DO NOTHING"""),
            image,
            Attribute.Level.SERIES)
        .bind("study", image.studyUid())
        .bind("now", now)
        .execute();
  }

  /** Its id, new or known; nothing when other bytes have the UID. */
  private static OptionalLong instance(Handle handle, Image image, long now) {
    handle
        .createUpdate(
            """
            INSERT INTO hub_instance (sop_instance_uid, sop_class_uid, study_uid, series_uid, transfer_syntax_uid, instance_number,
                   image_rows, image_columns, frames, size, sha256, created_at)
            VALUES (:uid, :class, :study, :series, :syntax, :number, :rows, :columns, :frames, :size, :sha256, :now)
            ON CONFLICT (sop_instance_uid) DO NOTHING""")
        .bind("uid", image.sopInstanceUid())
        .bind("class", image.sopClassUid())
        .bind("study", image.studyUid())
        .bind("series", image.seriesUid())
        .bind("syntax", image.transferSyntaxUid())
        .bind("number", image.value(Attribute.INSTANCE_NUMBER))
        .bind("rows", number(image.value(Attribute.ROWS)))
        .bind("columns", number(image.value(Attribute.COLUMNS)))
        .bind("frames", image.value(Attribute.FRAMES))
        .bind("size", image.size())
        .bind("sha256", image.sha256())
        .bind("now", now)
        .execute();
    return handle
        .createQuery("SELECT instance_id, sha256 FROM hub_instance WHERE sop_instance_uid = :uid")
        .bind("uid", image.sopInstanceUid())
        .map(
            (row, context) ->
                row.getString(2).equals(image.sha256())
                    ? OptionalLong.of(row.getLong(1))
                    : OptionalLong.empty())
        .one();
  }

  private static Integer number(String value) {
    return value != null && value.matches("\\d{1,9}") ? Integer.valueOf(value) : null;
  }

  @Override
  public Optional<Receipt> receipt(String uploadId) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT i.instance_id, i.sha256, i.size, i.study_uid, i.series_uid, i.sop_instance_uid, u.acknowledged_at
                    FROM hub_upload u JOIN hub_instance i ON i.instance_id = u.instance_id
                    WHERE u.upload_id = :id AND u.state = 'acknowledged'""")
                .bind("id", uploadId)
                .map(
                    (row, context) ->
                        new Receipt(
                            row.getLong(1),
                            row.getString(2),
                            row.getLong(3),
                            row.getString(4),
                            row.getString(5),
                            row.getString(6),
                            Instant.ofEpochMilli(row.getLong(7))))
                .findOne());
  }

  @Override
  public Totals totals() {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT (SELECT COUNT(*) FROM hub_upload WHERE state = 'open'),
                           (SELECT COALESCE(SUM(length), 0) FROM hub_upload WHERE state = 'open'),
                           (SELECT COUNT(*) FROM hub_upload WHERE state = 'received'),
                           (SELECT MIN(updated_at) FROM hub_upload WHERE state = 'received')""")
                .map(
                    (row, context) -> {
                      long oldest = row.getLong(4);
                      boolean none = row.wasNull();
                      return new Totals(
                          row.getLong(1),
                          row.getLong(2),
                          row.getLong(3),
                          none ? Optional.empty() : Optional.of(Instant.ofEpochMilli(oldest)));
                    })
                .one());
  }
}
