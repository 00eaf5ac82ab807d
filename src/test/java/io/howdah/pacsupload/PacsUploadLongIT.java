package io.howdah.pacsupload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.howdah.support.CloudApi;
import io.howdah.support.GatewayProcess;
import io.howdah.support.PacsFixture;
import io.howdah.support.Pause;
import io.howdah.support.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes in real time: a minute's outage, a minute's lock, two uploaders on one pacs.db.
 */
class PacsUploadLongIT {
  private static final Duration MINUTE = Duration.ofSeconds(60);

  @TempDir Path directory;
  private CloudApi cloud;
  private PacsFixture pacs;

  @BeforeEach
  void prepare() throws Exception {
    cloud = CloudApi.contractA();
    pacs = new PacsFixture(directory);
  }

  @AfterEach
  void end() {
    cloud.close();
  }

  private GatewayProcess.Setup gateway(String data) {
    GatewayProcess.Setup setup = GatewayProcess.on(directory.resolve(data));
    Map<String, String> environment = pacs.environment(cloud);
    environment.keySet().removeAll(List.of("HOWDAH_DATA", "HOWDAH_MANAGEMENT_PORT"));
    environment.forEach(setup::variable);
    return setup;
  }

  private void awaitComplete(int images, Duration limit) {
    await()
        .atMost(limit)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(() -> assertThat(pacs.count("COMPLETE")).isEqualTo(images));
  }

  private static void letPass(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      Pause.aMoment();
    }
  }

  private void storedOnce(List<String> uids) throws Exception {
    assertThat(pacs.count("FAILED")).isZero();
    for (String uid : uids) {
      assertThat(cloud.timesStored(uid)).isEqualTo(1);
    }
  }

  @Test
  void a_minute_without_a_cloud_fails_none_of_a_thousand_images() throws Exception {
    int port = cloud.port();
    cloud.close();
    List<String> uids = pacs.images(1_000, 600);
    try (GatewayProcess gateway = gateway("data").start()) {
      letPass(MINUTE);
      assertThat(pacs.count("FAILED")).isZero();
      assertThat(gateway.said("Batch complete: 0/")).isNotEmpty();
      cloud = CloudApi.contractA(port);
      awaitComplete(uids.size(), Duration.ofSeconds(120));
      storedOnce(uids);
    }
  }

  @Test
  void a_lock_of_a_minute_on_pacs_db_costs_no_attempt_and_no_outcome() throws Exception {
    List<String> uids = pacs.images(400, 20_000);
    try (GatewayProcess gateway = gateway("data").start();
        Connection neighbour = PacsFixture.open(pacs.database());
        Statement statement = neighbour.createStatement()) {
      await().atMost(Duration.ofSeconds(60)).until(() -> !cloud.stored().isEmpty());
      // the uploader's own busy timeout is 30 s: it meets the lock twice
      statement.execute("BEGIN EXCLUSIVE");
      letPass(MINUTE);
      statement.execute("ROLLBACK");
      awaitComplete(uids.size(), Duration.ofSeconds(60));
      storedOnce(uids);
      for (String uid : uids) {
        assertThat(cloud.requestsFor(uid)).isEqualTo(1);
        assertThat(pacs.attempts(uid)).isEqualTo(1);
      }
      assertThat(gateway.said("pacs.db is locked by another process")).isNotEmpty();
    }
  }

  @Test
  void two_processes_on_one_pacs_db_never_send_a_row_twice_and_one_does_the_work_of_both()
      throws Exception {
    List<String> uids = pacs.images(600, 2_000);
    try (GatewayProcess one = gateway("one").start();
        GatewayProcess two = gateway("two").start()) {
      awaitComplete(uids.size(), Duration.ofSeconds(120));
      storedOnce(uids);
      for (String uid : uids) {
        assertThat(cloud.requestsFor(uid)).isEqualTo(1);
      }
      assertThat(one.said("Successfully uploaded")).isNotEmpty();
      assertThat(two.isAlive()).isTrue();
    }
  }

  @Test
  void two_processes_that_share_a_postgresql_take_up_what_a_killed_one_left() throws Exception {
    List<String> uids = pacs.images(600, 2_000);
    String url = PostgresServer.newDatabase();
    try (GatewayProcess one = gateway("one").set("howdah.db.url", url).start();
        GatewayProcess two = gateway("two").set("howdah.db.url", url).start()) {
      await().atMost(Duration.ofSeconds(60)).until(() -> cloud.stored().size() > 50);
      one.kill9();
      awaitComplete(uids.size(), Duration.ofSeconds(120));
      storedOnce(uids);
      assertThat(two.isAlive()).isTrue();
    }
  }
}
