package io.howdah.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.dicom.net.toy.ToyPeer;
import io.howdah.dicom.net.toy.ToyScript;
import io.howdah.support.DicomFixtures;
import io.howdah.support.Exams;
import io.howdah.support.RunningGateway;
import io.howdah.support.Wire;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Studies on their way to a peer, from the upload to the peer's answers (F64 and what surrounds
 * it).
 */
class DeliveryTest {
  @TempDir Path base;
  private Exams exams;
  private ToyPeer peer;
  private RunningGateway gateway;

  @BeforeEach
  void prepare() {
    exams = new Exams(base.resolve("data"));
  }

  @AfterEach
  void end() throws Exception {
    if (gateway != null) {
      gateway.close();
    }
    if (peer != null) {
      peer.close();
    }
  }

  private void start(String script, String... settings) throws Exception {
    peer = ToyPeer.start(ToyScript.parse(script));
    String[] all = new String[settings.length + 6];
    all[0] = "howdah.destination.pacs.uri";
    all[1] = uri(peer.port());
    all[2] = "howdah.batch.quiet-period";
    all[3] = "500ms";
    all[4] = "howdah.work.sweep";
    all[5] = "200ms";
    System.arraycopy(settings, 0, all, 6, settings.length);
    gateway = RunningGateway.start(base, all);
  }

  private static String uri(int port) {
    return "dicom:send?host=127.0.0.1&port=" + port + "&calledAeTitle=TOY&callingAeTitle=HOWDAH";
  }

  private Map<String, String> answers(String destination) {
    Map<String, String> answers = new TreeMap<>();
    for (String row :
        exams.ask(
            "SELECT x.sop_instance_uid || ' ' || x.status || ' ' || COALESCE(x.peer_status, '-') FROM delivery x"
                + " JOIN storage_backend_configs d ON d.id = x.destination_id WHERE d.name = '"
                + destination
                + "'")) {
      String[] words = row.split(" ", 2);
      answers.put(words[0], words[1]);
    }
    return answers;
  }

  @Test
  void a_study_leaves_on_one_association_once_it_is_quiet() throws Exception {
    start("associations: [{}]");
    Exams.upload(gateway, 1, 1, 20);
    exams.awaitBatches(1, "pacs", "SENT");
    assertThat(peer.associations()).isEqualTo(1);
    assertThat(peer.storeRequests()).isEqualTo(20);
    assertThat(exams.ask("SELECT completion_reason FROM exam_batches")).containsExactly("QUIET");
  }

  @Test
  void an_instance_whose_answer_got_lost_is_looked_for_before_it_is_sent_again() throws Exception {
    start("associations: [{store: {3: abort}}, {}]", "howdah.destination.pacs.verify", "true");
    Exams.upload(gateway, 3, 1, 5);
    exams.awaitBatches(3, "pacs", "SENT");
    assertThat(peer.storeRequests()).isEqualTo(5);
    assertThat(peer.kept().values()).allMatch(copies -> copies.size() == 1);
    assertThat(answers("pacs").values())
        .containsOnlyOnce("DELIVERED C-FIND")
        .contains("DELIVERED 0000");
  }

  /**
   * F61: while one study waits for a silent peer, it and two others have long arrived elsewhere.
   */
  @Test
  void a_silent_destination_slows_no_other() throws Exception {
    try (ServerSocket silent = new ServerSocket(0)) {
      start(
          "associations: [{}]",
          "howdah.destination.silent.uri",
          uri(silent.getLocalPort()) + "&associateTimeout=600000",
          "howdah.batch.quiet-period",
          "100ms");
      for (long seed = 10; seed < 13; seed++) {
        Exams.upload(gateway, seed, 1, 2);
        exams.awaitBatches(seed, "pacs", "SENT");
      }
      assertThat(exams.batches(10, "silent")).containsExactly("SENDING");
    } // which ends the connection that was never taken
  }

