package io.howdah.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.howdah.support.TinyDicom;
import io.howdah.support.TusSender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of the hub. */
class HubMonitorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path base;

  @Test
  void uploads_refusals_and_limits_are_counted_and_hold_no_name_of_anyone() throws IOException {
    try (RunningGateway gateway = RunningGateway.start(base, Map.of("howdah.roles", "hub"))) {
      TusSender sender = new TusSender(gateway.business("/"));
      byte[] file = TinyDicom.object(1, 10_000);
      sender.decided(sender.sent(file));
      sender.decided(sender.sent("no image".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
      String open = sender.created(TinyDicom.object(2, 10_000));
      sender.patch(open, 7, new byte[1]);

      assertThat(gateway.metric("howdah_hub_bytes_total")).isEqualTo(file.length + 8);
      assertThat(gateway.metric("howdah_hub_filing_seconds_count")).isEqualTo(1);
      assertThat(gateway.metric("howdah_hub_rejected_total{code=\"NOT_DICOM\"}")).isEqualTo(1);
      assertThat(gateway.metric("howdah_hub_refused_total{code=\"OFFSET_MISMATCH\"}")).isEqualTo(1);
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(gateway.metric("howdah_hub_open")).isEqualTo(1));
      String metrics = gateway.get(gateway.management("/observe/metrics")).body();
      assertThat(metrics)
          .contains(
              "howdah_limit{setting=\"howdah.hub.max-open\"} 1000",
              "howdah_limit{setting=\"howdah.hub.max-results\"} 1000",
              "howdah_disk_free_bytes{folder=\"hub\"}",
              "howdah_hub_waiting 0",
              "howdah_hub_oldest_age_seconds 0",
              "howdah_hub_preempted_total 0")
          .doesNotContain("ZZCANARY", base.toString());
    }
  }

  @Test
  void a_folder_that_is_gone_makes_the_hub_not_ready() throws IOException {
    try (RunningGateway gateway = RunningGateway.start(base, Map.of("howdah.roles", "hub"))) {
      assertThat(gateway.get(gateway.management("/observe/health/ready")).statusCode())
          .isEqualTo(200);
      Path uploads = base.resolve("data/hub/uploads");
      Files.move(uploads, base.resolve("elsewhere"));
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                var answer = gateway.get(gateway.management("/observe/health/ready"));
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(answer.body()).contains("HUB_FOLDER_MISSING");
              });
      Files.move(base.resolve("elsewhere"), uploads);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(gateway.get(gateway.management("/observe/health/ready")).statusCode())
                      .isEqualTo(200));
    }
  }
}
