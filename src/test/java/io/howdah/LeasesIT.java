package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.ClientLedger;
import io.howdah.support.Cluster;
import io.howdah.support.GatewayClient;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Pause;
import io.howdah.support.SiteRoutes;
import io.howdah.support.TinyDicom;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * F05: a process that stands still for longer than its lease, as one whose machine sleeps or whose
 * memory is being tidied does, and wakes up in the middle of its work, finds that the work is
 * another's now, and changes nothing.
 */
class LeasesIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir Path data;
  @TempDir Path sleepersConfig;

  @ParameterizedTest(name = "asleep before {1}")
  @CsvSource({
    "descriptor, description.record, describe, processing",
    "storage, archive.record, archive, described"
  })
  void a_sleeper_whose_lease_ran_out_records_nothing_when_it_wakes(
      String role, String call, String stage, String state) throws IOException {
    SiteRoutes.in(sleepersConfig)
        .before(
            stage,
            call,
            """
            - log:
                logName: io.howdah.site
                message: about to record
            - delay:
                expression:
                  constant:
                    expression: "1000"
            """);
    ClientLedger ledger = new ClientLedger();
    try (Cluster cluster = new Cluster(data)) {
      List<String> others = new ArrayList<>(List.of("validator", "descriptor", "storage"));
      others.remove(role);
      GatewayProcess gateway =
          cluster.start(cluster.role("gateway,status," + String.join(",", others)));
      GatewayProcess sleeper =
          cluster.start(
              cluster
                  .role(role)
                  .variable("HOWDAH_CONFIG", sleepersConfig.resolve("config").toString()));
      GatewayClient client = gateway.client();
      byte[] file = TinyDicom.object(1, 2_000);
      assertThat(ledger.answered(client.upload(file), file)).isTrue();
      String id = ledger.entries().get(0).studyId();
      Pause.until(
          "in the sleeper's hands", LIMIT, () -> !sleeper.said("about to record").isEmpty());
      sleeper.signal("STOP");
      assertThat(client.status(id)).contains(state);

      GatewayProcess other = cluster.start(cluster.role(role));
      Pause.until("archived by another", LIMIT, () -> client.status(id).equals(archived()));
      sleeper.signal("CONT");
      Pause.until("woken and refused", LIMIT, () -> !sleeper.said("lease lost").isEmpty());

      assertThat(other.said("lease lost")).isEmpty();
      cluster.verifier().awaitClean(ledger, LIMIT);
      assertThat(client.status(id)).contains("archived");
      assertThat(statuses(client, id).get("archived")).isEqualTo(1);
      assertThat(statuses(client, id).get("described")).isEqualTo(1);

      byte[] next = TinyDicom.object(2, 2_000);
      assertThat(ledger.answered(client.upload(next), next)).isTrue();
      cluster.verifier().awaitSettled(LIMIT);
      assertThat(cluster.verifier().verify(ledger).archived()).isEqualTo(2);
    }
  }

  private static java.util.Optional<String> archived() {
    return java.util.Optional.of("archived");
  }

  private static Map<String, Integer> statuses(GatewayClient client, String id) {
    Map<String, Integer> times = new java.util.TreeMap<>();
    client
        .get("/status/" + id + "/history")
        .body()
        .path("history")
        .forEach(
            entry -> {
              if (entry.path("applied").asBoolean()) {
                times.merge(entry.path("status").asText(), 1, Integer::sum);
              }
            });
    return times;
  }

  /** A process that is killed keeps its lease, and another takes over when it has run out. */
  @Test
  void what_a_killed_process_had_is_taken_up_by_another_after_the_lease() throws IOException {
    SiteRoutes.in(sleepersConfig)
        .before(
            "describe",
            "description.record",
            """
            - delay:
                expression:
                  constant:
                    expression: "60000"
            """);
    ClientLedger ledger = new ClientLedger();
    try (Cluster cluster = new Cluster(data)) {
      GatewayProcess gateway = cluster.start(cluster.role("gateway,status,validator,storage"));
      GatewayProcess doomed =
          cluster.start(
              cluster
                  .role("descriptor")
                  .variable("HOWDAH_CONFIG", sleepersConfig.resolve("config").toString()));
      GatewayClient client = gateway.client();
      byte[] file = TinyDicom.object(1, 2_000);
      assertThat(ledger.answered(client.upload(file), file)).isTrue();
      String id = ledger.entries().get(0).studyId();
      Pause.until("in work", LIMIT, () -> client.status(id).orElseThrow().equals("processing"));
      doomed.kill9();
      cluster.start(cluster.role("descriptor"));
      Pause.until("archived by another", LIMIT, () -> client.status(id).equals(archived()));
    }
  }
}
