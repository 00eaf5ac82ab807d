package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.disk.CrashPoint;
import io.howdah.support.FaultyProxy;
import io.howdah.support.GatewayClient;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Pause;
import io.howdah.support.RunningGateway;
import io.howdah.support.SessionHistory;
import io.howdah.support.TinyDicom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * A site and its hub as two processes, either of which dies: at every place between two durable
 * steps of a session, in small ones and in a large one. In the end each file is one image, its
 * digest equal, its session's history complete and verifiable.
 */
class SiteAndHubIT {
  private static final String SESSIONS = "/api/v1/visits/7/radiology/upload-sessions/";
  private static final Duration LIMIT = Duration.ofSeconds(180);

  @TempDir Path base;
  private final int hubPort = GatewayProcess.Setup.freePort();
  private GatewayProcess hub;
  private FaultyProxy line;

  @BeforeEach
  void startHub() {
    hub = hubSetup().start();
    line = new FaultyProxy(hubPort);
  }

  @AfterEach
  void stopHub() {
    line.close();
    hub.close();
  }

  private GatewayProcess.Setup hubSetup() {
    return GatewayProcess.on(base.resolve("hub"))
        .set("howdah.roles", "hub")
        .set("howdah.http.port", Integer.toString(hubPort));
  }

  private GatewayProcess.Setup siteSetup() {
    try {
      return GatewayProcess.on(base.resolve("site"))
          .set("howdah.roles", "sessions,sync")
          .set("howdah.sync.after", "0s")
          .set("howdah.sync.probe", "1s")
          .set("howdah.sync.hub.url", line.uri().toString())
          .set("howdah.sessions.retention", "0s")
          .set("howdah.sessions.allowed-paths", base.toRealPath().toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(int serial, int size) {
    try {
      return Files.write(
          base.toRealPath().resolve(serial + ".dcm"), TinyDicom.object(serial, size));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String body(int order, Path file) {
    return "{\"radiology_order_id\":"
        + order
        + ",\"file_name\":\"a.dcm\",\"local_file_path\":\""
        + file
        + "\"}";
  }

  /** The session of a file; empty when the site died over it. */
  private static Optional<String> created(GatewayProcess site, int order, Path file) {
    try {
      GatewayClient.Reply reply =
          site.client().post(SESSIONS + "create_session/", body(order, file));
      assertThat(reply.status()).as("%s", reply.body()).isIn(200, 201);
      return Optional.of(reply.body().get("session_id").asText());
    } catch (UncheckedIOException e) {
      return Optional.empty();
    }
  }

  private static JsonNode acknowledged(GatewayProcess site, String id) {
    Pause.until(
        "session " + id + " to be acknowledged\n" + site.log(),
        LIMIT,
        () ->
            site.client().get(SESSIONS + id).body().path("status").asText().equals("ACK_RECEIVED"));
    return site.client().get(SESSIONS + id).body();
  }

  @TestFactory
  Stream<DynamicTest> the_site_dies_between_any_two_steps() {
    List<String> points = new ArrayList<>();
    for (CrashPoint point : CrashPoint.values()) {
      if (point.name().startsWith("SESSION_")) {
        points.add(point.name());
      }
    }
    assertThat(points).hasSizeGreaterThan(8);
    Map<Integer, Path> files = new HashMap<>();
    List<DynamicTest> tests = new ArrayList<>();
    for (String point : points) {
      tests.add(DynamicTest.dynamicTest(point, () -> dieAt(point, files)));
    }
    tests.add(DynamicTest.dynamicTest("and then no death at all", () -> allIsWell(files)));
    return tests.stream();
  }

  private void dieAt(String point, Map<Integer, Path> files) {
    try (GatewayProcess site = siteSetup().crashingAt(point).launch()) {
      if (site.awaitReady()) {
        int order = files.size() + 1;
        files.put(order, file(order, 2_000_000));
        created(site, order, files.get(order));
      }
      assertThat(site.awaitExit(LIMIT)).as("%s: %s", point, site.log()).isEqualTo(137);
    }
  }

  private void allIsWell(Map<Integer, Path> files) throws IOException {
    List<Long> images = new ArrayList<>();
    try (GatewayProcess site = siteSetup().start()) {
      for (Map.Entry<Integer, Path> file : files.entrySet()) {
        String id = created(site, file.getKey(), file.getValue()).orElseThrow();
        JsonNode session = acknowledged(site, id);
        assertThat(session.get("retry_count").asInt()).as("a death costs no retry").isZero();
        images.add(session.get("server_image_id").asLong());
      }
      assertThat(images).doesNotHaveDuplicates();
      site.sigterm(Duration.ofSeconds(30));
    }
    letAnHourPassForCopies();
    try (GatewayProcess site = siteSetup().start()) { // which looks for copies soon, then seldom
      allCopiesGo();
      site.sigterm(Duration.ofSeconds(30));
    }
    history().isComplete(files.size());
    assertThat(imagesAtTheHub()).isEqualTo(files.size());
  }

  /** A copy whose site died before its row was written is removed once nobody can be at it. */
  private void letAnHourPassForCopies() throws IOException {
    FileTime then = FileTime.from(Instant.now().minus(Duration.ofHours(2)));
    try (Stream<Path> copies = Files.list(base.resolve("site/sessions"))) {
      for (Path copy : copies.filter(Files::isRegularFile).toList()) {
        try {
          Files.setLastModifiedTime(copy, then);
        } catch (NoSuchFileException e) {
          // it is gone already
        }
      }
    }
  }

  private void allCopiesGo() {
    Pause.until(
        "every copy to go",
        LIMIT,
        () -> RunningGateway.names(base.resolve("site/sessions")).isEmpty());
  }

  private List<Path> images() throws IOException {
    try (Stream<Path> all = Files.walk(base.resolve("hub/hub/radiology"))) {
      return all.filter(file -> file.endsWith("original.dcm")).toList();
    }
  }

  private long imagesAtTheHub() throws IOException {
    return images().size();
  }

  private SessionHistory history() {
    return new SessionHistory(base.resolve("site/howdah.db"));
  }

  /** Where a site dies over one large session, in the order of its way. */
  private static final List<String> DEATHS_OF_THE_SITE =
      List.of(
          "SESSION_RECORDED",
          "SESSION_METADATA_UPLOADING",
          "SESSION_METADATA_UPLOADED",
          "SESSION_BINARY_UPLOADING",
          "SESSION_CHUNK_SENT",
          "SESSION_CHUNK_SENT:20",
          "SESSION_BYTES_SENT",
          "SESSION_SYNCED",
          "SESSION_ACK_RECEIVED",
          "SESSION_FILE_DELETED");

  /** What follows HUB_RECORDED is done by the start after it. */
  private static final List<String> DEATHS_OF_THE_HUB =
      List.of(
          "HUB_BYTES_WRITTEN:9",
          "HUB_BYTES_SYNCED:9",
          "HUB_RECEIVED",
          "HUB_VERIFIED",
          "HUB_LINKED",
          "HUB_DIRECTORY_SYNCED",
          "HUB_RECORDED");

  /** Each side goes through its deaths without waiting for the other's. */
  @Test
  void either_side_dies_at_every_step_of_one_large_session() throws Exception {
    int chunk = 4 << 20;
    Path file = file(1, 200_000_000);
    hub.kill9();
    CompletableFuture<Void> hubDies =
        CompletableFuture.runAsync(
            () -> {
              DEATHS_OF_THE_HUB.forEach(point -> dies(hubSetup().crashingAt(point), point));
              hub = hubSetup().start();
            });
    for (String point : DEATHS_OF_THE_SITE) {
      GatewayProcess.Setup setup =
          siteSetup().set("howdah.sync.chunk-size", "4MB").crashingAt(point);
      try (GatewayProcess site = setup.launch()) {
        if (point.equals("SESSION_RECORDED")) {
          assertThat(site.awaitReady()).isTrue();
          assertThat(created(site, 1, file)).as("it died over it").isEmpty();
        }
        assertThat(site.awaitExit(LIMIT)).as("%s: %s", point, site.log()).isEqualTo(137);
      }
    }
    hubDies.get();
    try (GatewayProcess site = siteSetup().start()) {
      JsonNode session = acknowledged(site, created(site, 1, file).orElseThrow());
      assertThat(session.get("retry_count").asInt()).as("a death costs no retry").isZero();
      allCopiesGo();
      site.sigterm(Duration.ofSeconds(30));
    }
    int deaths = DEATHS_OF_THE_SITE.size() + DEATHS_OF_THE_HUB.size();
    long again = line.requestBytes() - Files.size(file);
    System.out.printf(
        "200 MB through %d deaths: %d bytes sent again, headers included%n", deaths, again);
    assertThat(again)
        .as("one chunk a death at most, and the requests' headers")
        .isLessThan((long) deaths * chunk + 2_000_000);
    history().isComplete(1);
    assertThat(history().attempts()).as("an offset never falls").isSorted();
    assertThat(imagesAtTheHub()).isEqualTo(1);
    assertThat(Files.mismatch(file, images().get(0))).isEqualTo(-1);
  }

  private static void dies(GatewayProcess.Setup setup, String point) {
    try (GatewayProcess process = setup.launch()) {
      assertThat(process.awaitExit(LIMIT)).as("%s: %s", point, process.log()).isEqualTo(137);
    }
  }
}
