package io.howdah.pacsupload;

import static io.howdah.support.CloudApi.Fault.DROP_AFTER_COMMIT;
import static io.howdah.support.CloudApi.Fault.NONE;
import static io.howdah.support.CloudApi.Fault.STATUS_401;
import static io.howdah.support.CloudApi.Fault.STATUS_422;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.howdah.Gateway;
import io.howdah.disk.StorageUnavailable;
import io.howdah.settings.SettingsReader;
import io.howdah.support.CloudApi;
import io.howdah.support.CloudApi.Fault;
import io.howdah.support.PacsFixture;
import io.howdah.support.SiteRoutes;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The role as its users run it: routes, another system's databases, a cloud that misbehaves. */
class PacsUploadRouteTest {
  @TempDir Path directory;
  private CloudApi cloud;
  private PacsFixture pacs;
  private Gateway gateway;

  @BeforeEach
  void prepare() throws Exception {
    cloud = CloudApi.contractA();
    pacs = new PacsFixture(directory);
  }

  @AfterEach
  void end() {
    if (gateway != null) {
      gateway.close();
    }
    cloud.close();
  }

  private void start(String... more) throws Exception {
    Map<String, String> environment = pacs.environment(cloud);
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    gateway =
        Gateway.start(
            SettingsReader.read(
                directory, directory.resolve("config"), environment, new Properties()));
  }

  private void awaitCount(String status, int count) {
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(() -> assertThat(pacs.count(status)).isEqualTo(count));
  }

