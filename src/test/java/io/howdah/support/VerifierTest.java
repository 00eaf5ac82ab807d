package io.howdah.support;

import static io.howdah.support.Verifier.Violation.CORRUPT;
import static io.howdah.support.Verifier.Violation.DUP;
import static io.howdah.support.Verifier.Violation.ILLEGAL_TRANSITION;
import static io.howdah.support.Verifier.Violation.LOST;
import static io.howdah.support.Verifier.Violation.ORPHAN_FILE;
import static io.howdah.support.Verifier.Violation.STUCK;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.settings.Settings;
import io.howdah.storage.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verifier itself: every planted violation is found, and a sound gateway has none. */
class VerifierTest {
  private static final byte[] BYTES = "the bytes".getBytes(StandardCharsets.UTF_8);
  private static final byte[] OTHER_BYTES = "other bytes".getBytes(StandardCharsets.UTF_8);

  @TempDir Path data;
  private final ClientLedger ledger = new ClientLedger();
  private String url;

  @BeforeEach
  void three_sound_studies() throws IOException, SQLException {
    url = "jdbc:sqlite:" + data.resolve("howdah.db");
    Database.open(new Settings.Database(url, "", Optional.empty(), 1)).close();
    run("DROP INDEX study_live_digest"); // or the database would refuse what is planted here
    Files.createDirectories(data.resolve("uploads/.arriving"));
    Files.createFile(data.resolve("uploads/.howdah-store"));
    Files.createDirectories(data.resolve("quarantine"));
    archived("a", BYTES);
    study("b", OTHER_BYTES, "uploaded", "validating", "validation_failed");
    hold("b", OTHER_BYTES);
    study("c", BYTES, "uploaded", "validating", "validating", "failed");
    Files.write(data.resolve("uploads/c.dcm"), BYTES);
    ledger.acked("a", BYTES, false);
    ledger.acked("b", OTHER_BYTES, false);
    ledger.acked("c", BYTES, false);
  }

  private void archived(String id, byte[] bytes) throws IOException, SQLException {
    study(id, bytes, "uploaded", "validating", "validated", "processing", "described", "archived");
    Path home = Files.createDirectories(data.resolve("archive").resolve(id));
    Files.write(home.resolve("original.dcm"), bytes);
    Files.writeString(home.resolve("metadata.json"), "{}");
  }

  private void hold(String id, byte[] bytes) throws IOException {
    Files.write(data.resolve("quarantine").resolve(id + ".dcm"), bytes);
    Files.writeString(data.resolve("quarantine").resolve(id + ".reason.json"), "{}");
  }

  private void study(String id, byte[] bytes, String... states) throws SQLException {
    run(
        "INSERT INTO study (study_id, state, source, sha256, created_at, updated_at) VALUES (?, ?, 'http', ?, 0, 0)",
        id,
        states[states.length - 1],
        ClientLedger.sha256(bytes));
    for (String state : states) {
      history(id, state);
    }
  }

  private void history(String id, String state) throws SQLException {
    run(
        "INSERT INTO study_history (study_id, status, applied, node, at) VALUES (?, ?, 1, 'n', 0)",
        id,
        state);
  }

  private void run(String sql, String... values) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      statement.executeUpdate();
    }
  }

  private Verifier.Report verified() {
    return Verifier.of(data).verify(ledger);
  }

  private void assertFound(Verifier.Violation kind, int count) {
    Verifier.Report report = verified();
    assertThat(report.violations()).as(report.toString()).containsOnlyKeys(kind);
    assertThat(report.violations().get(kind)).hasSize(count);
  }

  @Test
  void sound_studies_have_no_violation() {
    assertThat(verified().isClean()).as(verified().toString()).isTrue();
    assertThat(verified())
        .hasToString(
            "ACKED=3 ARCHIVED=1 LOST=0 DUP=0 CORRUPT=0 STUCK=0 ORPHAN_FILE=0 ILLEGAL_TRANSITION=0");
  }

  @Test
  void an_accepted_file_without_a_row_is_lost() {
    ledger.acked("d", BYTES, false);
    assertFound(LOST, 1);
  }

  @Test
  void an_archived_study_without_its_object_is_lost() throws IOException {
    Files.delete(data.resolve("archive/a/original.dcm"));
    assertFound(LOST, 1);
  }

  @Test
  void a_failed_study_whose_bytes_are_gone_is_lost() throws IOException {
    Files.delete(data.resolve("uploads/c.dcm"));
    assertFound(LOST, 1);
  }

  @Test
  void equal_objects_in_the_archive_are_a_double() throws IOException, SQLException {
    archived("d", BYTES);
    assertFound(DUP, 1);
  }

  @Test
  void a_study_archived_twice_is_a_double_and_an_illegal_step() throws SQLException {
    history("a", "archived");
    assertThat(verified().violations()).containsOnlyKeys(DUP, ILLEGAL_TRANSITION);
  }

  @Test
  void other_bytes_in_the_archive_are_corrupt() throws IOException {
    Files.writeString(data.resolve("archive/a/original.dcm"), "not the bytes");
    assertFound(CORRUPT, 1);
  }

  @Test
  void metadata_that_cannot_be_read_is_corrupt() throws IOException {
    Files.writeString(data.resolve("archive/a/metadata.json"), "{\"half");
    assertFound(CORRUPT, 1);
  }

  @Test
  void an_answer_for_other_bytes_is_corrupt() {
    ledger.acked("a", OTHER_BYTES, true);
    assertFound(CORRUPT, 1);
  }

  @Test
  void a_study_that_is_still_in_process_is_stuck() throws SQLException, IOException {
    study("d", BYTES, "uploaded", "validating", "validated", "processing");
    Files.write(data.resolve("uploads/d.dcm"), BYTES);
    assertFound(STUCK, 1);
  }

  @Test
  void files_of_no_one_are_orphans() throws IOException {
    Files.write(data.resolve("uploads/x.dcm"), BYTES);
    Files.write(data.resolve("uploads/a.dcm"), BYTES);
    Files.write(data.resolve("uploads/b.dcm"), BYTES);
    Files.write(data.resolve("uploads/.arriving/x.part"), BYTES);
    Files.createDirectories(data.resolve("archive/x"));
    Files.write(data.resolve("archive/a/.original.dcm.part"), BYTES);
    Files.write(data.resolve("quarantine/y.dcm"), BYTES);
    Files.writeString(data.resolve("quarantine/z.reason.json"), "{}");
    Files.writeString(data.resolve("quarantine/.b.reason.part"), "{}");
    Files.createDirectories(data.resolve("inbox/.taken"));
    Files.write(data.resolve("inbox/left.dcm"), BYTES);
    assertFound(ORPHAN_FILE, 10);
  }

  @Test
  void a_step_that_is_not_in_the_table_is_illegal() throws SQLException, IOException {
    study("d", OTHER_BYTES, "uploaded", "validated", "processing", "described", "archived");
    Path home = Files.createDirectories(data.resolve("archive/d"));
    Files.write(home.resolve("original.dcm"), OTHER_BYTES);
    Files.writeString(home.resolve("metadata.json"), "{}");
    assertFound(ILLEGAL_TRANSITION, 1);
  }

  @Test
  void a_state_that_the_history_does_not_end_with_is_illegal() throws SQLException {
    run("UPDATE study SET state = 'validation_failed' WHERE study_id = ?", "c");
    run("DELETE FROM study_history WHERE study_id = ? AND status = ?", "b", "validation_failed");
    Verifier.Report report = verified();
    assertThat(report.violations().get(ILLEGAL_TRANSITION)).as(report.toString()).hasSize(2);
  }
}
