package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.ClientLedger;
import io.howdah.support.GatewayClient;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Pause;
import io.howdah.support.SiteRoutes;
import io.howdah.support.TinyDicom;
import io.howdah.support.Together;
import io.howdah.support.Uploaders;
import io.howdah.support.Verifier;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One process of the jar from its start to its end, and what may come between. */
class LifecycleIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration STOPPED = Duration.ofSeconds(10);

  @TempDir Path data;
  private final ClientLedger ledger = new ClientLedger();

  private void assertClean() {
    Verifier verifier = Verifier.of(data);
    verifier.awaitSettled(SOON);
    Pause.until(
        "no violation, but " + verifier.verify(ledger),
        SOON,
        () -> verifier.verify(ledger).isClean());
  }

  @Test
  void eighty_one_uploads_at_once_are_eighty_one_times_archived() {
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      assertThat(gateway.client().get("/health").status())
          .as("the first caller meets no 404")
          .isEqualTo(200);
      Together.run(
          81,
          i -> {
            byte[] file = TinyDicom.object(i + 1, 50_000);
            assertThat(ledger.answered(gateway.client().upload(file), file)).isTrue();
          });
      GatewayClient client = gateway.client();
      Pause.until(
          "81 statuses archived",
          SOON,
          () ->
              ledger.entries().stream()
                  .allMatch(
                      acked -> client.status(acked.studyId()).orElseThrow().equals("archived")));
      assertClean();
      assertThat(Verifier.of(data).verify(ledger).archived()).isEqualTo(81);
    }
  }

  /** F06. */
  @Test
  void a_second_process_on_the_same_directory_ends_at_once_and_harms_nothing() {
    try (GatewayProcess first = GatewayProcess.on(data).start();
        GatewayProcess second = GatewayProcess.on(data).launch()) {
      long begun = System.nanoTime();
      assertThat(second.awaitExit(SOON)).isNotZero();
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      assertThat(second.log())
          .contains("another process")
          .contains(data.toString())
          .contains("HOWDAH_DATA")
          .doesNotContain("\tat ");
      assertThat(took)
          .isLessThan(Duration.ofSeconds(10)); // 3 s on a machine that has nothing else to do
      byte[] file = TinyDicom.object(1, 512);
      assertThat(ledger.answered(first.client().upload(file), file)).isTrue();
      assertClean();
    }
  }

  /** F95. */
  @Test
  void a_stop_under_load_is_quick_loses_nothing_and_leaves_no_lease() {
    for (int round = 1; round <= 3; round++) {
      try (GatewayProcess gateway = GatewayProcess.on(data).start();
          Uploaders uploaders = new Uploaders(gateway::uri, ledger, round).begin(4)) {
        int before = ledger.entries().size();
        Pause.until("some load", SOON, () -> ledger.entries().size() > before + 20);
        long begun = System.nanoTime();
        gateway.signal("TERM");
        assertThat(gateway.awaitExit(SOON)).as(gateway.log()).isIn(0, 143);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(STOPPED);
        assertThat(Verifier.of(data).leased()).as("leases left behind").isEmpty();
        assertThat(uploaders.strange()).isEmpty();
      }
    }
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      assertClean();
      assertThat(gateway.isAlive()).isTrue();
    }
  }

  @Test
  void an_idle_gateway_of_all_roles_stops_without_waiting_for_any_timeout() {
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      assertThat(gateway.sigterm(SOON)).as(gateway.log()).isZero();
      assertThat(gateway.log()).contains("stopped").doesNotContain("Timeout occurred");
    }
  }

  /** F07: bare Camel needed 47 s to stop after this. */
  @Test
  void an_error_in_a_stage_costs_one_attempt_and_leaks_nothing() throws IOException {
    SiteRoutes.in(data)
        .before(
            "archive",
            "archive.store",
            """
            - bean:
                beanType: io.howdah.support.Failing
                method: once
            """);
    Path classes = Path.of("target/test-classes").toAbsolutePath();
    try (GatewayProcess gateway = GatewayProcess.on(data).withClasses(classes).start()) {
      for (int i = 1; i <= 5; i++) {
        byte[] file = TinyDicom.object(i, 512);
        assertThat(ledger.answered(gateway.client().upload(file), file)).isTrue();
      }
      assertClean();
      assertThat(gateway.said("attempt failed")).hasSize(1);
      long begun = System.nanoTime();
      assertThat(gateway.sigterm(SOON)).isIn(0, 143);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(STOPPED);
    }
  }

  /** F95: what does not end in time is given up, and its lease with it. */
  @Test
  void a_stop_does_not_wait_for_a_stage_that_takes_too_long() throws IOException {
    SiteRoutes.in(data)
        .before(
            "archive",
            "archive.store",
            """
            - delay:
                expression:
                  constant:
                    expression: "60000"
            """);
    byte[] file = TinyDicom.object(1, 512);
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      GatewayClient client = gateway.client();
      assertThat(ledger.answered(client.upload(file), file)).isTrue();
      String id = ledger.entries().get(0).studyId();
      Pause.until("in work", SOON, () -> client.status(id).orElseThrow().equals("described"));
      long begun = System.nanoTime();
      assertThat(gateway.sigterm(SOON)).isIn(0, 143);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(STOPPED);
      assertThat(Verifier.of(data).leased()).isEmpty();
    }
    Files.delete(data.resolve("config/routes/archive.camel.yaml"));
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      assertClean();
      assertThat(gateway.isAlive()).isTrue();
    }
  }

  /** F14. */
  @Test
  void a_flipped_bit_in_the_waiting_file_is_found_and_the_file_kept() throws IOException {
    byte[] file = TinyDicom.object(1, 2048);
    String id;
    try (GatewayProcess gateway = GatewayProcess.on(data).set("howdah.roles", "gateway").start()) {
      id = gateway.client().upload(file).studyId().orElseThrow();
    }
    Path waiting = data.resolve("uploads/" + id + ".dcm");
    try (RandomAccessFile bytes = new RandomAccessFile(waiting.toFile(), "rw")) {
      bytes.seek(1500);
      int old = bytes.read();
      bytes.seek(1500);
      bytes.write(old ^ 1);
    }
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      GatewayClient client = gateway.client();
      Pause.until("failed", SOON, () -> client.status(id).orElseThrow().equals("failed"));
      assertThat(client.get("/status/" + id).body().at("/details/code").asText())
          .isEqualTo("CHECKSUM_MISMATCH");
      assertThat(waiting).exists();
      assertThat(data.resolve("archive").resolve(id)).doesNotExist();
      assertThat(ledger.answered(client.upload(file), file))
          .as("the sender's next try is a study of its own")
          .isTrue();
      assertThat(ledger.entries().get(0).studyId()).isNotEqualTo(id);
      assertClean();
      assertThat(List.of("failed")).contains(client.status(id).orElseThrow());
    }
  }
}
