package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.PacsFixture;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import picocli.CommandLine;

/** What an operator does to pacs.db with the command, with no gateway running. */
@ResourceLock("java.lang.System.properties")
class PacsCommandTest {
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private PacsFixture pacs;

  @BeforeEach
  void prepare() throws Exception {
    pacs = new PacsFixture(directory);
    System.setProperty("howdah.pacs-upload.database", pacs.database().toString());
    System.setProperty("howdah.data", directory.resolve("data").toString());
  }

  @AfterEach
  void end() {
    System.clearProperty("howdah.pacs-upload.database");
    System.clearProperty("howdah.data");
  }

  private int run(String... args) {
    return new CommandLine(new PacsCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }

  @Test
  void images_are_listed_shown_and_requeued_without_a_patients_data() throws Exception {
    List<String> uids = pacs.images(3, 500);
    PacsFixture.sql(
        pacs.database(),
        "UPDATE stored_instances SET upload_status = 'FAILED', upload_attempt_count = 3, upload_error = 'http 422' WHERE rowid < 3");
    assertThat(run("list", "--status", "failed")).isZero();
    assertThat(out.toString()).contains(uids.get(0), uids.get(1), "2 FAILED", "1 PENDING");
    assertThat(run("show", uids.get(0))).isZero();
    assertThat(out.toString()).contains("http 422");
    assertThat(run("requeue", uids.get(0))).isZero();
    assertThat(pacs.status(uids.get(0))).isEqualTo("PENDING");
    assertThat(pacs.attempts(uids.get(0))).isZero();
    assertThat(run("requeue", "--failed")).isZero();
    assertThat(pacs.count("FAILED")).isZero();
    assertThat(out.toString()).doesNotContain("ZZCANARY", "9990000000");
    assertThat(directory.resolve("data")).as("a command makes no database").doesNotExist();
  }

  @Test
  void what_cannot_be_done_is_said_with_an_exit_code() throws Exception {
    pacs.images(1, 500);
    assertThat(run("show", "1.2.3")).isEqualTo(1);
    assertThat(run("requeue", "1.2.3")).isEqualTo(1);
    assertThat(err.toString()).contains("1.2.3 is not in pacs.db");
    assertThat(run("requeue")).isEqualTo(2);
    assertThat(run("requeue", "--failed", "1.2.3")).isEqualTo(2);
    Files.delete(pacs.database());
    assertThat(run("list")).isEqualTo(1);
    assertThat(err.toString()).contains("does not exist");
  }
}
