package io.howdah.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdInputStream;
import io.howdah.support.FaultyProxy;
import io.howdah.support.FaultyProxy.Act;
import io.howdah.support.FaultyProxy.Fault;
import io.howdah.support.Pause;
import io.howdah.support.RunningGateway;
import io.howdah.support.ToyHub;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A site that syncs by itself, and a hub that says what a test wants. */
class SessionSyncTest {
  private static final int CHUNK = 64 * 1024;
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir Path base;
  private ToyHub hub;
  private Site site;

  @BeforeEach
  void start() throws IOException {
    hub = ToyHub.start();
  }

  @AfterEach
  void stop() {
    if (site != null) {
      site.close();
    }
    hub.close();
  }

  private void site(String... settings) {
    site = Site.start(base, hub.uri(), settings);
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static ObjectNode fields() {
    return JsonNodeFactory.instance.objectNode();
  }

  @Test
  void a_session_becomes_an_image_by_itself() {
    site();
    byte[] bytes = bytes(3_000_001);
    String id = site.create(bytes);
    JsonNode session = site.await(id, "ACK_RECEIVED");
    assertThat(hub.of(id).orElseThrow().bytes()).isEqualTo(bytes);
    assertThat(session.get("server_image_id").asLong()).isEqualTo(hub.image(id).orElseThrow());
    assertThat(session.get("bytes_uploaded").asInt()).isEqualTo(3_000_001);
    assertThat(session.get("retry_count").asInt()).isZero();
    assertThat(site.audit(id)).hasSize(7);
  }

  @Test
  void an_outage_costs_nothing_and_everything_goes_on_by_itself() throws IOException {
    int port = hub.port();
    site();
    site.create(bytes(10));
    hub.close();
    List<String> ids = IntStream.range(0, 20).mapToObj(i -> site.create(bytes(1000 + i))).toList();
    Pause.until(
        "the outage to be noticed",
        LIMIT,
        () -> ids.stream().anyMatch(id -> site.audit(id).size() > 2));
    assertThat(ids)
        .allMatch(id -> List.of("QUEUED", "METADATA_UPLOADING").contains(site.status(id)));
    hub = ToyHub.start(port);
    ids.forEach(
        id -> assertThat(site.await(id, "ACK_RECEIVED").get("retry_count").asInt()).isZero());
    assertThat(site.get("failed/")).isEmpty();
  }

  @Test
  void a_line_that_is_cut_is_no_outage() {
    try (FaultyProxy proxy = new FaultyProxy(hub.port())) {
      proxy.next(Fault.cutRequest(250_000, Act.RESET));
      site =
          Site.start(base, proxy.uri(), "howdah.sync.chunk-size", "64KB", "howdah.sync.lanes", "1");
      byte[] bytes = bytes(1_000_000);
      String id = site.create(bytes);
      site.await(id, "ACK_RECEIVED");
      assertThat(proxy.cuts()).isOne();
      assertThat(hub.of(id).orElseThrow().bytes()).isEqualTo(bytes);
      assertThat(hub.requests().stream().filter(request -> request.startsWith("OPTIONS")))
          .as("asked what it can, and not whether it is there")
          .hasSize(1);
    }
  }

  @Test
  void bytes_changed_on_the_way_are_sent_again() {
    try (FaultyProxy proxy = new FaultyProxy(hub.port())) {
      AtomicInteger faults = new AtomicInteger();
      proxy.otherwise(
          () ->
              faults.getAndIncrement() == 0
                  ? Optional.of(Fault.corruptRequest(200_000))
                  : Optional.empty());
      site = Site.start(base, proxy.uri(), "howdah.sync.chunk-size", "64KB");
      byte[] bytes = bytes(1_000_000);
      String id = site.create(bytes);
      site.await(id, "ACK_RECEIVED");
      assertThat(hub.of(id).orElseThrow().bytes()).isEqualTo(bytes);
      assertThat(hub.of(id).orElseThrow().received()).isEqualTo(bytes.length + CHUNK);
    }
  }

  @Test
  void an_answer_that_got_lost_is_found_out_by_asking() {
    AtomicInteger lost = new AtomicInteger();
    hub.script(
        (method, path) ->
            method.equals("PATCH") && lost.getAndIncrement() == 1
                ? Optional.of(new ToyHub.Fault(409, ""))
                : Optional.empty());
    site("howdah.sync.chunk-size", "64KB");
    byte[] bytes = bytes(300_000);
    String id = site.create(bytes);
    site.await(id, "ACK_RECEIVED");
    assertThat(hub.of(id).orElseThrow().bytes()).isEqualTo(bytes);
  }

  @Test
  void an_upload_the_hub_forgot_begins_anew() {
    site("howdah.sync.chunk-size", "64KB", "howdah.sync.rate", "200KB/s");
    byte[] bytes = bytes(400_000);
    String id = site.create(bytes);
    Pause.until(
        "some bytes",
        LIMIT,
        () -> hub.of(id).filter(held -> held.bytes().length > 100_000).isPresent());
    hub.forget(id);
    site.await(id, "ACK_RECEIVED");
    assertThat(hub.of(id).orElseThrow().bytes()).isEqualTo(bytes);
    assertThat(site.audit(id)).anyMatch(line -> line.contains("begins anew"));
  }

  @Test
  void a_verdict_makes_it_failed_and_a_retry_sends_it_again() {
    hub.script(
        (method, path) ->
            path.endsWith("/receipt")
                ? Optional.of(
                    new ToyHub.Fault(
                        422, "{\"code\":\"CHECKSUM_MISMATCH\",\"detail\":\"other bytes\"}"))
                : Optional.empty());
    site();
    String id = site.create(bytes(1000));
    JsonNode failed = site.await(id, "FAILED");
    assertThat(failed.get("error_code").asText()).isEqualTo("CHECKSUM_MISMATCH");
    assertThat(failed.get("binary_uploaded").booleanValue()).isFalse();
    hub.script((method, path) -> Optional.empty());
    hub.forget(id);
    assertThat(site.post(id + "/retry/", "").status()).isEqualTo(200);
    JsonNode done = site.await(id, "ACK_RECEIVED");
    assertThat(done.get("retry_count").asInt()).isOne();
    assertThat(done.get("error_code").asText()).isEmpty();
  }

  @Test
  void one_poisoned_session_does_not_hold_up_the_others() {
    hub.script(
        (method, path) ->
            method.equals("PATCH") && path.equals("/hub/uploads/1")
                ? Optional.of(new ToyHub.Fault(500, ""))
                : Optional.empty());
    site("howdah.sync.lanes", "1");
    String poisoned = site.create(bytes(999));
    Pause.until("the first upload", LIMIT, () -> hub.uploads() == 1);
    List<String> others =
        IntStream.range(0, 10).mapToObj(i -> site.create(bytes(2000 + i))).toList();
    others.forEach(id -> site.await(id, "ACK_RECEIVED"));
    assertThat(site.status(poisoned)).as("a busy hub costs no retry").isEqualTo("BINARY_UPLOADING");
    hub.script((method, path) -> Optional.empty());
    site.await(poisoned, "ACK_RECEIVED");
  }

  @Test
  void a_hub_that_refuses_the_key_makes_sessions_wait_and_says_so() throws IOException {
    hub.script((method, path) -> Optional.of(new ToyHub.Fault(401, "{}")));
    Path key = Files.writeString(base.resolve("key"), "s3cr3t");
    site("howdah.sync.hub.key-file", key.toString());
    String id = site.create(bytes(1000));
    Pause.until(
        "the refusal",
        LIMIT,
        () -> site.audit(id).stream().anyMatch(line -> line.contains("HUB_REFUSES")));
    assertThat(site.get(id).get("retry_count").asInt()).isZero();
    assertThat(site.get(id + "/audit").toString()).doesNotContain("s3cr3t");
    hub.script((method, path) -> Optional.empty());
    site.await(id, "ACK_RECEIVED");
  }

  @Test
  void the_most_urgent_session_overtakes_one_that_is_under_way() {
    site("howdah.sync.lanes", "1", "howdah.sync.chunk-size", "64KB", "howdah.sync.rate", "300KB/s");
    String slow = site.create(bytes(900_000));
    Pause.until(
        "the slow one to be under way",
        LIMIT,
        () -> hub.of(slow).filter(held -> held.bytes().length > 0).isPresent());
    String urgent = site.create(bytes(50_000), fields().put("priority", 9));
    site.await(urgent, "ACK_RECEIVED");
    assertThat(hub.of(slow).orElseThrow().bytes().length).isLessThan(900_000);
    site.await(slow, "ACK_RECEIVED");
    assertThat(hub.of(slow).orElseThrow().received())
        .as("it went on where it was")
        .isEqualTo(900_000);
  }

  @Test
  void progress_is_shown_while_bytes_go() {
    site("howdah.sync.chunk-size", "64KB", "howdah.sync.rate", "200KB/s");
    String id = site.create(bytes(600_000));
    Pause.until(
        "a rate and a remaining time",
        LIMIT,
        () -> {
          JsonNode progress = site.get(id + "/progress/");
          return progress.get("bytes_per_second").asLong() > 0
              && progress.get("seconds_remaining").asLong() > 0
              && !progress.get("progress_percent").asText().equals("0.00");
        });
    site.await(id, "ACK_RECEIVED");
  }

  @Test
  void what_compresses_well_travels_packed_and_what_does_not_travels_as_it_is() throws IOException {
    site("howdah.sync.compression", "zstd");
    byte[] even = new byte[2_000_000];
    Arrays.fill(even, (byte) 7);
    String packed = site.create(even);
    String plain = site.create(bytes(500_000));
    JsonNode session = site.await(packed, "ACK_RECEIVED");
    assertThat(hub.of(packed).orElseThrow().metadata())
        .containsEntry("encoding", "zstd")
        .containsEntry("size", "2000000");
    byte[] wire = hub.of(packed).orElseThrow().bytes();
    assertThat(wire.length).isLessThan(100_000);
    assertThat(new ZstdInputStream(new ByteArrayInputStream(wire)).readAllBytes()).isEqualTo(even);
    assertThat(session.get("bytes_uploaded").asInt())
        .as("in bytes of the file")
        .isEqualTo(2_000_000);
    site.await(plain, "ACK_RECEIVED");
    assertThat(hub.of(plain).orElseThrow().metadata()).doesNotContainKey("encoding");
    assertThat(hub.of(plain).orElseThrow().received()).isEqualTo(500_000);
  }

  @Test
  void sealed_copies_arrive_as_they_came() throws IOException {
    Path key = Files.writeString(base.resolve("key"), "ab".repeat(32));
    site(
        "howdah.sessions.key-file",
        key.toString(),
        "howdah.sync.chunk-size",
        "100KB",
        "howdah.sync.compression",
        "zstd");
    byte[] bytes = bytes(700_000);
    Arrays.fill(bytes, 100_000, 600_000, (byte) 1);
    String id = site.create(bytes);
    String random = site.create(bytes(300_000));
    site.await(id, "ACK_RECEIVED");
    site.await(random, "ACK_RECEIVED");
    assertThat(
            new ZstdInputStream(new ByteArrayInputStream(hub.of(id).orElseThrow().bytes()))
                .readAllBytes())
        .isEqualTo(bytes);
    assertThat(hub.of(random).orElseThrow().bytes()).isEqualTo(bytes(300_000));
    for (String name : RunningGateway.names(site.store())) {
      assertThat(Files.readAllBytes(site.store().resolve(name)))
          .isNotEqualTo(bytes)
          .isNotEqualTo(bytes(300_000));
    }
  }

  @Test
  void the_hub_is_told_of_a_study_before_its_first_file() {
    ObjectNode manifest = fields().put("manifest_id", "study-1").put("study_uid", "1.2.3");
    manifest
        .putArray("files")
        .addObject()
        .put("name", "a.dcm")
        .put("sop_instance_uid", "1.2.3.4")
        .put("size", 1000)
        .put("sha256", "0".repeat(64));
    ObjectNode fields = fields();
    fields.set("manifest", manifest);
    site("howdah.sync.lanes", "1");
    List<String> ids = new ArrayList<>();
    ids.add(site.create(bytes(1000), fields));
    ids.add(site.create(bytes(1001), fields));
    ids.forEach(id -> site.await(id, "ACK_RECEIVED"));
    assertThat(hub.manifests().get("study-1")).contains("\"study_uid\":\"1.2.3\"", "1.2.3.4");
    assertThat(hub.of(ids.get(0)).orElseThrow().metadata()).containsEntry("manifest_id", "study-1");
    assertThat(hub.requests().indexOf("PUT /hub/manifests/study-1"))
        .isLessThan(hub.requests().indexOf("POST /hub/uploads"));
    assertThat(hub.requests().stream().filter(request -> request.startsWith("PUT"))).hasSize(1);
  }

  @Test
  void a_copy_goes_once_it_is_acknowledged_and_its_time_is_over() throws IOException {
    site("howdah.sessions.retention", "0s");
    String id = site.create(bytes(1000));
    site.await(id, "ACK_RECEIVED");
    Pause.until("the copy to go", LIMIT, () -> RunningGateway.names(site.store()).isEmpty());
    assertThat(site.get(id).get("status").asText()).isEqualTo("ACK_RECEIVED");
  }

  @Test
  void what_waits_when_the_site_stops_goes_on_when_it_starts() {
    site("howdah.sync.chunk-size", "64KB", "howdah.sync.rate", "300KB/s");
    byte[] bytes = bytes(1_500_000);
    String id = site.create(bytes);
    Pause.until(
        "some bytes",
        LIMIT,
        () -> hub.of(id).filter(held -> held.bytes().length > 100_000).isPresent());
    site.close();
    site("howdah.sync.chunk-size", "64KB");
    site.await(id, "ACK_RECEIVED");
    assertThat(hub.of(id).orElseThrow().bytes()).isEqualTo(bytes);
    assertThat(hub.of(id).orElseThrow().received()).isLessThanOrEqualTo(bytes.length + CHUNK);
  }

  @Test
  void numbers_and_health_tell_how_the_way_is() throws IOException {
    site();
    String id = site.create(bytes(1000));
    site.await(id, "ACK_RECEIVED");
    String metrics = site.gateway().management("/observe/metrics");
    assertThat(metrics).contains("howdah_sessions{state=\"ack_received\"} 1.0");
    assertThat(metrics)
        .contains("howdah_sync_bytes_total 1000.0")
        .contains("howdah_sync_hub_away 0.0");
    assertThat(site.gateway().management("/observe/health/ready")).contains("session-sync");
  }
}
