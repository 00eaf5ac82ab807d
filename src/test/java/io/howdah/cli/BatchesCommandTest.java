package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.batch.Arrival;
import io.howdah.batch.OpenBatch;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.storage.Database;
import io.howdah.storage.DatabaseTime;
import io.howdah.storage.SqlBatches;
import io.howdah.support.MutableClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands over the rows of a gateway that need not run. */
class BatchesCommandTest {
  @TempDir Path base;

  private CommandLineRun run(String... args) {
    return CommandLineRun.with(Map.of("howdah.data", base.resolve("data").toString()), args);
  }

  private void someBatches() {
    Settings settings =
        SettingsReader.read(
            base,
            base.resolve("config"),
            Map.of(),
            Map.of("howdah.destination.pacs.uri", "dicom:send?host=x"));
    try (Database database = Database.open(settings.database())) {
      SqlBatches batches =
          new SqlBatches(
              database,
              DatabaseTime.by(new MutableClock()),
              settings.destinations(),
              Duration.ofDays(1));
      for (String study : List.of("1.2.3", "1.2.4")) {
        batches.join(
            new Arrival(
                "pacs", "f" + study, study, study + ".0", study + ".1", "1.2", "1.2.1", 0, 1, "x"));
      }
      OpenBatch second = batches.open("1.2.4/pacs").orElseThrow();
      assertThat(batches.close(second, true)).isPresent();
    }
  }

  @Test
  void batches_are_listed_shown_and_treated_without_a_gateway() {
    someBatches();
    CommandLineRun list = run("batches", "list");
    assertThat(list.exitCode()).as(list.err()).isZero();
    assertThat(list.out()).contains("1.2.3", "1.2.4", "PENDING", "READY", "OPERATOR", "2 batches");
    assertThat(run("batches", "list", "--status", "pending").out())
        .contains("1.2.3", "1 batch\n")
        .doesNotContain("1.2.4");
    assertThat(run("batches", "list", "--to", "nobody").out()).isEqualTo("0 batches\n");
    assertThat(run("batches", "show", "1").out()).contains("study         1.2.3", "1.2.3.1");
    assertThat(run("batches", "hold", "1", "2").exitCode()).isZero();
    assertThat(run("batches", "list").out()).contains("PENDING (held)", "READY (held)");
    assertThat(run("batches", "release", "1", "2").exitCode()).isZero();
    assertThat(run("batches", "complete", "1").out()).isEqualTo("batch 1: complete\n");
    CommandLineRun requeue = run("batches", "requeue", "2", "99");
    assertThat(requeue.exitCode()).isEqualTo(1);
    assertThat(requeue.err())
        .contains("batch 2 is READY; requeue is for batches that are FAILED", "no batch 99");
    assertThat(run("batches", "show", "99").exitCode()).isEqualTo(1);
    assertThat(run("batches").exitCode()).isEqualTo(2);
    assertThat(run("batches", "list", "--status", "LOST").exitCode()).isEqualTo(2);
  }

  @Test
  void destinations_are_shown_with_what_waits_for_them() {
    someBatches();
    assertThat(run("destinations").out()).contains("pacs", "closed", "100 %");
  }

  @Test
  void where_there_is_no_database_the_command_says_where_it_looked() {
    CommandLineRun none = run("batches", "list");
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.err()).contains("no database in", "HOWDAH_DATA");
    assertThat(base.resolve("data")).doesNotExist();
  }
}
