package io.howdah.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.howdah.dicom.net.toy.ToyPeer;
import io.howdah.dicom.net.toy.ToyScript;
import io.howdah.disk.CrashPoint;
import io.howdah.support.DicomFixtures;
import io.howdah.support.Exams;
import io.howdah.support.GatewayProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * F65: one data directory on which the process dies at every place between PENDING and SENT, one
 * after the other; each start recovers from the death before. Every instance reaches the peer, and
 * is sent twice only where its answer had not been recorded.
 */
class BatchCrashIT {
  private static final Duration TO_DIE = Duration.ofSeconds(90);
  private static final int INSTANCES = 6;

  /** Of all the points there are two at which answers may have been heard and not recorded. */
  private static final int ASKED_AGAIN = 2 * AnswerLog.LIMIT;

  @TempDir static Path data;
  private static ToyPeer peer;

  @BeforeAll
  static void listen() throws IOException {
    peer = ToyPeer.start(ToyScript.good());
  }

  @AfterAll
  static void stop() throws IOException {
    peer.close();
  }

  private static GatewayProcess.Setup setup() {
    return GatewayProcess.on(data)
        .set("howdah.batch.quiet-period", "300ms")
        .set("howdah.work.sweep", "200ms")
        .variable(
            "HOWDAH_DESTINATION_PACS_URI",
            "dicom:send?host=127.0.0.1&port="
                + peer.port()
                + "&calledAeTitle=TOY&callingAeTitle=HOWDAH");
  }

  @TestFactory
  Stream<DynamicTest> a_death_here_loses_nothing_and_sends_nothing_for_nothing() {
    List<String> points =
        Arrays.stream(CrashPoint.values())
            .map(CrashPoint::name)
            .filter(name -> name.startsWith("BATCH_") || name.startsWith("SEND_"))
            .toList();
    assertThat(points).hasSize(9);
    return Stream.concat(
        IntStream.range(0, points.size())
            .mapToObj(
                seed ->
                    DynamicTest.dynamicTest(points.get(seed), () -> dieAt(points.get(seed), seed))),
        Stream.of(DynamicTest.dynamicTest("and then no death at all", () -> recover(points))));
  }

  private static void dieAt(String point, int seed) {
    try (GatewayProcess gateway = setup().crashingAt(point + ":2").launch()) {
      if (gateway.awaitReady()) {
        bring(gateway, seed);
      }
      if (gateway.isAlive()) {
        bring(gateway, 100 + seed); // a point that is reached once for each batch
      }
      assertThat(gateway.awaitExit(TO_DIE)).as("%s: %s", point, gateway.log()).isEqualTo(137);
    }
  }

  /** Whatever is not answered is sent again in the end. */
  private static void bring(GatewayProcess gateway, long seed) {
    for (int number = 1; number <= INSTANCES; number++) {
      try {
        gateway
            .client()
            .upload(DicomFixtures.instance(seed, number, 512), java.util.Optional.empty());
      } catch (IOException e) {
        return; // it has died, as it should
      }
    }
  }

  private static void recover(List<String> points) {
    Exams exams = new Exams(data);
    try (GatewayProcess gateway = setup().start()) {
      for (int seed = 0; seed < points.size(); seed++) {
        bring(gateway, seed);
        bring(gateway, 100 + seed);
      }
      int expected = 2 * points.size() * INSTANCES;
      await()
          .atMost(Duration.ofSeconds(120))
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(
              () -> {
                assertThat(exams.ask("SELECT COUNT(*) FROM delivery WHERE status = 'DELIVERED'"))
                    .containsExactly(Integer.toString(expected));
                assertThat(exams.ask("SELECT DISTINCT status FROM exam_batches"))
                    .containsExactly("SENT");
              });
      assertThat(peer.kept()).hasSize(expected);
      assertThat(exams.ask("SELECT COUNT(*) FROM exam_batch_instances"))
          .as("in one batch each")
          .containsExactly(Integer.toString(expected));
      assertThat(peer.storeRequests()).isBetween(expected, expected + ASKED_AGAIN);
    }
  }
}
