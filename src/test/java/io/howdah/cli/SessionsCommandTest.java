package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.session.Session;
import io.howdah.session.SessionFacts;
import io.howdah.session.SessionState;
import io.howdah.session.Sessions;
import io.howdah.session.Sessions.Note;
import io.howdah.settings.Settings;
import io.howdah.storage.Database;
import io.howdah.storage.SqlSessions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What an operator does to sessions and the audit trail with the command. */
@ResourceLock("java.lang.System.properties")
class SessionsCommandTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
  private static final Note NOTE = new Note("test", "transition", "as the test wants");

  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private int serial;

  @BeforeEach
  void prepare() {
    System.setProperty("howdah.data", directory.toString());
  }

  @AfterEach
  void end() {
    System.clearProperty("howdah.data");
  }

  private int run(String... args) {
    out.getBuffer().setLength(0);
    return Howdah.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }

  private Database database() {
    return Database.open(
        new Settings.Database(
            "jdbc:sqlite:" + directory.resolve("howdah.db"), "", Optional.empty(), 2));
  }

  private String session(SessionState state) {
    try (Database database = database()) {
      Sessions sessions = new SqlSessions(database, "test", Duration.ofSeconds(30));
      String id = UUID.randomUUID().toString();
      Session session =
          sessions
              .create(
                  new SessionFacts(
                      id,
                      "7",
                      ++serial,
                      "ZZCANARY.dcm",
                      "b",
                      2048,
                      String.format("%064x", serial),
                      "{}",
                      0,
                      Optional.empty(),
                      5,
                      id,
                      false,
                      NOW),
                  "test",
                  NOW)
              .session();
      if (state == SessionState.FAILED) {
        assertThat(sessions.save(session.failed("NOT_DICOM", "it is a letter", NOW), NOTE))
            .isPresent();
      }
      return id;
    }
  }

  private SessionState state(String id) {
    try (Database database = database()) {
      return new SqlSessions(database, "test", Duration.ofSeconds(30))
          .find(id)
          .orElseThrow()
          .state();
    }
  }

  @Test
  void sessions_are_listed_shown_retried_and_cancelled_without_a_files_name() {
    String failed = session(SessionState.FAILED);
    String queued = session(SessionState.QUEUED);
    assertThat(run("sessions", "list")).isZero();
    assertThat(out.toString())
        .contains(failed, queued, "NOT_DICOM", "QUEUED=1", "FAILED=1", "0.00 %");
    assertThat(run("sessions", "list", "--status", "failed", "--visit", "7", "--order", "1"))
        .isZero();
    assertThat(out.toString()).contains(failed).doesNotContain(queued);
    assertThat(run("sessions", "show", failed)).isZero();
    assertThat(out.toString()).contains("NOT_DICOM: it is a letter", "QUEUED > FAILED");
    assertThat(run("sessions", "watch", failed)).as("it did not become an image").isEqualTo(1);
    assertThat(run("sessions", "retry", "--failed")).isZero();
    assertThat(state(failed)).isEqualTo(SessionState.QUEUED);
    assertThat(run("sessions", "cancel", failed, queued)).isZero();
    assertThat(state(queued)).isEqualTo(SessionState.CANCELLED);
    assertThat(run("sessions", "watch")).isZero();
    assertThat(run("sessions", "cancel", queued)).isEqualTo(1);
    assertThat(run("sessions", "retry", queued)).isEqualTo(1);
    assertThat(out + err.toString()).doesNotContain("ZZCANARY");
  }

  @Test
  void what_makes_no_sense_is_said_with_an_exit_code() {
    assertThat(run("sessions", "list")).as("no database").isEqualTo(1);
    assertThat(Files.exists(directory.resolve("howdah.db"))).isFalse();
    session(SessionState.QUEUED);
    assertThat(run("sessions", "show", "nobody")).isEqualTo(1);
    assertThat(run("sessions", "list", "--status", "lost")).isEqualTo(2);
    assertThat(run("sessions", "retry")).isEqualTo(2);
    assertThat(run("sessions")).isEqualTo(2);
    assertThat(run("audit", "verify", "--anchor", "x")).isEqualTo(2);
  }

  private void sql(String... texts) throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("howdah.db"));
        Statement statement = connection.createStatement()) {
      for (String text : texts) {
        statement.execute(text);
      }
    }
  }

  @Test
  void the_trail_is_verified_and_a_flipped_byte_or_a_cut_end_is_found() throws Exception {
    session(SessionState.FAILED);
    assertThat(run("audit", "verify")).isZero();
    assertThat(out.toString()).contains("intact: 2 entries", "--log FILE");
    Matcher head = Pattern.compile("head (2:[0-9a-f]{64})").matcher(out.toString());
    assertThat(head.find()).isTrue();
    Path log =
        Files.writeString(
            directory.resolve("log"), "12:00 INFO audit head " + head.group(1) + "\nnoise\n");
    assertThat(run("audit", "verify", "--log", log.toString())).isZero();
    assertThat(out.toString()).contains("1 anchor");
    sql("DROP TRIGGER audit_entry_stays", "DROP TRIGGER audit_entry_remains");
    sql("UPDATE audit_entry SET result = replace(result, 'bytes', 'bytez') WHERE seq = 1");
    assertThat(run("audit", "verify")).isEqualTo(1);
    assertThat(out.toString()).contains("entry 1 is not what was written");
    sql(
        "UPDATE audit_entry SET result = replace(result, 'bytez', 'bytes') WHERE seq = 1",
        "DELETE FROM audit_entry WHERE seq = 2",
        "UPDATE audit_head SET seq = 1, hash = (SELECT hash FROM audit_entry)");
    assertThat(run("audit", "verify")).as("a cut end alone is not seen").isZero();
    assertThat(run("audit", "verify", "--log", log.toString())).isEqualTo(1);
    assertThat(out.toString()).contains("entry 2 is missing");
  }
}
