package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.ClientLedger;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Pause;
import io.howdah.support.Uploaders;
import io.howdah.support.Verifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F34 and F97: the rows of an hour ago beside the files of now, as docs/operations.md promises. */
class BackupIT {
  private static final int BEFORE = 30;
  private static final int AFTER = 30;
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path data;
  @TempDir Path elsewhere;

  @Test
  void a_database_that_was_copied_under_load_learns_of_all_that_was_archived_since()
      throws Exception {
    ClientLedger ledger = new ClientLedger();
    Path copy = elsewhere.resolve("backup.db");
    try (GatewayProcess gateway = GatewayProcess.on(data).start();
        Uploaders uploaders = new Uploaders(gateway::uri, ledger, 1).begin(4)) {
      Pause.until("uploads", SOON, () -> ledger.entries().size() > BEFORE);
      try (Connection connection =
              DriverManager.getConnection("jdbc:sqlite:" + data.resolve("howdah.db"));
          Statement statement = connection.createStatement()) {
        statement.execute("VACUUM INTO '" + copy + "'");
      }
      int copied = ledger.entries().size();
      Pause.until("more uploads", SOON, () -> ledger.entries().size() > copied + AFTER);
      uploaders.close();
      Verifier.of(data).awaitNothingLost(ledger, SOON);
      gateway.sigterm(SOON);
    }
    for (String file : List.of("howdah.db", "howdah.db-wal", "howdah.db-shm")) {
      Files.deleteIfExists(data.resolve(file));
    }
    Files.copy(copy, data.resolve("howdah.db"));
    assertThat(Verifier.of(data).verify(ledger).isClean()).as("rows are missing").isFalse();
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      Verifier verifier = Verifier.of(data);
      Pause.until(
          "every study is known again, but " + verifier.verify(ledger),
          SOON,
          () -> verifier.verify(ledger).isClean());
      assertThat(ledger.entries())
          .allMatch(
              acked -> gateway.client().status(acked.studyId()).orElseThrow().equals("archived"));
    }
  }
}
