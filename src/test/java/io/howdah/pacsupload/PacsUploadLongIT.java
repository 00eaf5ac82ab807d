package io.howdah.pacsupload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.howdah.support.CloudApi;
import io.howdah.support.GatewayProcess;
import io.howdah.support.PacsFixture;
import io.howdah.support.Pause;
import io.howdah.support.PostgresServer;
import io.howdah.support.Together;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes in real time: a minute's outage, a minute's lock and a minute beside a busy
 * neighbour, all in the same minute; two uploaders on one pacs.db.
 */
class PacsUploadLongIT {
  private static final Duration MINUTE = Duration.ofSeconds(60);
  private static final Duration BLINK = Duration.ofMillis(5);

  /** As root as well, files that forbid it are not read. */
  private static final List<String> UNPRIVILEGED =
      List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search");

  @TempDir Path directory;

  /** A cloud, a pacs.db and the gateways between them. */
  private static final class Scene implements AutoCloseable {
    final Path directory;
    final PacsFixture pacs;
    CloudApi cloud = CloudApi.contractA();

    Scene(Path directory) throws Exception {
      this.directory = Files.createDirectories(directory);
      this.pacs = new PacsFixture(directory);
    }

    GatewayProcess.Setup gateway(String data) {
      GatewayProcess.Setup setup = GatewayProcess.on(directory.resolve(data));
      Map<String, String> environment = pacs.environment(cloud);
      environment.keySet().removeAll(List.of("HOWDAH_DATA", "HOWDAH_MANAGEMENT_PORT"));
      environment.forEach(setup::variable);
      return setup;
    }

    void awaitComplete(int images, Duration limit) {
      await()
          .atMost(limit)
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(() -> assertThat(pacs.count("COMPLETE")).isEqualTo(images));
    }

    void storedOnce(List<String> uids) throws Exception {
      assertThat(pacs.count("FAILED")).isZero();
      for (String uid : uids) {
        assertThat(cloud.timesStored(uid)).isEqualTo(1);
      }
    }

    void sentOnce(List<String> uids) throws Exception {
      storedOnce(uids);
      for (String uid : uids) {
        assertThat(cloud.requestsFor(uid)).isEqualTo(1);
        assertThat(pacs.attempts(uid)).isEqualTo(1);
      }
    }

    @Override
    public void close() {
      cloud.close();
    }
  }

