package io.howdah.pacsupload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.howdah.support.CloudApi;
import io.howdah.support.PacsFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kill -9 at every step of an upload: no row stuck, no image lost, none stored twice. */
class PacsUploadCrashIT {
  @TempDir Path directory;

  private Process start(Map<String, String> environment) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.howdah.HowdahMain",
                "run")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("gateway.log").toFile())
            .directory(directory.toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PACS_LEASED",
        "PACS_CLAIMED",
        "PACS_VERIFIED",
        "PACS_LINKED",
        "PACS_SENT",
        "PACS_RECORDED",
        "PACS_MARKED"
      })
  void nothing_is_lost_stuck_or_stored_twice(String point) throws Exception {
    PacsFixture pacs = new PacsFixture(directory);
    List<String> uids = pacs.images(8, 2_000);
    try (CloudApi cloud = CloudApi.contractA()) {
      Map<String, String> environment = pacs.environment(cloud);
      environment.put("HOWDAH_CRASHPOINT", point + ":3");
      environment.put("UPLOAD_BATCH_SIZE", "2");
      Process crashing = start(environment);
      assertThat(crashing.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(crashing.exitValue()).isEqualTo(137);

      environment.remove("HOWDAH_CRASHPOINT");
      Process again = start(environment);
      try {
        await()
            .atMost(Duration.ofSeconds(35))
            .pollInterval(Duration.ofMillis(200))
            .until(() -> pacs.count("COMPLETE") == uids.size());
      } finally {
        again.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
      }
      for (String uid : uids) {
        assertThat(cloud.timesStored(uid)).isEqualTo(1);
        assertThat(cloud.requestsFor(uid)).isBetween(1L, 2L);
        assertThat(pacs.attempts(uid)).isEqualTo(1);
      }
    }
  }
}
