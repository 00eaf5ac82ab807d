package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.disk.CrashPoint;
import io.howdah.support.ClientLedger;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Pause;
import io.howdah.support.StatusServiceStub;
import io.howdah.support.TinyDicom;
import io.howdah.support.Verifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * F02 and F03: one data directory on which the process dies at every place between two durable
 * steps, one after the other; each start recovers from the death before, unless it dies in doing
 * so. What was accepted is archived once, nothing stays in process and no file is left over.
 */
class CrashPointsIT {
  private static final Duration TO_DIE = Duration.ofSeconds(60);

  /** Leases are given free at the start, so that nothing waits for one to run out. */
  private static final Duration TO_RECOVER = Duration.ofSeconds(20);

  @TempDir static Path data;

  private final ClientLedger ledger = new ClientLedger();
  private final List<byte[]> sent = new ArrayList<>();
  private final StatusServiceStub statusService = new StatusServiceStub();
  private int serial;

  /** The points of a file's way through this process, and every commit on it by its number. */
  private static List<String> points() {
    return Stream.concat(
            Stream.of(CrashPoint.values())
                .map(CrashPoint::name)
                .filter(name -> !name.matches("(DB|PACS|BATCH|SEND|SESSION|HUB)_.*")),
            Stream.of("DB_BEFORE_COMMIT", "DB_AFTER_COMMIT")
                .flatMap(point -> Stream.of(2, 3, 4).map(turn -> point + ":" + turn)))
        .toList();
  }

  @TestFactory
  Stream<DynamicTest> a_death_here_loses_nothing_doubles_nothing_and_leaves_nothing() {
    return Stream.concat(
        points().stream().map(point -> DynamicTest.dynamicTest(point, () -> dieAt(point))),
        Stream.of(DynamicTest.dynamicTest("and then no death at all", this::recoverAndSendAgain)));
  }

  private GatewayProcess.Setup setup() {
    return GatewayProcess.on(data).variable("STATUS_SERVICE_URL", statusService.url());
  }

  private void dieAt(String point) {
    try (GatewayProcess gateway = setup().crashingAt(point).launch()) {
      if (gateway.awaitReady()) {
        recovered(gateway);
        if (gateway.isAlive()) {
          bringWork(gateway, point);
        }
      }
      assertThat(gateway.awaitExit(TO_DIE)).as("%s: %s", point, gateway.log()).isEqualTo(137);
    }
  }

  private void recoverAndSendAgain() {
    try (GatewayProcess gateway = setup().start()) {
      recovered(gateway);
      for (byte[] file : sent) {
        assertThat(ledger.answered(gateway.client().upload(file), file)).isTrue();
      }
      recovered(gateway);
      assertThat(Verifier.of(data).verify(ledger).archived())
          .as("whatever answer came first, every valid file is there once")
          .isEqualTo((int) sent.stream().filter(file -> file.length > 2000).count());
      for (ClientLedger.Acked acked : ledger.entries()) {
        Pause.until(
            "the last word about a study " + statusService.statuses(acked.studyId()),
            TO_RECOVER,
            () -> isTold(gateway.client().status(acked.studyId()), acked.studyId()));
      }
    } finally {
      statusService.close();
    }
  }

  /** A start may itself end at the point it is armed with; then it is the next one's to recover. */
  private void recovered(GatewayProcess gateway) {
    Verifier verifier = Verifier.of(data);
    long end = System.nanoTime() + TO_RECOVER.toNanos();
    while (gateway.isAlive() && !verifier.verify(ledger).isClean()) {
      assertThat(System.nanoTime()).as("%s", verifier.verify(ledger)).isLessThan(end);
      Pause.aMoment();
    }
  }

  private boolean isTold(Optional<String> status, String studyId) {
    List<String> told = statusService.statuses(studyId);
    return !told.isEmpty() && Optional.of(told.get(told.size() - 1)).equals(status);
  }

  private void bringWork(GatewayProcess gateway, String point) {
    serial++;
    if (point.equals("QUARANTINE_LINKED")) {
      dropIntoInbox("no DICOM at all".getBytes(StandardCharsets.US_ASCII));
      return;
    }
    byte[] file =
        point.equals("QUARANTINE_RECORDED")
            ? TinyDicom.truncated(serial)
            : TinyDicom.object(serial, 2048);
    sent.add(file);
    if (point.equals("INBOX_ACCEPTED")) {
      dropIntoInbox(file);
      return;
    }
    try {
      ledger.answered(gateway.client().upload(file, Optional.of("key-" + serial)), file);
    } catch (IOException e) {
      // no answer: the sender knows nothing, and sends again later
    }
  }

  private static void dropIntoInbox(byte[] file) {
    try {
      Path part = Files.write(data.resolve("inbox/one.part"), file);
      Files.setLastModifiedTime(part, FileTime.from(Instant.now().minusSeconds(60)));
      Files.move(part, data.resolve("inbox/one"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