  @Test
  void every_pending_image_reaches_the_cloud_with_its_message_id_and_its_bytes() throws Exception {
    List<String> uids = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      uids.add(pacs.image());
    }
    start();
    awaitCount("COMPLETE", 25);
    for (String uid : uids) {
      assertThat(cloud.stored().get(uid)).isEqualTo(pacs.column(uid, "storage_hash"));
      assertThat(pacs.attempts(uid)).isEqualTo(1);
      assertThat(pacs.column(uid, "uploaded_at"))
          .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d");
      assertThat(pacs.column(uid, "upload_error")).isNull();
    }
    assertThat(cloud.requests())
        .allSatisfy(
            request -> {
              assertThat(request.method()).isEqualTo("POST");
              assertThat(request.header("X-Source-Message-ID")).startsWith("message-");
              assertThat(request.header("Content-Length")).isNotNull();
              assertThat(request.headers().keySet())
                  .containsOnly(
                      "x-source-message-id",
                      "content-length",
                      "content-type",
                      "host",
                      "connection",
                      "user-agent");
            });
    assertThat(cloud.connections()).as("connections are kept and used again").isLessThan(6);
  }

  @Test
  void defect_1_a_lost_reply_ends_complete_and_not_failed() throws Exception {
    String uid = pacs.image();
    cloud.script(request -> cloud.requestsFor(uid) <= 1 ? DROP_AFTER_COMMIT : NONE);
    start();
    awaitCount("COMPLETE", 1);
    assertThat(cloud.requestsFor(uid)).isEqualTo(2);
    assertThat(cloud.timesStored(uid)).isEqualTo(1);
  }

  @Test
  void defect_2_an_outage_of_8_seconds_fails_no_image() throws Exception {
    int port = cloud.port();
    cloud.close();
    for (int i = 0; i < 30; i++) {
      pacs.image();
    }
    start();
    // the endpoint is away in real time, as a cloud is
    await().pollDelay(Duration.ofSeconds(8)).until(() -> true);
    assertThat(pacs.count("FAILED")).isZero();
    cloud = CloudApi.contractA(port);
    awaitCount("COMPLETE", 30);
    assertThat(cloud.stored()).hasSize(30);
  }

  @Test
  void defect_2_an_expired_token_fails_no_image_and_raises_an_alarm() throws Exception {
    for (int i = 0; i < 12; i++) {
      pacs.image();
    }
    cloud.all(STATUS_401);
    start();
    await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () -> gateway.parts().pacsUploads().orElseThrow().health().refusal().contains("401"));
    // the second probe is made when the first refusals have been marked
    await().atMost(Duration.ofSeconds(30)).until(() -> cloud.requests().size() > 4);
    assertThat(pacs.count("FAILED")).isZero();
    assertThat(
            PacsFixture.query(
                pacs.database(),
                "SELECT COUNT(*) FROM stored_instances WHERE upload_status = 'PENDING' AND upload_attempt_count > 0"))
        .isEqualTo("0");
    assertThat(gateway.parts().pacsUploads().orElseThrow().health().isWell()).isFalse();
    cloud.all(NONE);
    awaitCount("COMPLETE", 12);
    assertThat(gateway.parts().pacsUploads().orElseThrow().health().isWell()).isTrue();
  }

  @Test
  void defect_3_rows_left_uploading_by_anyone_are_taken_up_again() throws Exception {
    String uid = pacs.image();
    PacsFixture.sql(
        pacs.database(),
        "UPDATE stored_instances SET upload_status = 'UPLOADING', upload_attempt_count = 3, last_upload_attempt = '2026-01-01 00:00:00'");
    start();
    awaitCount("COMPLETE", 1);
    assertThat(pacs.attempts(uid)).as("the interrupted attempt costs nothing").isEqualTo(3);
  }

  @Test
  void defect_6_an_image_that_came_before_its_worklist_row_waits_for_it() throws Exception {
    String uid = pacs.image("LATE");
    start();
    await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                gateway
                    .parts()
                    .pacsUploads()
                    .orElseThrow()
                    .waiting(uid)
                    .filter(waiting -> waiting.reason().equals("AWAITING_LINK"))
                    .isPresent());
    assertThat(pacs.status(uid)).isEqualTo("PENDING");
    assertThat(pacs.attempts(uid)).isZero();
    pacs.message("LATE", "late-message");
    awaitCount("COMPLETE", 1);
  }

  @Test
  void defect_7_changed_bytes_are_never_sent_and_the_error_names_both_hashes() throws Exception {
    String uid = pacs.image();
    Path file = pacs.storage().resolve(pacs.column(uid, "storage_path"));
    byte[] changed = PacsFixture.dicom(uid, 2_001);
    Files.write(file, changed);
    start();
    awaitCount("FAILED", 1);
    assertThat(pacs.column(uid, "upload_error"))
        .contains(pacs.column(uid, "storage_hash"), PacsFixture.sha256(changed));
    assertThat(cloud.requests()).isEmpty();
  }

  @Test
  void defect_8_the_error_says_phase_status_and_the_answers_first_words() throws Exception {
    String uid = pacs.image();
    cloud.all(STATUS_422);
    start();
    awaitCount("FAILED", 1);
    assertThat(pacs.column(uid, "upload_error")).contains("http 422", "attributes missing");
    assertThat(pacs.attempts(uid)).isEqualTo(3);
    assertThat(cloud.requestsFor(uid)).isEqualTo(3);
  }

  @Test
  void a_poison_image_slows_nobody() throws Exception {
    String poison = pacs.image();
    for (int i = 0; i < 40; i++) {
      pacs.image();
    }
    cloud.script(request -> request.uid().equals(poison) ? STATUS_422 : NONE);
    start("UPLOAD_BATCH_SIZE", "5");
    awaitCount("COMPLETE", 40);
    awaitCount("FAILED", 1);
    assertThat(cloud.requestsFor(poison)).isEqualTo(3);
  }

  @Test
  void images_of_one_accession_are_sent_in_the_order_they_were_stored_across_batches()
      throws Exception {
    pacs.message("ONE", "message-one");
    List<String> uids = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      uids.add(pacs.image("ONE"));
      pacs.image();
    }
    start("UPLOAD_BATCH_SIZE", "5");
    awaitCount("COMPLETE", 24);
    assertThat(cloud.requests().stream().map(CloudApi.Request::uid).filter(uids::contains))
        .containsExactlyElementsOf(uids);
  }

  @Test
  void the_route_reads_as_the_document_does() throws Exception {
    JsonNode routes =
        new YAMLMapper()
            .readTree(
                Files.readString(Path.of("src/main/resources/routes/pacs-upload.camel.yaml")));
    List<String> calls = new ArrayList<>();
    for (String id :
        List.of(
            "pacs-upload-poll", "pacs-upload-lane", "pacs-upload-image", "pacs-upload-claimed")) {
      for (JsonNode route : routes) {
        if (route.at("/route/id").asText().equals(id)) {
          for (JsonNode step : route.at("/route/from/steps")) {
            if (step.has("bean")) {
              calls.add(step.at("/bean/ref").asText() + "." + step.at("/bean/method").asText());
            }
          }
        }
      }
    }
    assertThat(calls)
        .extracting(call -> call.replaceFirst("\\(.*", ""))
        .containsExactly(
            "pacsClaims.claim",
            "pacsClaims.begin",
            "pacsStore.verify",
            "pacsLinks.link",
            "cloudApi.send",
            "pacsOutcomes.record");
  }

  @Test
  void a_site_changes_the_backoff_in_its_own_copy_of_the_route() throws Exception {
    String packaged = Files.readString(Path.of("src/main/resources/routes/pacs-upload.camel.yaml"));
    assertThat(packaged).contains("claim(1000, 60000)");
    Path own = Files.createDirectories(directory.resolve("config/routes"));
    Files.writeString(
        own.resolve("pacs-upload.camel.yaml"),
        packaged.replace("claim(1000, 60000)", "claim(3600000, 7200000)"));
    String uid = pacs.image();
    cloud.all(Fault.STATUS_502);
    start();
    PacsUploads uploads = gateway.parts().pacsUploads().orElseThrow();
    await().atMost(Duration.ofSeconds(30)).until(() -> uploads.waiting(uid).isPresent());
    assertThat(uploads.waiting(uid).orElseThrow().until())
        .isBetween(
            Instant.now().plus(Duration.ofMinutes(50)), Instant.now().plus(Duration.ofMinutes(61)));
  }

  @Test
  void a_site_changes_the_short_redelivery_in_its_own_copy_of_the_error_policies()
      throws Exception {
    String packaged = Files.readString(Path.of("src/main/resources/routes/errors.camel.yaml"));
    String policy = "maximumRedeliveries: 3\n            redeliveryDelay: 500\n";
    assertThat(packaged).containsOnlyOnce(policy);
    Path own = SiteRoutes.in(directory).before("pacs-upload", "pacsLinks.link", Blinking.STEP);
    Files.writeString(
        own.resolve("errors.camel.yaml"),
        packaged.replace(policy, "maximumRedeliveries: 1\n            redeliveryDelay: 10\n"));
    Path upload = own.resolve("pacs-upload.camel.yaml");
    Files.writeString(upload, Files.readString(upload).replace("claim(1000, ", "claim(3600000, "));
    int before = Blinking.TIMES.get();
    String uid = pacs.image();
    start();
    PacsUploads uploads = gateway.parts().pacsUploads().orElseThrow();
    await().atMost(Duration.ofSeconds(30)).until(() -> uploads.attempts(uid).size() == 1);
    assertThat(Blinking.TIMES.get() - before).as("tried once, and once more").isEqualTo(2);
    assertThat(uploads.attempts(uid).get(0).outcome()).isEqualTo("STORE_TROUBLE");
  }

  /** A step before which a database blinks, whatever comes to it. */
  public static final class Blinking {
    static final AtomicInteger TIMES = new AtomicInteger();
    static final String STEP =
        "- bean:\n    beanType: " + Blinking.class.getName() + "\n    method: fail\n";

    public void fail() {
      TIMES.incrementAndGet();
      throw new StorageUnavailable("planted", null);
    }
  }

  @Test
  void a_failed_image_is_requeued_by_an_operators_own_sql_as_well() throws Exception {
    String uid = pacs.image();
    cloud.all(STATUS_422);
    start("MAX_UPLOAD_RETRIES", "1");
    awaitCount("FAILED", 1);
    cloud.all(NONE);
    PacsFixture.sql(
        pacs.database(),
        "UPDATE stored_instances SET upload_status = 'PENDING', upload_attempt_count = 0, upload_error = NULL WHERE upload_status = 'FAILED'");
    awaitCount("COMPLETE", 1);
    assertThat(pacs.status(uid)).isEqualTo("COMPLETE");
  }

  @Test
  void the_role_idles_while_there_is_no_database_and_begins_when_there_is() throws Exception {
    Path away = pacs.database().resolveSibling("later.db");
    pacs.image();
    PacsFixture.query(pacs.database(), "PRAGMA wal_checkpoint(TRUNCATE)");
    Files.move(pacs.database(), away);
    start();
    UploadHealth idle = gateway.parts().pacsUploads().orElseThrow().health();
    assertThat(idle.isIdle()).isTrue();
    assertThat(idle.isWell()).isTrue();
    assertThat(idle.details().get("pacs.db")).startsWith("idle");
    Files.move(away, pacs.database());
    awaitCount("COMPLETE", 1);
  }

  private JsonNode call(String method, String path, int expected) throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.port() + "/pacs-uploads" + path))
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .headers("status", "lost", "limit", "0") // no header is a query parameter
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(expected);
    assertThat(answer.body()).doesNotContain("ZZCANARY", "9990000000");
    return new ObjectMapper().readTree(answer.body());
  }

  @Test
  void an_operator_lists_shows_and_requeues_over_http_and_jmx() throws Exception {
    String uid = pacs.image();
    cloud.all(STATUS_422);
    start("HOWDAH_ROLES", "gateway,pacs-upload", "MAX_UPLOAD_RETRIES", "1");
    awaitCount("FAILED", 1);
    assertThat(call("GET", "?status=failed", 200).at("/results/0/sop_instance_uid").asText())
        .isEqualTo(uid);
    assertThat(call("GET", "", 200).at("/counts/FAILED").asInt()).isEqualTo(1);
    assertThat(call("GET", "/" + uid, 200).at("/attempts/0/outcome").asText()).isEqualTo("VERDICT");
    call("GET", "/1.2.3", 404);
    call("GET", "?status=lost", 422);
    call("GET", "?limit=0", 422);
    cloud.all(NONE);
    assertThat(call("POST", "/" + uid + "/requeue", 200).path("requeued").asInt()).isEqualTo(1);
    awaitCount("COMPLETE", 1);
    assertThat(call("POST", "/requeue-failed", 200).path("requeued").asInt()).isZero();

    cloud.all(STATUS_422);
    pacs.image();
    awaitCount("FAILED", 1);
    cloud.all(NONE);
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    Set<ObjectName> names = server.queryNames(new ObjectName("io.howdah:type=PacsUploads,*"), null);
    assertThat(names).hasSize(1);
    assertThat(
            server.invoke(names.iterator().next(), "requeueFailed", new Object[0], new String[0]))
        .isEqualTo(1);
    awaitCount("COMPLETE", 2);

    cloud.all(STATUS_422);
    String last = pacs.image();
    awaitCount("FAILED", 1);
    cloud.all(NONE);
    assertThat(
            server.invoke(
                names.iterator().next(),
                "requeue",
                new Object[] {last},
                new String[] {String.class.getName()}))
        .isEqualTo(1);
    awaitCount("COMPLETE", 3);
  }
}
