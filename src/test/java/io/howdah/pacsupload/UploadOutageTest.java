package io.howdah.pacsupload;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.CloudApi;
import io.howdah.support.CloudApi.Fault;
import io.howdah.support.MutableClock;
import io.howdah.support.PacsFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An outage, however long and of whatever kind, makes no image FAILED. */
class UploadOutageTest {
  private static final Duration TICK = Duration.ofSeconds(1);

  @TempDir Path directory;
  private final MutableClock clock = new MutableClock();
  private PacsFixture pacs;

  @BeforeEach
  void prepare() throws Exception {
    pacs = new PacsFixture(directory);
  }

  private CloudApi cloud;

  @AfterEach
  void end() {
    cloud.close();
  }

  private void during(Uploader uploader, Duration time) {
    for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(TICK)) {
      uploader.round();
      clock.advance(TICK);
    }
  }

  /** How much time passes on the clock until every image is COMPLETE. */
  private Duration untilComplete(Uploader uploader, int images) throws Exception {
    Duration passed = Duration.ZERO;
    while (pacs.count("COMPLETE") < images) {
      assertThat(passed).isLessThanOrEqualTo(Duration.ofSeconds(120));
      while (uploader.round()) {
        // as long as there is more to do, no time passes
      }
      clock.advance(TICK);
      passed = passed.plus(TICK);
    }
    return passed;
  }

  private void stored(List<String> uids) throws Exception {
    assertThat(pacs.count("FAILED")).isZero();
    for (String uid : uids) {
      assertThat(cloud.timesStored(uid)).isEqualTo(1);
    }
  }

  @Test
  void twelve_hours_without_a_cloud_fail_none_of_a_thousand_images() throws Exception {
    cloud = CloudApi.contractA();
    List<String> uids = pacs.images(1_000, 600);
    int port = cloud.port();
    cloud.close();
    try (Uploader uploader =
        new Uploader(directory, pacs.environment(cloud), clock, "UPLOAD_POLL_INTERVAL", "2")) {
      during(uploader, Duration.ofHours(12));
      assertThat(pacs.count("FAILED")).isZero();
      assertThat(
              PacsFixture.query(
                  pacs.database(), "SELECT MAX(upload_attempt_count) FROM stored_instances"))
          .isEqualTo("0");
      cloud = CloudApi.contractA(port);
      assertThat(untilComplete(uploader, 1_000)).isLessThanOrEqualTo(Duration.ofSeconds(120));
      stored(uids);
    }
  }

  @Test
  void twelve_hours_of_500_under_contract_b_fail_none_of_a_thousand_images() throws Exception {
    cloud = CloudApi.contractB("secret");
    List<String> uids = pacs.images(1_000, 600);
    cloud.all(Fault.STATUS_500);
    Map<String, String> environment = pacs.environment(cloud);
    environment.put("CLOUD_API_CONTRACT", "v1");
    environment.put("CLOUD_API_TOKEN", "secret");
    environment.put("UPLOAD_POLL_INTERVAL", "2");
    try (Uploader uploader = new Uploader(directory, environment, clock)) {
      during(uploader, Duration.ofHours(12));
      cloud.all(Fault.NONE);
      assertThat(untilComplete(uploader, 1_000)).isLessThanOrEqualTo(Duration.ofSeconds(120));
      stored(uids);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {
        "DROP_BEFORE",
        "DROP_AFTER_COMMIT",
        "RESET",
        "HANG",
        "TRICKLE",
        "STATUS_401",
        "STATUS_403",
        "STATUS_429",
        "STATUS_500",
        "STATUS_502",
        "STATUS_503",
        "STATUS_307"
      })
  void a_minute_of_any_trouble_fails_no_image(Fault fault) throws Exception {
    cloud = CloudApi.contractA();
    List<String> uids = pacs.images(40, 600);
    cloud.all(fault);
    try (Uploader uploader =
        new Uploader(
            directory,
            pacs.environment(cloud),
            clock,
            "HOWDAH_PACS_UPLOAD_RESPONSE_TIMEOUT",
            "200ms")) {
      during(uploader, Duration.ofSeconds(60));
      assertThat(pacs.count("FAILED")).isZero();
      cloud.all(Fault.NONE);
      untilComplete(uploader, 40);
      stored(uids);
    }
  }
}
