package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.support.ClientLedger;
import io.howdah.support.Cluster;
import io.howdah.support.DicomFixtures;
import io.howdah.support.GatewayClient;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Pause;
import io.howdah.support.Strace;
import io.howdah.support.TinyDicom;
import io.howdah.support.TlsFront;
import io.howdah.support.Verifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;

/** An event is a bell: lost, doubled, out of order or forged, it changes nothing but the hour. */
class EventsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final List<String> CHANNELS =
      List.of("uploads", "validation", "described", "archive");
  private static final List<String> EVENTS =
      List.of("study.uploaded", "study.validated", "study.described", "study.archived");

  @TempDir Path data;
  @TempDir Path traces;
  private final ClientLedger ledger = new ClientLedger();

  private void upload(GatewayClient client, int from, int count) {
    for (int i = from; i < from + count; i++) {
      byte[] file = TinyDicom.object(i, 500);
      assertThat(ledger.answered(client.upload(file), file)).isTrue();
    }
  }

  private void assertAllArchived(Verifier verifier) {
    verifier.awaitClean(ledger, LIMIT);
    assertThat(verifier.verify(ledger).archived()).isEqualTo(ledger.entries().size());
  }

  private static Jedis jedis(String redis) {
    return new Jedis(URI.create(redis));
  }

  private static String event(String name, String id, String path) {
    return JSON.createObjectNode()
        .put("event", name)
        .put("study_id", id)
        .put("file_path", path)
        .put("archive_path", path)
        .put("metadata_file", path)
        .toString();
  }

  /** Contract §3 as the seed had it; without the setting, FourProcessesIT. */
  @Test
  void events_name_the_patient_and_the_file_where_a_site_says_so() throws IOException {
    Map<String, JsonNode> heard = new ConcurrentHashMap<>();
    try (Cluster cluster = new Cluster(data)) {
      String redis = cluster.redis();
      Thread subscriber = new Thread(() -> listen(redis, heard), "subscriber");
      subscriber.setDaemon(true);
      subscriber.start();
      try (Jedis jedis = jedis(redis)) {
        Pause.until("somebody listens", LIMIT, () -> subscribers(jedis, "described") > 0);
      }
      GatewayProcess gateway =
          cluster.start(
              cluster
                  .role("gateway,validator,descriptor")
                  .set("howdah.events.patient-data", "true")
                  .variable("REDIS_URL", redis));
      assertThat(gateway.client().upload(DicomFixtures.ct(72)).status()).isEqualTo(202);
      Pause.until("an event of each", LIMIT, () -> heard.size() == 2);
    }
    assertThat(heard.get("uploads").path("original_filename").asText()).isEqualTo("image.dcm");
    JsonNode metadata = heard.get("described").path("metadata");
    assertThat(metadata.at("/patient_info/patient_name").asText()).isNotEmpty();
    assertThat(metadata.fieldNames())
        .toIterable()
        .contains("patient_info", "study_info", "modality_info");
  }

  private static void listen(String redis, Map<String, JsonNode> heard) {
    try (Jedis jedis = jedis(redis)) {
      jedis.subscribe(
          new JedisPubSub() {
            @Override
            public void onMessage(String channel, String message) {
              try {
                heard.put(channel, JSON.readTree(message));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
          },
          "uploads",
          "described");
    } catch (RuntimeException e) {
      // the server stopped with the test
    }
  }

  /** F71: each process tells a Redis that nobody listens to. */
  @Test
  void with_every_event_dropped_the_sweep_finds_all_work() throws IOException {
    try (Cluster cluster = new Cluster(data)) {
      GatewayProcess gateway =
          cluster.start(cluster.role("gateway,status").variable("REDIS_URL", cluster.redis()));
      for (String role : List.of("validator", "descriptor", "storage")) {
        cluster.start(cluster.role(role).variable("REDIS_URL", cluster.redis()));
      }
      upload(gateway.client(), 1, 20);
      assertAllArchived(cluster.verifier());
    }
  }

  /** F72. */
  @Test
  void forged_doubled_and_reordered_events_move_no_study_and_open_no_file() throws Exception {
    Path bait = Files.write(traces.resolve("bait.dcm"), TinyDicom.object(999, 500));
    Path trace = traces.resolve("trace");
    boolean traced = Strace.isInstalled();
    try (Cluster cluster = new Cluster(data)) {
      String redis = cluster.redis();
      GatewayProcess gateway =
          cluster.start(cluster.role("gateway,status").variable("REDIS_URL", redis));
      GatewayProcess.Setup workers =
          cluster.role("descriptor,storage").variable("REDIS_URL", redis);
      if (traced) {
        workers.through(Strace.writing(trace, "openat,open,link,linkat,unlink,rename"));
      }
      GatewayProcess worker = cluster.start(workers);
      GatewayClient client = gateway.client();
      upload(client, 1, 5);
      List<String> ids = ledger.entries().stream().map(ClientLedger.Acked::studyId).toList();
      try (Jedis hostile = jedis(redis)) {
        Pause.until("workers listen", LIMIT, () -> subscribers(hostile, "described") > 0);
        Pause.until("workers listen", LIMIT, () -> subscribers(hostile, "validation") > 0);
        List<String> messages = hostileMessages(ids, bait);
        for (String message : messages) {
          for (String channel : CHANNELS) {
            hostile.publish(channel, message);
          }
        }
        Pause.until(
            "all heard by the archiver",
            LIMIT,
            () -> worker.management().exchanges("events-redis-archive") >= messages.size());
        for (String id : ids) {
          assertThat(client.status(id)).as("not validated, whatever was said").contains("uploaded");
        }

        cluster.start(cluster.role("validator").variable("REDIS_URL", redis));
        Random random = new Random(72);
        for (int round = 0; round < 20; round++) {
          List<String> genuine = new ArrayList<>();
          ids.forEach(id -> EVENTS.forEach(name -> genuine.add(event(name, id, "/dev/zero"))));
          Collections.shuffle(genuine, random);
          for (String message : genuine) {
            hostile.publish(CHANNELS.get(random.nextInt(CHANNELS.size())), message);
            hostile.publish(CHANNELS.get(random.nextInt(CHANNELS.size())), message);
          }
        }
        upload(client, 10, 5);
        assertAllArchived(cluster.verifier());
        for (String id : ids) {
          assertThat(client.status(id)).contains("archived");
          assertThat(hostile.get("status:" + id)).contains("\"archived\"");
        }
      }
      assertThat(worker.log() + gateway.log()).doesNotContain("\tat ");
      assertThat(bait).exists();
    }
    assumeTrue(traced, "the rest skipped: strace is not here, or may not trace");
    assertThat(Files.readAllLines(trace, StandardCharsets.ISO_8859_1))
        .isNotEmpty()
        .filteredOn(line -> line.contains("bait.dcm"))
        .as("calls on a file that only events named")
        .isEmpty();
  }

  private static long subscribers(Jedis redis, String channel) {
    return redis.pubsubNumSub(channel).getOrDefault(channel, 0L);
  }

  private static List<String> hostileMessages(List<String> ids, Path bait) {
    List<String> messages = new ArrayList<>();
    for (String id : ids) {
      for (String name : EVENTS) {
        messages.add(event(name, id, bait.toString()));
        messages.add(event(name, id, "/etc/passwd"));
      }
    }
    for (String id :
        List.of(
            "../../../../etc/passwd",
            "nobody",
            "' OR 1=1 --",
            "${sys.user.home}",
            "a".repeat(100_000),
            "")) {
      messages.add(event("study.described", id, bait.toString()));
    }
    messages.addAll(
        List.of(
            "",
            "null",
            "[]",
            "{",
            "{\"study_id\":7}",
            "{\"study_id\":null}",
            "{\"study_id\":{\"study_id\":\"" + ids.get(0) + "\"}}",
            "[".repeat(100_000),
            "\u0000\u0001",
            "x".repeat(1_000_000)));
    return messages;
  }

  @Test
  void a_redis_with_a_password_gets_events_and_a_wrong_one_is_a_note_in_health()
      throws IOException {
    try (Cluster cluster = new Cluster(data)) {
      String redis = cluster.redis("requirepass s3cret");
      String right = redis.replace("//", "//:s3cret@");
      GatewayProcess gateway =
          cluster.start(
              cluster
                  .role("gateway,validator,descriptor,storage,status")
                  .variable("REDIS_URL", right));
      upload(gateway.client(), 1, 3);
      assertAllArchived(cluster.verifier());
      try (Jedis reader = jedis(right)) {
        for (ClientLedger.Acked acked : ledger.entries()) {
          Pause.until(
              "status key",
              LIMIT,
              () -> String.valueOf(reader.get("status:" + acked.studyId())).contains("archived"));
        }
      }
      assertThat(gateway.log()).doesNotContain("s3cret");
      gateway.sigterm(LIMIT);

      GatewayProcess locked =
          cluster.start(
              cluster
                  .role("gateway,validator,descriptor,storage,status")
                  .variable("REDIS_URL", redis.replace("//", "//:wr0ng@")));
      upload(locked.client(), 10, 3);
      assertAllArchived(cluster.verifier());
      Pause.until("said", LIMIT, () -> !locked.said("events wait in the outbox").isEmpty());
      assertThat(locked.management().isReady()).isTrue();
      assertThat(locked.log()).doesNotContain("wr0ng");
      assertThat(Map.of("health", locked.management().everything()).toString())
          .doesNotContain("wr0ng");
    }
  }

  @Test
  void a_redis_behind_tls_gets_events_from_those_who_trust_it_and_none_from_others()
      throws Exception {
    try (Cluster cluster = new Cluster(data)) {
      String redis = cluster.redis("requirepass s3cret");
      try (TlsFront front = new TlsFront(traces, URI.create(redis).getPort());
          Jedis reader = jedis(redis.replace("//", "//:s3cret@"))) {
        String address = "rediss://:s3cret@127.0.0.1:" + front.port();
        GatewayProcess.Setup all =
            cluster
                .role("gateway,validator,descriptor,storage,status")
                .variable("REDIS_URL", address);
        GatewayProcess stranger = cluster.start(all.copy());
        upload(stranger.client(), 1, 1);
        assertAllArchived(cluster.verifier());
        Pause.until("said", LIMIT, () -> !stranger.said("events wait in the outbox").isEmpty());
        assertThat(reader.keys("*")).isEmpty();
        stranger.sigterm(LIMIT);

        GatewayProcess friend =
            cluster.start(all.variable("JAVA_TOOL_OPTIONS", front.trustOptions()));
        upload(friend.client(), 2, 2);
        assertAllArchived(cluster.verifier());
        for (ClientLedger.Acked acked : ledger.entries()) {
          Pause.until(
              "status key",
              LIMIT,
              () -> String.valueOf(reader.get("status:" + acked.studyId())).contains("archived"));
        }
        assertThat(friend.management().code("redis")).isEmpty();
        assertThat(friend.log()).doesNotContain("s3cret");
      }
    }
  }
}
