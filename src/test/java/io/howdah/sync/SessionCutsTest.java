package io.howdah.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.support.FaultyProxy;
import io.howdah.support.FaultyProxy.Act;
import io.howdah.support.FaultyProxy.Fault;
import io.howdah.support.Pause;
import io.howdah.support.RunningGateway;
import io.howdah.support.SessionHistory;
import io.howdah.support.TinyDicom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F42 for one large session: the line between a site and its hub is cut at a hundred bytes. */
class SessionCutsTest {
  private static final int SIZE = 200_000_000;
  private static final int CHUNK = 512 * 1024;
  private static final int CUTS = 100;

  /** No connection carries more, so that all cuts fall into the session. */
  private static final int MOST_BYTES = 2_800_000;

  private static final int MOST_ANSWERED = 3_000;

  /** What requests say beside the bytes. */
  private static final int HEADERS = 1_000_000;

  @TempDir Path base;

  @Test
  void a_hundred_cuts_cost_a_chunk_each_at_most_and_nothing_else() throws IOException {
    Random random = new Random(4711);
    long size;
    long begun = System.nanoTime();
    try (RunningGateway hub = RunningGateway.start(base.resolve("hub"), "howdah.roles", "hub");
        FaultyProxy line = new FaultyProxy(hub.port())) {
      line.otherwise(() -> line.cuts() < CUTS ? Optional.of(cut(random)) : Optional.empty());
      try (Site site =
          Site.start(
              base.resolve("site"),
              line.uri(),
              "howdah.sync.lanes",
              "1",
              "howdah.sync.chunk-size",
              "512KB")) {
        String id = site.create(TinyDicom.object(1, SIZE));
        size = Files.size(sent());
        Pause.until(
            "the session to be acknowledged",
            Duration.ofMinutes(5),
            () -> site.status(id).equals("ACK_RECEIVED"));
        JsonNode session = site.get(id);
        assertThat(session.get("retry_count").asInt()).isZero();
        assertThat(session.get("bytes_uploaded").asLong()).isEqualTo(size);
      }
      assertThat(line.cuts()).isEqualTo(CUTS);
      long again = line.requestBytes() - size;
      System.out.printf(
          "200 MB through %d cuts in %d s: %d bytes sent again, headers included%n",
          line.cuts(), Duration.ofNanos(System.nanoTime() - begun).toSeconds(), again);
      assertThat(again).isLessThanOrEqualTo((long) CUTS * CHUNK + HEADERS);
    }
    assertThat(Files.mismatch(sent(), image())).as("every byte is equal").isEqualTo(-1);
    SessionHistory history = new SessionHistory(base.resolve("site/data/howdah.db"));
    history.isComplete(1);
    assertThat(history.attempts()).as("an offset never falls").isSorted().hasSizeGreaterThan(50);
    history.tellsAFlippedByte(random);
  }

  private static Fault cut(Random random) {
    synchronized (random) {
      Act act = random.nextBoolean() ? Act.CLOSE : Act.RESET;
      return random.nextInt(4) == 0
          ? Fault.cutResponse(random.nextInt(MOST_ANSWERED), act)
          : Fault.cutRequest(random.nextInt(MOST_BYTES), act);
    }
  }

  private Path sent() {
    return base.resolve("site/images/1.dcm");
  }

  private Path image() throws IOException {
    try (var all = Files.walk(base.resolve("hub/data/hub/radiology"))) {
      List<Path> images = all.filter(file -> file.endsWith("original.dcm")).toList();
      assertThat(images).hasSize(1);
      return images.get(0);
    }
  }
}
