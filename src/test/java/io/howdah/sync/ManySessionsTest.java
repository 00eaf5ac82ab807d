package io.howdah.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.support.FaultyProxy;
import io.howdah.support.FaultyProxy.Act;
import io.howdah.support.FaultyProxy.Fault;
import io.howdah.support.Pause;
import io.howdah.support.RunningGateway;
import io.howdah.support.TinyDicom;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F42: many sessions at once over a line that loses connections all the time, to our own hub. */
class ManySessionsTest {
  private static final int SESSIONS = 500;

  /** No connection lives longer. */
  private static final int MOST_BYTES = 300_000;

  @TempDir Path base;

  @Test
  void all_are_acknowledged_and_none_is_doubled() {
    Random random = new Random(42);
    try (RunningGateway hub = RunningGateway.start(base.resolve("hub"), "howdah.roles", "hub");
        FaultyProxy line = new FaultyProxy(hub.port())) {
      line.otherwise(
          () -> {
            synchronized (random) {
              Act act = random.nextBoolean() ? Act.CLOSE : Act.RESET;
              return Optional.of(
                  random.nextInt(3) > 0
                      ? Fault.cutRequest(random.nextInt(MOST_BYTES), act)
                      : Fault.cutResponse(random.nextInt(MOST_BYTES / 20), act));
            }
          });
      try (Site site =
          Site.start(
              base.resolve("site"),
              line.uri(),
              "howdah.sync.lanes",
              "8",
              "howdah.sync.chunk-size",
              "16KB")) {
        List<String> ids =
            IntStream.range(0, SESSIONS)
                .mapToObj(i -> site.create(TinyDicom.object(i, 20_000)))
                .toList();
        Pause.until(
            "every session to end",
            Duration.ofMinutes(8),
            () -> site.get("?status=ACK_RECEIVED").path("count").asInt() == SESSIONS);
        Set<Long> images = new HashSet<>();
        for (String id : ids) {
          JsonNode session = site.get(id);
          assertThat(session.get("retry_count").asInt()).isZero();
          images.add(session.get("server_image_id").asLong());
        }
        assertThat(images).as("one image each").hasSize(SESSIONS);
        assertThat(site.get("failed/")).isEmpty();
        System.out.printf("%d sessions over %d connections%n", SESSIONS, line.connections());
      }
    }
  }
}