  @Test
  void a_dead_destination_slows_no_other_and_gets_everything_when_it_is_back() throws Exception {
    int port;
    try (ServerSocket taken = new ServerSocket(0)) {
      port = taken.getLocalPort();
    }
    start("associations: [{}]", "howdah.destination.dead.uri", uri(port));
    for (long seed = 10; seed < 15; seed++) {
      Exams.upload(gateway, seed, 1, 2);
      exams.awaitBatches(seed, "pacs", "SENT");
    }
    JsonNode dead =
        gateway.send(Wire.Request.of("GET", "/destinations")).json().path("destinations").get(0);
    assertThat(dead.path("name").asText()).isEqualTo("dead");
    assertThat(dead.path("circuit").asText()).isEqualTo("open");
    assertThat(dead.path("batches").path("FAILED").asInt()).isZero();
    try (ToyPeer back =
        ToyPeer.start(ToyScript.parse("{port: " + port + ", associations: [{}]}"))) {
      for (long seed = 10; seed < 15; seed++) {
        exams.awaitBatches(seed, "dead", "SENT");
      }
      assertThat(back.kept()).hasSize(10);
    }
    assertThat(exams.ask("SELECT SUM(attempts) FROM exam_batches")).containsExactly("0");
  }

  @Test
  void an_instance_that_comes_late_follows_on_an_association_of_its_own() throws Exception {
    start("associations: [{}]");
    Exams.upload(gateway, 8, 1, 5);
    exams.awaitBatches(8, "pacs", "SENT");
    Exams.upload(gateway, 8, 6, 6);
    exams.awaitBatches(8, "pacs", "SENT", "SENT");
    assertThat(peer.associations()).isEqualTo(2);
    assertThat(peer.storeRequests()).isEqualTo(6);
    assertThat(
            exams.ask("SELECT generation || ' ' || instance_count FROM exam_batches ORDER BY id"))
        .containsExactly("1 5", "2 1");
  }

  @Test
  void an_operator_completes_holds_releases_and_requeues_over_http() throws Exception {
    start("associations: [{otherwise: A900}, {}]", "howdah.destination.pacs.quiet-period", "1h");
    Exams.upload(gateway, 9, 1, 3);
    exams.awaitBatches(9, "pacs", "PENDING");
    await()
        .atMost(Exams.LIMIT)
        .until(
            () ->
                gateway
                        .send(Wire.Request.of("GET", "/batches?status=pending"))
                        .json()
                        .at("/results/0/instance_count")
                        .asInt()
                    == 3);
    assertThat(post("/batches/1/hold").path("held").asBoolean()).isTrue();
    assertThat(post("/batches/1/release").path("held").asBoolean()).isFalse();
    post("/batches/1/complete");
    exams.awaitBatches(9, "pacs", "FAILED");
    JsonNode failed = gateway.send(Wire.Request.of("GET", "/batches/1")).json();
    assertThat(failed.path("completion_reason").asText()).isEqualTo("OPERATOR");
    assertThat(failed.path("refused_count").asInt()).isEqualTo(3);
    assertThat(failed.path("instances")).hasSize(3);
    assertThat(failed.at("/instances/0/peer_status").asText()).isEqualTo("A900");
    post("/batches/1/requeue");
    exams.awaitBatches(9, "pacs", "SENT");
    assertThat(status("POST", "/batches/1/requeue")).isEqualTo(409);
    assertThat(status("POST", "/batches/1/burn")).isEqualTo(404);
    assertThat(status("POST", "/batches/99/hold")).isEqualTo(404);
    assertThat(status("GET", "/batches/99")).isEqualTo(404);
    assertThat(status("GET", "/batches?status=LOST")).isEqualTo(422);
    assertThat(status("GET", "/batches?page=0")).isEqualTo(422);
    Wire.Request headers =
        Wire.Request.of("GET", "/batches")
            .with("status", "LOST")
            .with("page", "0")
            .with("study", "none")
            .with("destination", "none");
    assertThat(gateway.send(headers).json().path("results"))
        .isEqualTo(gateway.send(Wire.Request.of("GET", "/batches")).json().path("results"))
        .isNotEmpty();
    JsonNode figures =
        gateway.send(Wire.Request.of("GET", "/batches")).json().at("/destinations/0");
    assertThat(figures.path("sent_last_24h").asInt()).isEqualTo(1);
    assertThat(figures.path("average_batch_size").asDouble()).isEqualTo(3);
    assertThat(figures.path("associations").asInt()).isEqualTo(2);
  }

