package io.howdah.pacsupload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.howdah.Gateway;
import io.howdah.settings.SettingsReader;
import io.howdah.support.CloudApi;
import io.howdah.support.GatewayClient;
import io.howdah.support.PacsFixture;
import io.howdah.support.TinyDicom;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway with all its flows, whose pacs.db is in trouble: what comes in by other ways is
 * archived meanwhile as fast as before, and the images are uploaded once the trouble is over.
 */
class PacsTroubleTest {
  private static final int EXAMS = 9;

  @TempDir Path directory;
  private CloudApi cloud;
  private PacsFixture pacs;
  private Gateway gateway;
  private int sent;
  private Duration usual;

  @BeforeEach
  void prepare() throws Exception {
    cloud = CloudApi.contractA();
    pacs = new PacsFixture(directory);
    pacs.image();
    Map<String, String> environment = pacs.environment(cloud);
    environment.put("HOWDAH_ROLES", "all");
    environment.put("HOWDAH_INTAKE_DISK_RESERVE", "1MB");
    environment.put("HOWDAH_DICOM_PORT", "0");
    gateway =
        Gateway.start(
            SettingsReader.read(
                directory, directory.resolve("config"), environment, new Properties()));
    awaitComplete(1);
    archived(); // the first are slow, for classes are loaded
    usual = archived();
  }

  @AfterEach
  void end() {
    gateway.close();
    cloud.close();
  }

  private UploadHealth health() {
    return gateway.parts().pacsUploads().orElseThrow().health();
  }

  private void awaitComplete(int images) {
    await()
        .atMost(Duration.ofSeconds(40))
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> assertThat(pacs.count("COMPLETE")).isEqualTo(images));
  }

  private void awaitCode(String code) {
    await()
        .atMost(Duration.ofSeconds(40))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> health().code().equals(code));
  }

  /** The median time from the first byte of an upload over HTTP to its place in the archive. */
  private Duration archived() {
    GatewayClient client = new GatewayClient(URI.create("http://127.0.0.1:" + gateway.port()));
    long[] took = new long[EXAMS];
    for (int i = 0; i < EXAMS; i++) {
      long began = System.nanoTime();
      String id = client.upload(TinyDicom.object(++sent, 512)).studyId().orElseThrow();
      await()
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(5))
          .until(() -> client.status(id).equals(Optional.of("archived")));
      took[i] = System.nanoTime() - began;
    }
    Arrays.sort(took);
    return Duration.ofNanos(took[EXAMS / 2]);
  }

  private void otherFlowsGoOn() {
    assertThat(archived())
        .as("the usual time is %s", usual)
        .isLessThan(usual.multipliedBy(2).plusMillis(200));
  }

  @Test
  void no_trouble_with_pacs_db_stops_another_flow() throws Exception {
    locked();
    damagedReadOnlyOrGone();
    besideABusyNeighbour();
  }

  private void locked() throws Exception {
    try (Connection neighbour = PacsFixture.open(pacs.database());
        Statement statement = neighbour.createStatement()) {
      pacs.image();
      statement.execute("BEGIN EXCLUSIVE");
      otherFlowsGoOn();
      statement.execute("ROLLBACK");
    }
    awaitComplete(2);
  }

  private void damagedReadOnlyOrGone() throws Exception {
    PacsFixture.query(pacs.database(), "PRAGMA wal_checkpoint(TRUNCATE)");
    byte[] whole = Files.readAllBytes(pacs.database());
    byte[] damaged = whole.clone();
    Arrays.fill(damaged, 4096, damaged.length, (byte) 0x5a);
    replaceBy(damaged);
    awaitCode("PACS_CORRUPT");
    otherFlowsGoOn();
    byte[] readOnly = whole.clone();
    readOnly[18] = 3; // a file format of the future: SQLite reads it and refuses to write it
    replaceBy(readOnly);
    awaitCode("PACS_READ_ONLY");
    otherFlowsGoOn();
    replaceBy(null);
    awaitCode("PACS_GONE");
    otherFlowsGoOn();
    replaceBy(whole);
    pacs.image();
    awaitComplete(3);
    assertThat(health().code()).isEmpty();
  }

  private void replaceBy(byte[] bytes) throws Exception {
    for (String suffix : List.of("-wal", "-shm", "")) {
      Files.deleteIfExists(Path.of(pacs.database() + suffix));
    }
    if (bytes != null) {
      Path next = Files.write(pacs.database().resolveSibling("next.db"), bytes);
      Files.move(next, pacs.database(), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private void besideABusyNeighbour() throws Exception {
    AtomicBoolean going = new AtomicBoolean(true);
    CompletableFuture<Integer> neighbour =
        CompletableFuture.supplyAsync(() -> writeWhile(going, pacs.database()));
    try {
      pacs.image();
      otherFlowsGoOn();
      awaitComplete(4);
      assertThat(health().code()).isEmpty();
    } finally {
      going.set(false);
    }
    assertThat(neighbour.join())
        .as("no update of the neighbour is lost")
        .isEqualTo(
            Integer.parseInt(
                PacsFixture.query(
                    pacs.database(), "SELECT SUM(source_aet) FROM stored_instances")));
  }

  /** Two hundred small updates a second; how many there were. */
  private static int writeWhile(AtomicBoolean going, Path database) {
    int written = 0;
    try (Connection connection = PacsFixture.open(database);
        Statement statement = connection.createStatement()) {
      while (going.get()) {
        statement.execute(
            "UPDATE stored_instances SET source_aet = COALESCE(source_aet, 0) + 1 WHERE rowid = 1");
        written++;
        LockSupport.parkNanos(5_000_000);
      }
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
    return written;
  }
}
