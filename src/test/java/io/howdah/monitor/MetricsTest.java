package io.howdah.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus reads is there from the start and moves with the work. */
class MetricsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path base;

  @Test
  void every_stage_has_its_lines_before_it_has_any_work() throws IOException {
    try (RunningGateway gateway = RunningGateway.start(base, Map.of())) {
      String metrics = gateway.get(gateway.management("/observe/metrics")).body();

      for (String stage : new String[] {"intake", "validate", "describe", "archive"}) {
        assertThat(metrics)
            .contains(
                "howdah_stage_seconds_count{stage=\"" + stage + "\"} 0",
                "howdah_stage_errors_total{cause=\"attempt\",stage=\"" + stage + "\"} 0");
      }
      for (String stage : new String[] {"validate", "describe", "archive"}) {
        assertThat(metrics)
            .contains(
                "howdah_stage_waiting{stage=\"" + stage + "\"} 0",
                "howdah_stage_oldest_age_seconds{stage=\"" + stage + "\"} 0");
      }
      assertThat(metrics)
          .contains(
              "howdah_intake_refused_total{code=\"DISK_FULL\"} 0",
              "howdah_outbox_waiting{target=\"redis\"} 0",
              "howdah_limit{setting=\"howdah.intake.max-files\"} 5000",
              "howdah_disk_free_bytes{folder=\"archive\"}",
              "jvm_memory_used_bytes",
              "camel_exchanges_total{camelContext=\"")
          .doesNotContain(base.toString());
    }
  }

  @Test
  void a_dicom_listener_shows_its_limits_and_its_traffic() throws IOException {
    try (RunningGateway gateway =
        RunningGateway.start(
            base,
            Map.of(
                "howdah.dicom.peers", "*",
                "howdah.dicom.host", "127.0.0.1",
                "howdah.dicom.port", "0"))) {
      assertThat(gateway.get(gateway.management("/observe/metrics")).body())
          .contains(
              "howdah_limit{setting=\"howdah.dicom.max-associations\"} 32",
              "howdah_dicom_turned_away_total{address=\"127.0.0.1:0\",operation=\"server\"} 0",
              "howdah_dicom_stored_total{address=\"127.0.0.1:0\",operation=\"server\"} 0",
              "howdah_dicom_open{address=\"127.0.0.1:0\",operation=\"server\"} 0");
    }
  }

  @Test
  void an_upload_its_duplicate_and_a_refusal_move_them() throws IOException {
    try (RunningGateway gateway = RunningGateway.start(base, Map.of())) {
      byte[] bytes = "not yet judged".getBytes(StandardCharsets.UTF_8);
      assertThat(gateway.upload("a.dcm", bytes).statusCode()).isEqualTo(202);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(gateway.metric("howdah_stage_seconds_count{stage=\"validate\"}"))
                      .isEqualTo(1));
      assertThat(gateway.upload("b.txt", bytes).statusCode()).isEqualTo(400);

      assertThat(gateway.metric("howdah_intake_files_total")).isEqualTo(1);
      assertThat(gateway.metric("howdah_intake_bytes_total")).isEqualTo(bytes.length);
      assertThat(gateway.metric("howdah_intake_refused_total{code=\"NOT_DICOM\"}")).isEqualTo(1);
      assertThat(gateway.metric("howdah_stage_seconds_count{stage=\"intake\"}")).isEqualTo(2);
      assertThat(gateway.metric("howdah_stage_seconds_sum{stage=\"validate\"}")).isPositive();
    }
  }

  @Test
  void equal_bytes_count_as_duplicates_and_not_as_files() throws IOException {
    try (RunningGateway gateway =
        RunningGateway.start(base, Map.of("howdah.roles", "gateway,status"))) {
      byte[] bytes = "the same".getBytes(StandardCharsets.UTF_8);
      gateway.upload("a.dcm", bytes);
      gateway.upload("b.dcm", bytes);

      assertThat(gateway.metric("howdah_intake_files_total")).isEqualTo(1);
      assertThat(gateway.metric("howdah_intake_duplicates_total")).isEqualTo(1);
    }
  }
}
