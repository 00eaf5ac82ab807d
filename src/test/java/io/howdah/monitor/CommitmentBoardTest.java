package io.howdah.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.howdah.support.RunningGateway;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F66: a storage commitment that is never reported is seen, and stops nothing. */
class CommitmentBoardTest {
  @Test
  void a_report_that_never_comes_is_a_note_in_health_and_a_number_in_the_metrics(@TempDir Path base)
      throws Exception {
    try (RunningGateway gateway = RunningGateway.start(base, "howdah.roles", "gateway")) {
      assertThat(gateway.management("/observe/health/ready")).doesNotContain("COMMITMENTS_OVERDUE");
      try (Connection database =
          DriverManager.getConnection(
              "jdbc:sqlite:" + gateway.data().resolve("howdah.db") + "?busy_timeout=10000")) {
        long now = System.currentTimeMillis();
        asked(database, "2.25.1", now - Duration.ofDays(2).toMillis());
        asked(database, "2.25.2", now);
      }
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(gateway.management("/observe/health/ready"))
                      .contains("COMMITMENTS_OVERDUE", "1 storage commitments", "PACS")
                      .doesNotContain("DOWN"));
      assertThat(gateway.metric("howdah_dicom_commitments_open")).isEqualTo(2);
      assertThat(gateway.metric("howdah_dicom_commitments_overdue")).isEqualTo(1);
    }
  }

  private static void asked(Connection database, String transaction, long at) throws Exception {
    try (var insert =
        database.prepareStatement(
            "INSERT INTO storage_commitment (transaction_uid, peer_ae, requested_at) VALUES (?, 'PACS', ?)")) {
      insert.setString(1, transaction);
      insert.setLong(2, at);
      insert.executeUpdate();
    }
  }
}