  private JsonNode post(String path) throws Exception {
    Wire.Answer answer = gateway.send(Wire.Request.of("POST", path).body(new byte[0]));
    assertThat(answer.status()).as(path).isEqualTo(200);
    return answer.json();
  }

  private int status(String method, String path) throws Exception {
    return gateway.send(Wire.Request.of(method, path).body(new byte[0])).status();
  }

  @Test
  void instances_go_only_where_they_match() throws Exception {
    start(
        "associations: [{}]",
        "howdah.destination.pacs.match",
        "modality=CT; StudyDescription=Test*",
        "howdah.destination.mr.uri",
        uri(1),
        "howdah.destination.mr.match",
        "modality=MR|PT",
        "howdah.destination.scanner.uri",
        uri(1),
        "howdah.destination.scanner.match",
        "calling-ae=CT*");
    Exams.upload(gateway, 20, 1, 2);
    exams.awaitBatches(20, "pacs", "SENT");
    assertThat(exams.ask("SELECT COUNT(*) FROM exam_batches")).containsExactly("1");
  }

  @Test
  void a_closed_window_keeps_a_batch_ready() throws Exception {
    int hour = java.time.LocalTime.now().plusHours(2).getHour();
    String later = String.format("%02d:00-%02d:01", hour, hour);
    start("associations: [{}]", "howdah.destination.pacs.windows", later);
    Exams.upload(gateway, 21, 1, 2);
    exams.awaitBatches(21, "pacs", "READY");
    await().during(Duration.ofSeconds(1)).until(() -> peer.associations() == 0);
  }

  private static com.sun.net.httpserver.HttpServer http(com.sun.net.httpserver.HttpHandler handler)
      throws Exception {
    var server =
        com.sun.net.httpserver.HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", handler);
    server.start();
    return server;
  }

