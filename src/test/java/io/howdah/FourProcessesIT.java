package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.dicom.net.toy.ToyPeer;
import io.howdah.dicom.net.toy.ToyScript;
import io.howdah.support.ClientLedger;
import io.howdah.support.GatewayClient;
import io.howdah.support.GatewayProcess;
import io.howdah.support.PostgresServer;
import io.howdah.support.TinyDicom;
import io.howdah.support.Together;
import io.howdah.support.Verifier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;
import redis.embedded.RedisServer;

/** The seeds' services as processes of their own, on one PostgreSQL and one Redis, both real. */
class FourProcessesIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir Path data;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final AtomicInteger seed = new AtomicInteger(7000);
  private String database;
  private int redisPort;
  private RedisServer redis;

  @BeforeEach
  void servers() throws IOException {
    database = PostgresServer.newDatabase();
    redisPort = GatewayProcess.Setup.freePort();
    redis = startRedis();
  }

  private RedisServer startRedis() throws IOException {
    RedisServer server =
        RedisServer.newRedisServer()
            .port(redisPort)
            .setting("bind 127.0.0.1")
            .setting("save \"\"")
            .build();
    server.start();
    return server;
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
    redis.stop();
  }

  private GatewayProcess.Setup role(String roles) {
    return GatewayProcess.on(data)
        .set("howdah.roles", roles)
        .set("howdah.db.url", database)
        .set("howdah.db.pool-size", "4")
        .set("howdah.work.lease", "3s")
        .variable("REDIS_URL", "redis://127.0.0.1:" + redisPort);
  }

  private GatewayProcess start(GatewayProcess.Setup setup) {
    GatewayProcess process = setup.start();
    opened.add(process);
    return process;
  }

  private void upload(GatewayClient client, ClientLedger ledger, int files) {
    for (int i = 0; i < files; i++) {
      byte[] object = TinyDicom.object(seed.incrementAndGet(), 400);
      assertThat(ledger.answered(client.upload(object), object)).isTrue();
    }
  }

  private void assertAllArchived(ClientLedger ledger) {
    Verifier verifier = Verifier.of(data, database);
    verifier.awaitSettled(LIMIT);
    Verifier.Report report = verifier.verify(ledger);
    // where others write as well, what a killed worker was writing goes only after an hour
    assertThat(report.violations().getOrDefault(Verifier.Violation.ORPHAN_FILE, List.of()))
        .allMatch(file -> file.startsWith(".arriving/"));
    assertThat(report.violations().keySet())
        .as(report.toString())
        .isSubsetOf(Set.of(Verifier.Violation.ORPHAN_FILE));
    assertThat(report.archived()).isEqualTo(ledger.entries().size());
  }

  @Test
  void studies_pass_four_processes_and_one_killed_under_load_costs_none_of_them() {
    GatewayProcess gateway = start(role("gateway"));
    start(role("validator"));
    GatewayProcess.Setup descriptor = role("descriptor");
    GatewayProcess doomed = start(descriptor);
    start(role("storage,status"));
    ClientLedger ledger = new ClientLedger();
    Together.run(
        3,
        number -> {
          if (number == 0) {
            await().atMost(LIMIT).until(() -> ledger.entries().size() >= 20);
            doomed.kill9();
          } else {
            upload(gateway.client(), ledger, 40);
          }
        });
    start(descriptor.copy());
    assertAllArchived(ledger);
  }

  @Test
  void what_comes_while_the_validator_is_down_is_processed_and_delivered_when_it_is_back()
      throws Exception {
    try (ToyPeer peer = ToyPeer.start(ToyScript.good())) {
      processedAndDelivered(peer);
    }
  }

  private void processedAndDelivered(ToyPeer peer) throws Exception {
    GatewayProcess gateway =
        start(
            role("gateway,status,batch,send")
                .set(
                    "howdah.work.sweep",
                    "1h") // only the bell on Redis tells it of what is archived
                .set("howdah.batch.quiet-period", "200ms")
                .variable(
                    "HOWDAH_DESTINATION_PACS_URI",
                    "dicom:send?host=127.0.0.1&calledAeTitle=TOY&port=" + peer.port()));
    ClientLedger ledger = new ClientLedger();
    upload(gateway.client(), ledger, 5);
    String id = ledger.entries().get(0).studyId();
    assertThat(gateway.client().status(id)).contains("uploaded");
    try (Jedis jedis = new Jedis("127.0.0.1", redisPort)) {
      await().atMost(LIMIT).until(() -> jedis.pubsubNumSub("archive").get("archive") == 1);
      start(role("validator"));
      start(role("descriptor,storage"));
      assertAllArchived(ledger);
      await().atMost(LIMIT).until(() -> peer.kept().size() == 5);
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () -> {
                JsonNode key =
                    JSON.readTree(Optional.ofNullable(jedis.get("status:" + id)).orElse("{}"));
                assertThat(key.path("status").asText()).isEqualTo("archived");
                assertThat(key.fieldNames())
                    .toIterable()
                    .contains("status", "timestamp", "details");
              });
    }
  }

  @Test
  void redis_away_stops_nothing_and_its_subscribers_get_the_backlog_in_order() throws Exception {
    GatewayProcess gateway = start(role("gateway,status"));
    start(role("validator"));
    start(role("descriptor,storage"));
    redis.stop();
    ClientLedger ledger = new ClientLedger();
    upload(gateway.client(), ledger, 10);
    assertAllArchived(ledger);

    redis = startRedis();
    List<JsonNode> heard = new CopyOnWriteArrayList<>();
    Thread subscriber = new Thread(() -> listen(heard), "subscriber");
    subscriber.setDaemon(true);
    subscriber.start();
    for (String event :
        List.of("study.uploaded", "study.validated", "study.described", "study.archived")) {
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(heard.stream().filter(e -> e.path("event").asText().equals(event)))
                      .extracting(e -> e.path("study_id").asText())
                      .containsExactlyElementsOf(
                          heard.stream()
                              .filter(e -> e.path("event").asText().equals(event))
                              .map(e -> e.path("study_id").asText())
                              .distinct()
                              .toList())
                      .hasSizeBetween(1, 10));
    }
    upload(gateway.client(), ledger, 3);
    assertAllArchived(ledger);
    List<String> fresh =
        ledger.entries().stream().skip(10).map(ClientLedger.Acked::studyId).toList();
    await()
        .atMost(LIMIT)
        .until(
            () ->
                heard.stream()
                    .filter(e -> e.path("event").asText().equals("study.archived"))
                    .map(e -> e.path("study_id").asText())
                    .toList()
                    .containsAll(fresh));
    for (JsonNode event : heard) {
      assertContracted(event);
    }
  }

  /** Contract §3: the keys of each event; extra ones are allowed. */
  private static void assertContracted(JsonNode event) {
    List<String> keys =
        switch (event.path("event").asText()) {
          case "study.uploaded" ->
              List.of("study_id", "file_path", "original_filename", "file_size");
          case "study.validated", "study.validation.failed" ->
              List.of("study_id", "file_path", "validation_details");
          case "study.described" ->
              List.of("study_id", "file_path", "metadata", "validation_details");
          case "study.archived" -> List.of("study_id", "archive_path", "metadata_file");
          default -> throw new AssertionError("an event the contract does not have: " + event);
        };
    assertThat(event.fieldNames()).toIterable().containsAll(keys);
    assertThat(event.toString())
        .doesNotContain("TINY^")
        .doesNotContainIgnoringCase("patient_name\":\"");
  }

  private void listen(List<JsonNode> heard) {
    try (Jedis jedis = new Jedis("127.0.0.1", redisPort)) {
      jedis.subscribe(
          new JedisPubSub() {
            @Override
            public void onMessage(String channel, String message) {
              try {
                heard.add(JSON.readTree(message));
              } catch (IOException e) {
                throw new IllegalStateException("not JSON on " + channel, e);
              }
            }
          },
          "uploads",
          "validation",
          "described",
          "archive");
    } catch (RuntimeException e) {
      // the server stopped with the test
    }
  }
}
