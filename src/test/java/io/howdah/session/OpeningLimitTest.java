package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.Pause;
import io.howdah.support.RunningGateway;
import io.howdah.support.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** howdah.sessions.max-opening as clients of the API meet it. */
class OpeningLimitTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir Path base;

  private static Wire.Answer create(RunningGateway gateway, Path file) {
    try {
      return gateway.send(
          Wire.Request.of("POST", "/api/v1/visits/7/radiology/upload-sessions/create_session/")
              .json(
                  "{\"radiology_order_id\":1,\"file_name\":\"a.dcm\",\"local_file_path\":\""
                      + file
                      + "\"}"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void when_all_openings_hang_further_ones_are_429_until_one_of_them_gets_on() throws Exception {
    Path allowed = Files.createDirectory(base.toRealPath().resolve("allowed"));
    Path good = Files.write(allowed.resolve("good"), new byte[100]);
    SwappedName swapped = new SwappedName(allowed.resolve("swapped"), base);
    AtomicBoolean over = new AtomicBoolean();
    try (RunningGateway gateway =
        RunningGateway.start(
            base,
            "howdah.roles",
            "sessions",
            "howdah.sessions.allowed-paths",
            allowed.toString(),
            "howdah.sessions.max-opening",
            "1")) {
      swapped.whileSwapping(
          name -> {
            CompletableFuture<Void> opener =
                CompletableFuture.runAsync(
                    () -> {
                      while (!over.get()) {
                        create(gateway, name);
                      }
                    });
            Pause.until(
                "the only opening to hang", LIMIT, () -> create(gateway, good).status() == 429);
            Wire.Answer refused = create(gateway, good);
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.body())
                .contains("howdah.sessions.max-opening", "howdah.sessions.allowed-paths")
                .doesNotContain(allowed.toString());
            assertThat(gateway.metric("howdah_sessions_opening")).isOne();
            over.set(true);
            swapped.letGo();
            opener.join();
          });
      Pause.until(
          "the good one to be taken",
          LIMIT,
          () -> {
            swapped.letGo();
            return create(gateway, good).status() < 300;
          });
    }
  }
}
