package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.ClientLedger;
import io.howdah.support.GatewayClient;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Pause;
import io.howdah.support.TinyDicom;
import io.howdah.support.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * STATUS_SERVICE_URL against what it names: another Howdah with the role status, on its own data.
 */
class StatusServiceIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir Path data;
  @TempDir Path serviceData;
  private final ClientLedger ledger = new ClientLedger();
  private final int port = GatewayProcess.Setup.freePort();

  private GatewayProcess.Setup gateway() {
    return GatewayProcess.on(data)
        .variable("STATUS_SERVICE_URL", "http://127.0.0.1:" + port)
        .set("howdah.validate.profiles", data.resolve("profiles").toString());
  }

  private GatewayProcess.Setup service() {
    return GatewayProcess.on(serviceData)
        .set("howdah.roles", "status")
        .set("howdah.http.port", Integer.toString(port));
  }

  private void upload(GatewayClient client, int from, int count) {
    for (int i = from; i < from + count; i++) {
      byte[] file = TinyDicom.object(i, 500);
      assertThat(ledger.answered(client.upload(file), file)).isTrue();
    }
  }

  private void assertTold(GatewayProcess service, String status) {
    for (ClientLedger.Acked acked : ledger.entries()) {
      Pause.until(
          acked.studyId() + " is " + status + " there",
          LIMIT,
          () -> service.client().status(acked.studyId()).equals(Optional.of(status)));
    }
  }

  @Test
  void a_status_service_that_is_down_hears_every_status_when_it_is_back() {
    try (GatewayProcess gateway = gateway().start()) {
      upload(gateway.client(), 1, 5);
      Verifier.of(data).awaitSettled(LIMIT);
      Pause.until("said", LIMIT, () -> !gateway.said("events wait in the outbox").isEmpty());
      assertThat(gateway.management().isReady()).isTrue();
      try (GatewayProcess service = service().start()) {
        assertTold(service, "archived");
        String id = ledger.entries().get(0).studyId();
        assertThat(service.client().get("/status/" + id + "/history").body().path("history"))
            .extracting(entry -> entry.path("status").asText())
            .containsExactly(
                "uploaded", "validating", "validated", "processing", "described", "archived");
        assertThat(serviceData.resolve("uploads")).as("it works on no files").doesNotExist();
        service.kill9();
      }
      upload(gateway.client(), 10, 5);
      try (GatewayProcess service = service().start()) {
        assertTold(service, "archived");
      }
    }
  }

  @Test
  void a_study_that_is_requeued_does_not_stay_failed_there() throws Exception {
    Path profiles = Files.createDirectory(data.resolve("profiles"));
    Files.writeString(
        profiles.resolve("default.yaml"),
        """
        description: More than our objects have
        rules:
          - {tag: ClinicalTrialSponsorName, require: present}
        """);
    try (GatewayProcess service = service().start()) {
      try (GatewayProcess gateway = gateway().start()) {
        upload(gateway.client(), 1, 2);
        assertTold(service, "validation_failed");
        Files.delete(profiles.resolve("default.yaml"));
        gateway.sigterm(LIMIT);
      }
      assertThat(requeue()).isZero();
      try (GatewayProcess gateway = gateway().start()) {
        assertThat(gateway.isAlive()).isTrue();
        assertTold(service, "archived");
      }
    }
  }

  private int requeue() throws IOException, InterruptedException {
    ProcessBuilder command =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                GatewayProcess.jar().toString(),
                "requeue",
                "--invalid"));
    command.environment().put("HOWDAH_DATA", data.toString());
    command.environment().put("STATUS_SERVICE_URL", "http://127.0.0.1:" + port);
    command.environment().put("HOWDAH_VALIDATE_PROFILES", data.resolve("profiles").toString());
    Process process = command.directory(data.toFile()).inheritIO().start();
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }
}
