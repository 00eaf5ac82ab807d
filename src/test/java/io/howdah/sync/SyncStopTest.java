package io.howdah.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.support.Pause;
import io.howdah.support.TinyDicom;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F95: a stop waits for no byte's turn in the rate; what is under way goes on at the next start.
 */
class SyncStopTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Ten seconds are promised; a stop that meets no timeout of the gateway's needs two. */
  private static final Duration WITHOUT_ANY_TIMEOUT = Duration.ofSeconds(5);

  /** Of a chunk of 16 KiB, the least there is, four seconds are waited. */
  private static final String SLOW = "4KB/s";

  @TempDir Path base;

  /** A site that is its own hub. */
  private Site site(String... more) {
    return Site.start(base, URI.create(""), more);
  }

  private static void awaitUnderWay(Site site, String id) {
    Pause.until("bytes on their way", LIMIT, () -> site.status(id).equals("BINARY_UPLOADING"));
  }

  private static void assertStopsAtOnce(Site site) {
    long begun = System.nanoTime();
    site.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(WITHOUT_ANY_TIMEOUT);
  }

  private void assertEndsAfterAnotherStart(String id) {
    try (Site again = site("howdah.roles", "sessions,sync,hub")) {
      JsonNode session = again.await(id, "ACK_RECEIVED");
      assertThat(session.get("retry_count").asInt()).as("a stop costs no retry").isZero();
    }
  }

  @Test
  void a_site_that_is_its_own_hub_stops_in_the_middle_of_chunks() {
    Site site = site("howdah.roles", "sessions,sync,hub", "howdah.sync.rate", SLOW);
    String one = site.create(TinyDicom.object(1, 100_000));
    String other = site.create(TinyDicom.object(2, 100_000));
    awaitUnderWay(site, one);
    awaitUnderWay(site, other);
    assertStopsAtOnce(site);
    assertEndsAfterAnotherStart(one);
  }

  @Test
  void a_client_that_asked_for_the_bytes_to_be_sent_holds_up_no_stop() {
    Site site =
        site(
            "howdah.roles",
            "sessions,sync,hub",
            "howdah.sync.rate",
            SLOW,
            "howdah.sync.after",
            "1h");
    String id = site.create(TinyDicom.object(1, 100_000));
    assertThat(site.post(id + "/upload_metadata/", "").status()).isEqualTo(200);
    CompletableFuture<Void> asked =
        CompletableFuture.runAsync(() -> site.post(id + "/upload_binary/", "{}"));
    awaitUnderWay(site, id);
    assertStopsAtOnce(site);
    assertThat(asked.handle((answered, cut) -> true)).succeedsWithin(LIMIT);
  }
}
