package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.disk.Disk;
import io.howdah.support.ClientLedger;
import io.howdah.support.GatewayProcess;
import io.howdah.support.LoopDisk;
import io.howdah.support.Pause;
import io.howdah.support.Uploaders;
import io.howdah.support.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F10: whatever moment the power goes, what was answered 202 is on the disk, bytes and row. */
class PowerCutIT {
  private static final int CUTS = Integer.getInteger("power.cuts", 10);
  private static final int SENDERS = 4;
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path directory;

  /** What senders had been told when the power went. */
  private record Cut(Path image, ClientLedger told) {}

  @Test
  void what_was_answered_is_on_the_disk_at_every_cut_and_archived_after_it() throws Exception {
    long seed = Long.getLong("power.seed", System.nanoTime());
    Random random = new Random(seed);
    List<Cut> cuts = new ArrayList<>();
    Path data = directory.resolve("disk");
    try (LoopDisk disk = LoopDisk.fresh(directory.resolve("disk.img"), "200M", data)) {
      ClientLedger ledger = new ClientLedger();
      try (GatewayProcess gateway = GatewayProcess.on(data).start();
          Uploaders uploaders = new Uploaders(gateway::uri, ledger, 1).begin(SENDERS)) {
        for (int i = 0; i < CUTS; i++) {
          int next = ledger.entries().size() + 1 + random.nextInt(20);
          Pause.until("uploads", SOON, () -> ledger.entries().size() >= next);
          gateway.signal("STOP");
          ClientLedger told = new ClientLedger();
          ledger.entries().forEach(told::add);
          Cut cut = new Cut(directory.resolve("cut-" + i + ".img"), told);
          disk.cut(cut.image());
          gateway.signal("CONT");
          cuts.add(cut);
        }
        assertThat(uploaders.strange()).isEmpty();
      }
    }
    for (Cut cut : cuts) {
      try (LoopDisk left = LoopDisk.of(cut.image(), data)) {
        assertThat(missing(data, cut.told())).as("seed %d, %s", seed, cut.image()).isEmpty();
      }
    }
    Cut last = cuts.get(cuts.size() - 1);
    try (LoopDisk left = LoopDisk.of(last.image(), data);
        GatewayProcess gateway = GatewayProcess.on(data).start()) {
      Verifier verifier = Verifier.of(data);
      verifier.awaitSettled(SOON);
      Pause.until(
          "all archived, but " + verifier.verify(last.told()),
          SOON,
          () -> verifier.verify(last.told()).isClean());
    }
    System.out.printf(
        "%d power cuts, seed %d, %d answers before the last%n",
        CUTS, seed, last.told().entries().size());
  }

  private static List<String> missing(Path data, ClientLedger told) throws Exception {
    List<String> missing = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("howdah.db"));
        Statement statement = connection.createStatement()) {
      try (ResultSet check = statement.executeQuery("PRAGMA integrity_check")) {
        check.next();
        assertThat(check.getString(1)).isEqualTo("ok");
      }
      for (ClientLedger.Acked acked : told.entries()) {
        try (ResultSet row =
            statement.executeQuery(
                "SELECT 1 FROM study WHERE study_id = '" + acked.studyId() + "'")) {
          if (!row.next()) {
            missing.add(acked.studyId() + " has no row");
          }
        }
        if (Stream.of("uploads/%s.dcm", "archive/%s/original.dcm")
            .map(name -> data.resolve(String.format(name, acked.studyId())))
            .noneMatch(file -> holds(file, acked.sha256()))) {
          missing.add(acked.studyId() + " has no bytes");
        }
      }
    }
    return missing;
  }

  private static boolean holds(Path file, String sha256) {
    try {
      return Files.isRegularFile(file) && Disk.sha256(file).equals(sha256);
    } catch (IOException e) {
      return false;
    }
  }
}
