package io.howdah.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.disk.OwnFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.Map;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Readiness turns false with a reason and what to do; liveness stays. */
class HealthTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path base;

  @Test
  void a_gateway_that_has_all_it_needs_is_ready_and_alive() throws IOException {
    try (RunningGateway gateway = RunningGateway.start(base, Map.of())) {
      JsonNode health = JSON.readTree(ready(gateway, 200));

      assertThat(health.path("status").asText()).isEqualTo("UP");
      assertThat(health.path("checks").findValuesAsText("name"))
          .contains("database", "folders", "disk", "stage-archive", "routes");
      assertAlive(gateway);
    }
  }

  @Test
  void a_full_disk_makes_it_not_ready_and_says_what_to_do() throws IOException {
    try (RunningGateway gateway =
        RunningGateway.start(base, Map.of("howdah.intake.disk-reserve", "900TB"))) {
      JsonNode check = check(ready(gateway, 503), "disk");

      assertThat(check.path("status").asText()).isEqualTo("DOWN");
      assertThat(check.path("code").asText()).isEqualTo("DISK_RESERVE");
      assertThat(check.path("message").asText())
          .contains("howdah.intake.disk-reserve", "507", "make room")
          .doesNotContain(base.toString());
      assertAlive(gateway);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"uploads", "archive", "quarantine"})
  void a_folder_that_is_not_ours_makes_it_not_ready_until_it_is_back(String folder)
      throws IOException {
    try (RunningGateway gateway = RunningGateway.start(base, Map.of())) {
      Path sentinel = gateway.data.resolve(folder).resolve(OwnFolder.SENTINEL);
      Path aside = Files.move(sentinel, base.resolve("aside"));
      awaitCode(gateway, 503, "folders", "FOLDER_NOT_OURS");
      assertAlive(gateway);
      Files.writeString(sentinel, "another's");
      awaitCode(gateway, 503, "folders", "FOLDER_NOT_OURS");

      Files.move(aside, sentinel, StandardCopyOption.REPLACE_EXISTING);
      await().atMost(PATIENCE).until(() -> status(gateway) == 200);
    }
  }

  @Test
  void a_missing_archive_makes_it_not_ready() throws IOException {
    try (RunningGateway gateway = RunningGateway.start(base, Map.of())) {
      Files.move(gateway.data.resolve("archive"), base.resolve("unmounted"));

      awaitCode(gateway, 503, "folders", "FOLDER_MISSING");
    }
  }

  @Test
  void a_database_that_takes_no_write_makes_it_not_ready_until_it_does() throws Exception {
    try (RunningGateway gateway = RunningGateway.start(base, Map.of())) {
      try (Connection other =
              DriverManager.getConnection("jdbc:sqlite:" + gateway.data.resolve("howdah.db"));
          var statement = other.createStatement()) {
        statement.execute("BEGIN IMMEDIATE");

        awaitCode(gateway, 503, "database", "DATABASE_NOT_WRITABLE");
        assertAlive(gateway);
        statement.execute("ROLLBACK");
      }
      await().atMost(PATIENCE).until(() -> status(gateway) == 200);
    }
  }

  @Test
  void a_redis_that_is_away_is_a_note_and_no_reason_to_turn_callers_away() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    try (RunningGateway gateway =
        RunningGateway.start(base, Map.of("howdah.redis.url", "redis://127.0.0.1:" + free))) {
      JsonNode check = check(ready(gateway, 200), "redis");

      assertThat(check.path("status").asText()).isEqualTo("NOTE");
      assertThat(check.path("code").asText()).isEqualTo("REDIS_AWAY");
      assertAlive(gateway);
    }
  }

  @Test
  void a_stage_of_another_process_that_does_not_keep_up_is_a_note() throws IOException {
    try (RunningGateway gateway =
        RunningGateway.start(
            base, Map.of("howdah.roles", "gateway", "howdah.health.stage-age", "1s"))) {
      assertThat(gateway.upload("a.dcm", "x".getBytes(StandardCharsets.UTF_8)).statusCode())
          .isEqualTo(202);

      JsonNode check = awaitCode(gateway, 200, "stage-validate", "STAGE_BEHIND");

      assertThat(check.path("status").asText()).isEqualTo("NOTE");
      assertThat(check.path("message").asText()).contains("1 study waits");
      assertThat(gateway.metric("howdah_stage_waiting{stage=\"validate\"}")).isEqualTo(1);
      assertThat(gateway.metric("howdah_stage_oldest_age_seconds{stage=\"validate\"}"))
          .isGreaterThan(1);
      assertThat(gateway.metric("howdah_stage_oldest_age_seconds{stage=\"archive\"}")).isZero();
    }
  }

  @Test
  void a_stage_of_our_own_that_does_not_keep_up_and_its_stopped_route_make_it_not_ready()
      throws Exception {
    try (RunningGateway gateway =
        RunningGateway.start(base, Map.of("howdah.health.stage-age", "1s"))) {
      stop("validate-study");
      stop("validate-sweep");
      assertThat(gateway.upload("a.dcm", "x".getBytes(StandardCharsets.UTF_8)).statusCode())
          .isEqualTo(202);

      JsonNode check = awaitCode(gateway, 503, "stage-validate", "STAGE_BEHIND");

      assertThat(check.path("status").asText()).isEqualTo("DOWN");
      assertThat(check(ready(gateway, 503), "routes").path("message").asText())
          .contains("validate-study", "validate-sweep");
      assertAlive(gateway);
    }
  }

  private static void stop(String route) throws Exception {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    ObjectName name =
        beans
            .queryNames(
                new ObjectName(
                    "org.apache.camel:context=howdah*,type=routes,name=\"" + route + "\""),
                null)
            .iterator()
            .next();
    beans.invoke(name, "stop", null, null);
  }

  private static JsonNode awaitCode(RunningGateway gateway, int status, String name, String code) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              var answer = gateway.get(gateway.management("/observe/health/ready"));
              assertThat(answer.statusCode()).isEqualTo(status);
              assertThat(check(answer.body(), name).path("code").asText()).isEqualTo(code);
            });
    return check(ready(gateway, status), name);
  }

  private static int status(RunningGateway gateway) {
    return gateway.get(gateway.management("/observe/health/ready")).statusCode();
  }

  private static String ready(RunningGateway gateway, int status) {
    var answer = gateway.get(gateway.management("/observe/health/ready"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return answer.body();
  }

  private static JsonNode check(String health, String name) {
    try {
      for (JsonNode check : JSON.readTree(health).path("checks")) {
        if (check.path("name").asText().equals(name)) {
          return check;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("no check " + name + " in " + health);
  }

  private static void assertAlive(RunningGateway gateway) {
    var answer = gateway.get(gateway.management("/observe/health/live"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"status\":\"UP\"}");
  }
}