  private static void letPass(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      Pause.aMoment();
    }
  }

  @Test
  void a_minute_of_trouble_fails_no_image_costs_no_attempt_and_loses_no_update() {
    List<Together.Work> troubles =
        List.of(
            thread -> aMinuteWithoutACloud(),
            thread -> aLockOfAMinute(),
            thread -> aMinuteBesideABusyNeighbour());
    Together.run(troubles.size(), Duration.ofMinutes(5), n -> troubles.get(n).run(n));
  }

  private void aMinuteWithoutACloud() throws Exception {
    try (Scene scene = new Scene(directory.resolve("outage"))) {
      int port = scene.cloud.port();
      scene.cloud.close();
      List<String> uids = scene.pacs.images(1_000, 600);
      try (GatewayProcess gateway = scene.gateway("data").start()) {
        letPass(MINUTE);
        assertThat(scene.pacs.count("FAILED")).isZero();
        assertThat(gateway.said("Batch complete: 0/")).isNotEmpty();
        scene.cloud = CloudApi.contractA(port);
        scene.awaitComplete(uids.size(), Duration.ofSeconds(120));
        scene.storedOnce(uids);
      }
    }
  }

  private void aLockOfAMinute() throws Exception {
    try (Scene scene = new Scene(directory.resolve("lock"))) {
      List<String> uids = scene.pacs.images(400, 20_000);
      try (GatewayProcess gateway = scene.gateway("data").start();
          Connection neighbour = PacsFixture.open(scene.pacs.database());
          Statement statement = neighbour.createStatement()) {
        await().atMost(Duration.ofSeconds(60)).until(() -> !scene.cloud.stored().isEmpty());
        // the uploader's own busy timeout is 30 s: it meets the lock twice
        statement.execute("BEGIN EXCLUSIVE");
        letPass(MINUTE);
        statement.execute("ROLLBACK");
        scene.awaitComplete(uids.size(), Duration.ofSeconds(60));
        scene.sentOnce(uids);
        assertThat(gateway.said("pacs.db is locked by another process")).isNotEmpty();
      }
    }
  }

  /** F32, with images that come all the time. */
  private void aMinuteBesideABusyNeighbour() throws Exception {
    try (Scene scene = new Scene(directory.resolve("neighbour"))) {
      List<String> uids = new ArrayList<>(scene.pacs.images(100, 600));
      try (GatewayProcess gateway = scene.gateway("data").start();
          Connection neighbour = PacsFixture.open(scene.pacs.database());
          Statement statement = neighbour.createStatement()) {
        int written = 0;
        for (long end = System.nanoTime() + MINUTE.toNanos(); System.nanoTime() < end; written++) {
          if (written % 500 == 0) {
            uids.addAll(scene.pacs.images(20, 600));
          }
          statement.execute(
              "UPDATE stored_instances SET source_aet = COALESCE(source_aet, 0) + 1 WHERE rowid = "
                  + (1 + written % 100));
          LockSupport.parkNanos(BLINK.toNanos());
        }
        scene.awaitComplete(uids.size(), Duration.ofSeconds(60));
        scene.sentOnce(uids);
        assertThat(
                PacsFixture.query(
                    scene.pacs.database(), "SELECT SUM(source_aet) FROM stored_instances"))
            .as("no update of the neighbour is lost")
            .isEqualTo(Integer.toString(written));
        assertThat(PacsFixture.query(scene.pacs.database(), "PRAGMA integrity_check"))
            .isEqualTo("ok");
        assertThat(gateway.said("pacs.db is locked by another process")).isEmpty();
      }
    }
  }

  /** F31: a pacs.db that may not be opened is named, and served once it may. */
  @Test
  void a_pacs_db_that_may_not_be_opened_is_named_and_served_once_it_may() throws Exception {
    assumeThat(Files.isExecutable(Path.of("/usr/bin/setpriv")))
        .as("setpriv (util-linux) takes root's right to read all")
        .isTrue();
    try (Scene scene = new Scene(directory)) {
      String uid = scene.pacs.image();
      PacsFixture.query(scene.pacs.database(), "PRAGMA wal_checkpoint(TRUNCATE)");
      Set<PosixFilePermission> before = Files.getPosixFilePermissions(scene.pacs.database());
      Files.setPosixFilePermissions(scene.pacs.database(), Set.of());
      try (GatewayProcess gateway = scene.gateway("data").through(UNPRIVILEGED).start()) {
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> gateway.management().code("pacs-upload").equals("PACS_NOT_PERMITTED"));
        Files.setPosixFilePermissions(scene.pacs.database(), before);
        scene.awaitComplete(1, Duration.ofSeconds(30));
        scene.sentOnce(List.of(uid));
      }
    }
  }

  @Test
  void two_processes_on_one_pacs_db_never_send_a_row_twice_and_one_does_the_work_of_both()
      throws Exception {
    try (Scene scene = new Scene(directory)) {
      List<String> uids = scene.pacs.images(600, 2_000);
      try (GatewayProcess one = scene.gateway("one").start();
          GatewayProcess two = scene.gateway("two").start()) {
        scene.awaitComplete(uids.size(), Duration.ofSeconds(120));
        scene.sentOnce(uids);
        assertThat(one.said("Successfully uploaded")).isNotEmpty();
        assertThat(two.isAlive()).isTrue();
      }
    }
  }

  @Test
  void two_processes_that_share_a_postgresql_take_up_what_a_killed_one_left() throws Exception {
    try (Scene scene = new Scene(directory)) {
      List<String> uids = scene.pacs.images(600, 2_000);
      String url = PostgresServer.newDatabase();
      try (GatewayProcess one = scene.gateway("one").set("howdah.db.url", url).start();
          GatewayProcess two = scene.gateway("two").set("howdah.db.url", url).start()) {
        await().atMost(Duration.ofSeconds(60)).until(() -> scene.cloud.stored().size() > 50);
        one.kill9();
        scene.awaitComplete(uids.size(), Duration.ofSeconds(120));
        scene.storedOnce(uids);
        assertThat(two.isAlive()).isTrue();
      }
    }
  }
}
