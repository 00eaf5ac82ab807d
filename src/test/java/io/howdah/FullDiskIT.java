package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.ClientLedger;
import io.howdah.support.GatewayClient;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Management;
import io.howdah.support.Mount;
import io.howdah.support.Pause;
import io.howdah.support.TinyDicom;
import io.howdah.support.Verifier;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F20 to F25: file systems that are full, out of inodes, read-only or not there, and are well again
 * while the gateway runs. Nothing accepted is lost, and nobody has to lend a hand.
 */
class FullDiskIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path data;
  @TempDir Path elsewhere;
  private final ClientLedger ledger = new ClientLedger();
  private final List<Mount> mounts = new ArrayList<>();
  private int seed;

  @AfterEach
  void unmount() {
    mounts.forEach(Mount::close);
  }

  private Mount mounted(Mount mount) {
    mounts.add(mount);
    return mount;
  }

  private GatewayClient.Reply upload(GatewayClient client) {
    byte[] file = TinyDicom.object(++seed, 50_000);
    GatewayClient.Reply reply = client.upload(file);
    ledger.answered(reply, file);
    return reply;
  }

  private void assertAccepted(GatewayClient client) {
    GatewayClient.Reply reply = upload(client);
    assertThat(reply.status()).as(reply.toString()).isEqualTo(202);
  }

  /** Sends until it is refused; that answer. */
  private GatewayClient.Reply uploadUntilRefused(GatewayClient client) {
    for (int i = 0; i < 2_000; i++) {
      GatewayClient.Reply reply = upload(client);
      if (reply.status() != 202) {
        return reply;
      }
    }
    throw new AssertionError("2000 files were taken on a disk that is smaller");
  }

  private void assertClean() {
    Verifier.of(data).awaitClean(ledger, LIMIT);
  }

  /** Fills a file system to its last byte. */
  private static Path ballast(Path folder) {
    Path file = folder.resolve(".howdah-ballast");
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] block = new byte[4096];
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      return file; // full
    }
  }

  private static void remove(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * F20 and F23. What is refused first is an upload that would leave less than the reserve; health
   * speaks up a tenth of the reserve (600 kB) before, so more than an upload (50 kB) before.
   */
  @Test
  void at_the_reserve_uploads_are_507_before_the_disk_is_full_and_accepted_work_is_finished() {
    mounted(Mount.small(data, "size=24m"));
    try (GatewayProcess gateway =
        GatewayProcess.on(data).set("howdah.intake.disk-reserve", "6MB").start()) {
      GatewayClient client = gateway.client();
      GatewayClient.Reply refused = uploadUntilRefused(client);
      assertThat(refused.status()).isEqualTo(507);
      assertThat(refused.body().path("code").asText()).isEqualTo("DISK_FULL");
      assertThat(ledger.entries()).hasSizeGreaterThan(50);
      assertThat(gateway.management().code("disk")).isEqualTo("DISK_RESERVE");
      assertClean();
      assertThat(gateway.log())
          .doesNotContain("No space left")
          .doesNotContain("not stored")
          .doesNotContain("commit failed");
    }
  }

  /** F20, to the last byte. */
  @Test
  void on_a_full_disk_nothing_is_accepted_what_was_is_kept_and_goes_on_when_there_is_room() {
    mounted(Mount.small(data, "size=24m"));
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      GatewayClient client = gateway.client();
      Management management = gateway.management();
      for (int i = 0; i < 20; i++) {
        assertAccepted(client);
      }
      Path ballast = ballast(data);
      GatewayClient.Reply refused = uploadUntilRefused(client);
      assertThat(refused.status()).as(refused.toString()).isIn(503, 507);
      assertThat(management.isReady()).isFalse();
      for (int i = 0; i < 10; i++) {
        assertThat(upload(client).status()).isIn(503, 507);
      }
      remove(ballast);
      Pause.until("uploads again", LIMIT, () -> upload(client).status() == 202);
      Pause.until("ready again", LIMIT, management::isReady);
      Verifier.of(data).awaitNothingLost(ledger, LIMIT);
    }
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      assertThat(gateway.isAlive()).isTrue();
      assertClean();
    }
  }

  /** F21. */
  @Test
  void when_only_the_database_has_no_room_nothing_is_accepted_and_it_recovers_in_place() {
    Path small = data.resolve("small");
    mounted(Mount.small(small, "size=8m"));
    String url = "jdbc:sqlite:" + small.resolve("howdah.db");
    try (GatewayProcess gateway = GatewayProcess.on(data).set("howdah.db.url", url).start()) {
      GatewayClient client = gateway.client();
      assertAccepted(client);
      Path ballast = ballast(small);
      GatewayClient.Reply refused = uploadUntilRefused(client);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.body().path("code").asText()).isEqualTo("STORE_UNAVAILABLE");
      assertThat(gateway.management().code("database")).isEqualTo("DATABASE_NOT_WRITABLE");
      remove(ballast);
      Pause.until("uploads again", LIMIT, () -> upload(client).status() == 202);
      Verifier.of(data, url).awaitNothingLost(ledger, LIMIT);
    }
    try (GatewayProcess gateway = GatewayProcess.on(data).set("howdah.db.url", url).start()) {
      assertThat(gateway.isAlive()).isTrue();
      Verifier.of(data, url).awaitClean(ledger, LIMIT);
    }
  }

  /** F22. */
  @Test
  void without_inodes_nothing_is_accepted_and_it_recovers() {
    Path uploads = data.resolve("uploads");
    mounted(Mount.small(uploads, "size=8m,nr_inodes=40"));
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      GatewayClient client = gateway.client();
      assertAccepted(client);
      List<Path> crowd = new ArrayList<>();
      try {
        for (int i = 0; i < 100; i++) {
          crowd.add(Files.createFile(uploads.resolve(".howdah-crowd-" + i)));
        }
      } catch (IOException e) {
        assertThat(crowd).as("inodes taken").isNotEmpty();
      }
      assertThat(uploadUntilRefused(client).status()).isEqualTo(503);
      Pause.until(
          "health knows of it too",
          LIMIT,
          () -> gateway.management().code("folders").equals("FOLDER_NOT_WRITABLE"));
      crowd.forEach(FullDiskIT::remove);
      Pause.until("uploads again", LIMIT, () -> upload(client).status() == 202);
      Pause.until("ready again", LIMIT, gateway.management()::isReady);
      assertClean();
    }
  }

  /** F24. */
  @Test
  void a_file_system_that_turns_read_only_and_back_costs_time_only() {
    Mount disk = mounted(Mount.small(data.resolve("uploads"), "size=64m"));
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      GatewayClient client = gateway.client();
      assertAccepted(client);
      assertClean();
      Pause.until("nothing open for writing", LIMIT, () -> disk.isReadOnly(true));
      assertThat(upload(client).status()).isEqualTo(503);
      Pause.until("not ready", LIMIT, () -> !gateway.management().isReady());
      assertThat(disk.isReadOnly(false)).isTrue();
      Pause.until("uploads again", LIMIT, () -> upload(client).status() == 202);
      Pause.until("ready again", LIMIT, gateway.management()::isReady);
      assertClean();
    }
  }

  /** F25. */
  @Test
  void under_a_lost_archive_nothing_is_written_and_the_studies_wait_for_it() throws IOException {
    Path archive = data.resolve("archive");
    Path real = Files.createDirectory(elsewhere.resolve("archive"));
    Mount mount = mounted(Mount.of(real, archive));
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      GatewayClient client = gateway.client();
      assertAccepted(client);
      assertClean();
      mount.close();
      assertThat(archive).isEmptyDirectory();
      assertAccepted(client);
      Pause.until("given back", LIMIT, () -> !gateway.said("work given back").isEmpty());
      assertThat(gateway.management().code("folders")).isEqualTo("FOLDER_NOT_OURS");
      assertThat(archive).isEmptyDirectory();
      mounted(Mount.of(real, archive));
      assertClean();
      Pause.until("ready again", LIMIT, gateway.management()::isReady);
    }
    mounts.forEach(Mount::close);
    try (GatewayProcess refused = GatewayProcess.on(data).launch()) {
      assertThat(refused.awaitReady()).isFalse();
      assertThat(refused.awaitExit(LIMIT)).isEqualTo(1);
      assertThat(refused.log())
          .contains("the archive folder is not the one this gateway wrote to", archive.toString())
          .doesNotContain("\tat ");
    }
    assertThat(archive).isEmptyDirectory();
  }
}
