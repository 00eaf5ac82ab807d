package io.howdah.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A pacs.db, a worklist.db and an image store as contract §1 describes them, built in code. */
public final class PacsFixture {
  private static final String PREFIX = "1.2.826.0.1.3680043.8.498.";
  private static final String MESSAGE =
      "INSERT OR REPLACE INTO worklist_items (accession_number, patient_id, patient_name, source_message_id) VALUES (?, 'x', 'x', ?)";

  private final Path root;
  private int number;

  public PacsFixture(Path root) throws IOException, SQLException {
    this.root = root;
    Files.createDirectories(storage());
    try (Connection pacs = open(database());
        Statement statement = pacs.createStatement()) {
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute(
          """
          CREATE TABLE stored_instances (sop_instance_uid TEXT PRIMARY KEY, storage_path TEXT NOT NULL, file_size INTEGER NOT NULL,
            storage_hash TEXT NOT NULL, patient_id TEXT, patient_name TEXT, accession_number TEXT,
            status TEXT DEFAULT 'STORED' CHECK(status IN ('STORED', 'ARCHIVED', 'DELETED')),
            upload_status TEXT DEFAULT 'PENDING' CHECK(upload_status IN ('PENDING', 'UPLOADING', 'COMPLETE', 'FAILED')),
            upload_error TEXT, upload_attempt_count INTEGER DEFAULT 0, last_upload_attempt TEXT, uploaded_at TEXT,
            created_at TEXT DEFAULT CURRENT_TIMESTAMP, source_aet TEXT, UNIQUE(storage_path))""");
      statement.execute("CREATE INDEX idx_upload_status ON stored_instances(upload_status)");
    }
    try (Connection worklist = open(worklist());
        Statement statement = worklist.createStatement()) {
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute(
          """
          CREATE TABLE worklist_items (accession_number TEXT PRIMARY KEY, patient_id TEXT NOT NULL, patient_name TEXT NOT NULL,
            status TEXT DEFAULT 'SCHEDULED', source_message_id TEXT)""");
    }
  }

  public Path database() {
    return root.resolve("pacs.db");
  }

  public Path worklist() {
    return root.resolve("worklist.db");
  }

  public Path storage() {
    return root.resolve("storage");
  }

  /** The variables of the document, as a site sets them. */
  public Map<String, String> environment(CloudApi cloud) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("HOWDAH_DATA", root.resolve("data").toString());
    environment.put("HOWDAH_ROLES", "pacs-upload");
    environment.put("HOWDAH_HTTP_PORT", "0");
    environment.put("HOWDAH_MANAGEMENT_PORT", "0");
    environment.put("CLOUD_API_ENDPOINT", cloud.endpoint().toString());
    environment.put("PACS_DB_PATH", database().toString());
    environment.put("PACS_STORAGE_PATH", storage().toString());
    environment.put("MWL_DB_PATH", worklist().toString());
    environment.put("UPLOAD_POLL_INTERVAL", "0.1");
    return environment;
  }

  public static Connection open(Path file) throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 30000");
    }
    return connection;
  }

  /** Stores an image with a worklist row of its own; its SOP Instance UID. */
  public String image() throws IOException, SQLException {
    String accession = "ACC" + (number + 1);
    message(accession, "message-" + (number + 1));
    return image(accession);
  }

  /** Stores an image of an accession number, whatever the worklist says of that. */
  public String image(String accession) throws IOException, SQLException {
    return image(accession, 2_000);
  }

  /** Stores {@code count} images, each with a worklist row of its own, in one transaction. */
  public List<String> images(int count, int bytes) throws IOException, SQLException {
    List<String> uids = new ArrayList<>();
    try (Connection pacs = open(database());
        Connection worklist = open(worklist())) {
      pacs.setAutoCommit(false);
      worklist.setAutoCommit(false);
      for (int i = 0; i < count; i++) {
        String accession = "ACC" + (number + 1);
        run(worklist, MESSAGE, accession, "message-" + (number + 1));
        uids.add(image(pacs, accession, bytes));
      }
      pacs.commit();
      worklist.commit();
    }
    return uids;
  }

  public String image(String accession, int bytes) throws IOException, SQLException {
    try (Connection pacs = open(database())) {
      return image(pacs, accession, bytes);
    }
  }

  private String image(Connection pacs, String accession, int bytes)
      throws IOException, SQLException {
    String uid = PREFIX + (100_000 + ++number);
    byte[] file = dicom(uid, bytes);
    String hash = sha256(uid.getBytes(StandardCharsets.US_ASCII));
    String path =
        hash.substring(0, 2) + "/" + hash.substring(2, 4) + "/" + hash.substring(0, 16) + ".dcm";
    Files.createDirectories(storage().resolve(path).getParent());
    Files.write(storage().resolve(path), file);
    run(
        pacs,
        """
        INSERT INTO stored_instances (sop_instance_uid, storage_path, file_size, storage_hash, patient_id, patient_name, accession_number, created_at)
        VALUES (?, ?, ?, ?, '9990000000', 'ZZCANARY^PATIENT', ?, ?)""",
        uid,
        path,
        file.length,
        sha256(file),
        accession,
        String.format(
            "2026-11-20 %02d:%02d:%02d", number / 3600 % 24, number / 60 % 60, number % 60));
    return uid;
  }

  /** Gives an accession number its source message id. */
  public void message(String accession, String messageId) throws SQLException {
    sql(worklist(), MESSAGE, accession, messageId);
  }

  public static int sql(Path file, String sql, Object... values) throws SQLException {
    try (Connection connection = open(file)) {
      return run(connection, sql, values);
    }
  }

  private static int run(Connection connection, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }

  /** A column of an image's row as text. */
  public String column(String uid, String name) throws SQLException {
    return query(
        database(),
        "SELECT " + name + " FROM stored_instances WHERE sop_instance_uid = '" + uid + "'");
  }

  public String status(String uid) throws SQLException {
    return column(uid, "upload_status");
  }

  public int attempts(String uid) throws SQLException {
    return Integer.parseInt(column(uid, "upload_attempt_count"));
  }

  /** How many rows have an upload_status. */
  public int count(String status) throws SQLException {
    return Integer.parseInt(
        query(
            database(),
            "SELECT COUNT(*) FROM stored_instances WHERE upload_status = '" + status + "'"));
  }

  public static String query(Path file, String sql) throws SQLException {
    try (Connection connection = open(file);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getString(1) : null;
    }
  }

  /** A file that begins as DICOM begins and names its instance. */
  public static byte[] dicom(String uid, int bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[128]);
    out.writeBytes("DICM".getBytes(StandardCharsets.US_ASCII));
    byte[] value = (uid.length() % 2 == 0 ? uid : uid + "\0").getBytes(StandardCharsets.US_ASCII);
    out.writeBytes(new byte[] {8, 0, 0x18, 0, 'U', 'I', (byte) value.length, 0});
    out.writeBytes(value);
    byte[] rest = new byte[Math.max(0, bytes - out.size())];
    new Random(uid.hashCode()).nextBytes(rest);
    out.writeBytes(rest);
    return out.toByteArray();
  }

  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
