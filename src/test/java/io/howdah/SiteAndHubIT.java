package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.audit.AuditEntry;
import io.howdah.audit.AuditVerification;
import io.howdah.disk.CrashPoint;
import io.howdah.session.SessionState;
import io.howdah.settings.Settings;
import io.howdah.storage.Database;
import io.howdah.storage.SqlAudit;
import io.howdah.support.FaultyProxy;
import io.howdah.support.GatewayClient;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Pause;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * A site and its hub as two processes, either of which dies: at every place between two durable
 * steps of a session, and at arbitrary moments of a large one. In the end each file is one image,
 * its digest equal, its session's history complete and verifiable.
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
      letAnHourPassForCopies();
      Pause.until(
          "every copy to go",
          LIMIT,
          () -> io.howdah.support.RunningGateway.names(base.resolve("site/sessions")).isEmpty());
      site.sigterm(Duration.ofSeconds(30));
    }
    historyIsComplete(files.size());
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

  private List<Path> images() throws IOException {
    try (Stream<Path> all = Files.walk(base.resolve("hub/hub/radiology"))) {
      return all.filter(file -> file.endsWith("original.dcm")).toList();
    }
  }

  private long imagesAtTheHub() throws IOException {
    return images().size();
  }

  /**
   * Every session's changes lead from QUEUED to ACK_RECEIVED without a gap, and none was touched.
   */
  private void historyIsComplete(int sessions) {
    try (Database database =
        Database.open(
            new Settings.Database(
                "jdbc:sqlite:" + base.resolve("site/howdah.db"), "", Optional.empty(), 2))) {
      SqlAudit audit = new SqlAudit(database);
      AuditVerification verified = AuditVerification.of(audit, List.of());
      assertThat(verified.faults()).isEmpty();
      Map<String, SessionState> states = new HashMap<>();
      for (AuditEntry entry : audit.after(0, 100_000)) {
        if (entry.to().isPresent()) {
          SessionState to = SessionState.valueOf(entry.to().get());
          SessionState before = states.put(entry.item(), to);
          assertThat(entry.from().map(SessionState::valueOf))
              .isEqualTo(Optional.ofNullable(before));
          assertThat(before == null ? to == SessionState.QUEUED : before.leadsTo(to)).isTrue();
        }
      }
      assertThat(states.values()).hasSize(sessions).containsOnly(SessionState.ACK_RECEIVED);
    }
  }

  @Test
  void either_side_is_killed_again_and_again_during_a_large_session() throws IOException {
    int size = 200_000_000;
    int chunk = 4 << 20;
    Path file = file(1, size);
    int kills = 0;
    GatewayProcess site = siteSetup().set("howdah.sync.chunk-size", "4MB").start();
    try {
      String id = created(site, 1, file).orElseThrow();
      for (int percent = 10; percent <= 90; percent += 10) {
        long goal = (long) size / 100 * percent;
        Pause.until(percent + " % to have gone", LIMIT, () -> line.requestBytes() > goal);
        kills++;
        if (kills % 2 == 0) {
          site.kill9();
          site = siteSetup().set("howdah.sync.chunk-size", "4MB").start();
        } else {
          hub.kill9();
          hub = hubSetup().start();
        }
      }
      JsonNode session = acknowledged(site, id);
      assertThat(session.get("retry_count").asInt()).isZero();
      site.sigterm(Duration.ofSeconds(30));
    } finally {
      site.close();
    }
    long again = line.requestBytes() - Files.size(file);
    System.out.printf(
        "200 MB through %d kills: %d bytes sent again, headers included%n", kills, again);
    assertThat(again)
        .as("one chunk a kill at most, and the requests' headers")
        .isLessThan((long) kills * chunk + 2_000_000);
    historyIsComplete(1);
    assertThat(imagesAtTheHub()).isEqualTo(1);
    assertThat(Files.mismatch(file, images().get(0))).isEqualTo(-1);
  }
}
