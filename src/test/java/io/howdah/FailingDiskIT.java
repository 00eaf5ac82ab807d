package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.support.ClientLedger;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Pause;
import io.howdah.support.Strace;
import io.howdah.support.TinyDicom;
import io.howdah.support.Uploaders;
import io.howdah.support.Verifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F12 and F13: the kernel refuses what a durable file or row needs, as a worn-out disk does. Nobody
 * is told that it worked, nothing half done gets a final name, and once the disk is well the
 * gateway is, too, without anybody's help.
 */
class FailingDiskIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int REFUSALS = 6;

  private static final List<String> FAULTS =
      List.of("fsync,fdatasync:error=EIO", "link,linkat:error=EDQUOT", "pwrite64:error=ENOSPC");

  /** What the JVM itself opens and closes while nothing leaks. */
  private static final int FEW = 5;

  @TempDir Path data;
  private final ClientLedger ledger = new ClientLedger();
  private int rounds;

  @BeforeEach
  void strace() {
    assumeTrue(Strace.isInstalled(), "skipped: strace is not here, or may not trace");
  }

  private void upload(GatewayProcess gateway, int seed) {
    byte[] file = TinyDicom.object(seed, 2_000);
    assertThat(ledger.answered(gateway.client().upload(file), file)).isTrue();
  }

  private void assertClean(GatewayProcess gateway) {
    Verifier.of(data).awaitClean(ledger, LIMIT);
    assertThat(gateway.log()).doesNotContain("\tat java.base").doesNotContain("set aside");
  }

  /** One process, so that what one fault leaves behind would be seen under the next. */
  @Test
  void nobody_is_told_that_it_worked_and_all_is_well_when_the_disk_is() {
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      upload(gateway, 1);
      assertClean(gateway);
      int open = gateway.openFiles();
      for (String fault : FAULTS) {
        failAndRecover(gateway, fault);
      }
      Verifier.of(data).awaitNothingLost(ledger, LIMIT);
      Pause.until(
          "no file left open; " + gateway.openFiles() + " are, and before it were " + open,
          LIMIT,
          () -> gateway.openFiles() <= open + FEW);
      assertThat(gateway.log()).doesNotContain("\tat java.base").doesNotContain("set aside");
    }
    try (GatewayProcess gateway = GatewayProcess.on(data).start()) {
      assertClean(gateway);
    }
  }

  private void failAndRecover(GatewayProcess gateway, String fault) {
    try (Uploaders uploaders = new Uploaders(gateway::uri, ledger, ++rounds).begin(3)) {
      try (Strace.Fault failing = Strace.fault(gateway.pid(), fault)) {
        int before = uploaders.refused();
        Pause.until(
            "uploads refused under " + fault, LIMIT, () -> uploaders.refused() > before + REFUSALS);
        int acked = ledger.entries().size();
        assertThat(uploaders.strange()).as("answers other than 503 under " + fault).isEmpty();
        if (!fault.startsWith("link")) { // which no probe makes
          Pause.until("not ready under " + fault, LIMIT, () -> !gateway.management().isReady());
        }
        assertThat(ledger.entries()).as("accepted under " + fault).hasSize(acked);
      }
      int acked = ledger.entries().size();
      Pause.until("uploads again after " + fault, LIMIT, () -> ledger.entries().size() > acked + 5);
      Pause.until("ready again after " + fault, LIMIT, () -> gateway.management().isReady());
    }
  }

  /** What was accepted before waits; a disk that fails costs it time and no attempt. */
  @Test
  void accepted_work_waits_for_the_disk_and_spends_no_attempt() {
    try (GatewayProcess gateway =
        GatewayProcess.on(data).set("howdah.work.max-attempts", "1").start()) {
      upload(gateway, 1);
      assertClean(gateway);
      try (Strace.Fault archiveOnly = Strace.fault(gateway.pid(), "mkdir:error=EIO")) {
        upload(gateway, 2);
        Pause.until("given back", LIMIT, () -> !gateway.said("work given back").isEmpty());
      }
      assertClean(gateway);
      assertThat(Verifier.of(data).verify(ledger).archived()).isEqualTo(2);
    }
  }
}
