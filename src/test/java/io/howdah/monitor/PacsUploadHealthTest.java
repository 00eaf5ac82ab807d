package io.howdah.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.support.CloudApi;
import io.howdah.support.CloudApi.Fault;
import io.howdah.support.PacsFixture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What health and metrics say of the upload of another system's images. */
class PacsUploadHealthTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path base;
  private CloudApi cloud;
  private PacsFixture pacs;

  @BeforeEach
  void prepare() throws Exception {
    cloud = CloudApi.contractA();
    pacs = new PacsFixture(base);
  }

  @AfterEach
  void end() {
    cloud.close();
  }

  private RunningGateway start(String roles, String... more) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("howdah.roles", roles);
    settings.put("howdah.pacs-upload.database", pacs.database().toString());
    settings.put("howdah.pacs-upload.storage", pacs.storage().toString());
    settings.put("howdah.pacs-upload.worklist", pacs.worklist().toString());
    settings.put("howdah.pacs-upload.endpoint", cloud.endpoint().toString());
    settings.put("howdah.pacs-upload.poll", "0.1");
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return RunningGateway.start(base, settings);
  }

  private static JsonNode awaitCode(RunningGateway gateway, int status, String code) {
    JsonNode[] found = new JsonNode[1];
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              var answer = gateway.get(gateway.management("/observe/health/ready"));
              assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
              for (JsonNode check : new ObjectMapper().readTree(answer.body()).path("checks")) {
                if (check.path("name").asText().equals("pacs-upload")) {
                  found[0] = check;
                }
              }
              assertThat(found[0]).as(answer.body()).isNotNull();
              assertThat(found[0].path("code").asText()).as(answer.body()).isEqualTo(code);
            });
    return found[0];
  }

  @Test
  void a_process_that_only_uploads_is_not_ready_while_the_cloud_refuses_it() throws Exception {
    pacs.images(3, 600);
    cloud.all(Fault.STATUS_401);
    try (RunningGateway gateway = start("pacs-upload")) {
      JsonNode check = awaitCode(gateway, 503, "CLOUD_REFUSES");
      assertThat(check.path("status").asText()).isEqualTo("DOWN");
      assertThat(check.path("message").asText()).contains("images wait", "401");
      cloud.all(Fault.NONE);
      awaitCode(gateway, 200, "");
    }
  }

  @Test
  void beside_other_flows_it_is_a_note_that_names_what_is_the_matter() throws Exception {
    pacs.images(1, 600);
    try (RunningGateway gateway = start("gateway,pacs-upload")) {
      await().atMost(PATIENCE).until(() -> pacs.count("COMPLETE") == 1);
      for (String suffix : new String[] {"", "-wal", "-shm"}) {
        Files.deleteIfExists(Path.of(pacs.database() + suffix));
      }
      JsonNode gone = awaitCode(gateway, 200, "PACS_GONE");
      assertThat(gone.path("status").asText()).isEqualTo("NOTE");
      assertThat(gone.path("message").asText()).contains("gone", "mounted");
      Files.writeString(
          pacs.database(), "this is no database, and as long as a header of one is: yes");
      JsonNode damaged = awaitCode(gateway, 200, "PACS_CORRUPT");
      assertThat(damaged.path("message").asText()).contains("damaged");
      assertThat(gateway.upload("a.dcm", new byte[] {1, 2, 3}).statusCode()).isEqualTo(202);
    }
  }

  @Test
  void a_canary_says_how_long_ago_the_cloud_was_proven_and_what_fails_now() throws Exception {
    try (RunningGateway gateway = start("pacs-upload", "howdah.pacs-upload.canary", "1s")) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(awaitCode(gateway, 200, "").toString())
                      .containsPattern("last proven delivery[^,]*[0-9]+ seconds ago"));
      cloud.all(Fault.STATUS_403);
      assertThat(awaitCode(gateway, 503, "CANARY_VERDICT").path("message").asText())
          .contains("verdict");
      cloud.all(Fault.STATUS_502);
      awaitCode(gateway, 503, "CANARY_HTTP");
      cloud.close();
      awaitCode(gateway, 503, "CANARY_TCP");
      assertThat(cloud.stored()).isEmpty();
    }
  }

  @Test
  void metrics_count_what_became_of_images_and_show_the_limits() throws Exception {
    pacs.images(4, 600);
    pacs.image("NEVER");
    try (RunningGateway gateway = start("pacs-upload")) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(gateway.get(gateway.management("/observe/metrics")).body())
                      .contains(
                          "howdah_pacs_upload_outcomes_total{outcome=\"delivered\"} 4",
                          "howdah_pacs_upload_outcomes_total{outcome=\"awaiting_link\"} 1",
                          "howdah_pacs_upload_outcomes_total{outcome=\"verdict\"} 0",
                          "howdah_pacs_upload_images{status=\"COMPLETE\"} 4",
                          "howdah_pacs_upload_images{status=\"PENDING\"} 1",
                          "howdah_pacs_upload_waiting{reason=\"AWAITING_LINK\"} 1",
                          "howdah_pacs_upload_bytes_total 2400",
                          "howdah_pacs_upload_seconds_count 5",
                          "howdah_limit{setting=\"howdah.pacs-upload.ahead\"} 100"));
      assertThat(gateway.metric("howdah_pacs_upload_oldest_age_seconds")).isGreaterThan(1);
    }
  }
}