  @Test
  void an_http_destination_gets_files_one_by_one_and_its_status_decides() throws Exception {
    Map<String, byte[]> received = new ConcurrentHashMap<>();
    Set<String> headers = ConcurrentHashMap.newKeySet();
    AtomicInteger posts = new AtomicInteger();
    var server =
        http(
            exchange -> {
              byte[] body = exchange.getRequestBody().readAllBytes();
              headers.addAll(exchange.getRequestHeaders().keySet());
              int status = 201;
              if (exchange.getRequestMethod().equals("HEAD")) {
                status = 405;
              } else if (posts.incrementAndGet() == 2) {
                status = 503;
              } else if (posts.get() == 5) {
                status = 422;
              } else {
                received.put(exchange.getRequestHeaders().getFirst("Idempotency-Key"), body);
              }
              exchange.sendResponseHeaders(status, -1);
              exchange.close();
            });
    try {
      start(
          "associations: [{}]",
          "howdah.destination.web.uri",
          "http://127.0.0.1:" + server.getAddress().getPort() + "/in",
          "howdah.destination.pacs.match",
          "modality=NONE");
      Exams.upload(gateway, 30, 1, 5);
      exams.awaitBatches(30, "web", "FAILED");
    } finally {
      server.stop(0);
    }
    assertThat(posts).hasValue(6);
    assertThat(received).hasSize(4);
    assertThat(received.values())
        .allMatch(body -> body.length > 2000 && body[128] == 'D' && body[131] == 'M');
    assertThat(headers).noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("camel"));
    assertThat(answers("web").values())
        .containsExactlyInAnyOrder(
            "DELIVERED HTTP 201",
            "DELIVERED HTTP 201",
            "DELIVERED HTTP 201",
            "DELIVERED HTTP 201",
            "REFUSED HTTP 422");
    assertThat(exams.ask("SELECT attempts FROM exam_batches")).containsExactly("0");
  }

  @Test
  void a_folder_and_a_route_of_the_site_are_destinations_too() throws Exception {
    Path routes = Files.createDirectories(base.resolve("config/routes"));
    Files.writeString(
        routes.resolve("site.camel.yaml"),
        """
        - route:
            id: site-take
            from:
              uri: direct:site
              steps:
                - to:
                    uri: file:%s
        """
            .formatted(base.resolve("by-route")));
    start(
        "associations: [{}]",
        "howdah.destination.folder.uri",
        "file:" + base.resolve("folder"),
        "howdah.destination.site.uri",
        "direct:site");
    Exams.upload(gateway, 31, 1, 3);
    exams.awaitBatches(31, "folder", "SENT");
    exams.awaitBatches(31, "site", "SENT");
    exams.awaitBatches(31, "pacs", "SENT");
    for (String folder : List.of("folder", "by-route")) {
      for (int number = 1; number <= 3; number++) {
        assertThat(base.resolve(folder).resolve(DicomFixtures.instanceUid(31, number) + ".dcm"))
            .hasBinaryContent(DicomFixtures.instance(31, number, 2048));
      }
    }
  }

  @Test
  void what_stands_in_the_way_of_a_batch_is_seen_in_jmx_health_metrics_and_commands()
      throws Exception {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    Set<ObjectName> others = server.queryNames(new ObjectName("io.howdah:type=Batches,*"), null);
    start(
        "associations: [{otherwise: C000}, {}]",
        "howdah.destination.pacs.quiet-period",
        "1h",
        "howdah.management.port",
        "0");
    Exams.upload(gateway, 32, 1, 2);
    await()
        .atMost(Exams.LIMIT)
        .until(() -> exams.ask("SELECT instance_count FROM exam_batches").equals(List.of("2")));
    Set<ObjectName> beans = server.queryNames(new ObjectName("io.howdah:type=Batches,*"), null);
    beans.removeAll(others);
    assertThat(beans).hasSize(1);
    ObjectName bean = beans.iterator().next();
    assertThat(jmx(bean, "complete")).isEqualTo(true);
    exams.awaitBatches(32, "pacs", "FAILED");
    assertThat(jmx(bean, "hold")).isEqualTo(false);
    assertThat(server.getAttribute(bean, "Unfinished").toString()).contains("pacs FAILED");
    assertThat((String[]) server.invoke(bean, "list", new Object[0], new String[0]))
        .singleElement()
        .asString()
        .contains("C000");
    await()
        .atMost(Exams.LIMIT)
        .untilAsserted(
            () -> {
              assertThat(management("/observe/health/ready"))
                  .contains("destination-pacs", "BATCHES_FAILED");
              assertThat(management("/observe/metrics"))
                  .contains(
                      "howdah_batch_unfinished{destination=\"pacs\",status=\"FAILED\"} 1.0",
                      "howdah_batch_size_sum{destination=\"pacs\"} 2.0",
                      "howdah_send_associations_total{destination=\"pacs\",result=\"ok\"} 1.0");
            });
    assertThat(jmx(bean, "requeue")).isEqualTo(true);
    exams.awaitBatches(32, "pacs", "SENT");
  }

  private Object jmx(ObjectName bean, String operation) throws Exception {
    return ManagementFactory.getPlatformMBeanServer()
        .invoke(bean, operation, new Object[] {1L}, new String[] {"long"});
  }

  private String management(String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + gateway.managementPort() + path))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
