package io.howdah.pacsupload;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.CloudApi;
import io.howdah.support.CloudApi.Fault;
import io.howdah.support.CloudCertificates;
import io.howdah.support.MutableClock;
import io.howdah.support.PacsFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** An outage, however long and of whatever kind, makes no image FAILED (F50). */
class UploadOutageTest {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final int IMAGES = 1_000;
  private static final List<Duration> LADDER =
      List.of(
          Duration.ofSeconds(8),
          Duration.ofSeconds(60),
          Duration.ofMinutes(30),
          Duration.ofHours(12));

  @TempDir Path directory;
  private final MutableClock clock = new MutableClock();
  private PacsFixture pacs;
  private CloudApi cloud;

  @BeforeEach
  void prepare() throws Exception {
    pacs = new PacsFixture(directory);
  }

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

  /** Time passes on the clock until every image is COMPLETE, at most two of the longest pauses. */
  private void completes(Uploader uploader, int images) throws Exception {
    Duration passed = Duration.ZERO;
    while (pacs.count("COMPLETE") < images) {
      assertThat(passed).isLessThanOrEqualTo(Duration.ofSeconds(120));
      while (uploader.round()) {
        // as long as there is more to do, no time passes
      }
      clock.advance(TICK);
      passed = passed.plus(TICK);
    }
  }

  private void paidNothing() throws Exception {
    assertThat(pacs.count("FAILED")).isZero();
    assertThat(
            PacsFixture.query(
                pacs.database(), "SELECT MAX(upload_attempt_count) FROM stored_instances"))
        .isEqualTo("0");
  }

  private void storedOnce(List<String> uids) throws Exception {
    assertThat(pacs.count("FAILED")).isZero();
    for (String uid : uids) {
      assertThat(cloud.timesStored(uid)).isEqualTo(1);
    }
  }

  private void pendingAgain() throws Exception {
    PacsFixture.sql(
        pacs.database(),
        "UPDATE stored_instances SET upload_status = 'PENDING', upload_attempt_count = 0");
    cloud.forget();
  }

  @ParameterizedTest
  @CsvSource({"RESET, 1000", "STATUS_500, 200", "STATUS_503, 1000", "STATUS_429, 200"})
  void an_outage_of_8_s_60_s_30_min_or_12_h_fails_no_image(Fault fault, int images)
      throws Exception {
    cloud = CloudApi.contractA();
    List<String> uids = pacs.images(images, 600);
    try (Uploader uploader = uploader()) {
      for (Duration outage : LADDER) {
        cloud.all(fault);
        during(uploader, outage);
        paidNothing();
        cloud.all(Fault.NONE);
        completes(uploader, images);
        storedOnce(uids);
        pendingAgain();
      }
    }
  }

  @Test
  void a_cloud_that_is_not_there_fails_none_of_a_thousand_images() throws Exception {
    cloud = CloudApi.contractA();
    List<String> uids = pacs.images(IMAGES, 600);
    int port = cloud.port();
    try (Uploader uploader = uploader()) {
      for (Duration outage : LADDER) {
        cloud.close();
        during(uploader, outage);
        paidNothing();
        cloud = CloudApi.contractA(port);
        completes(uploader, IMAGES);
        storedOnce(uids);
        pendingAgain();
      }
    }
  }

  /** Twelve hours of it would take 700 real timeouts; nothing in them differs from half an hour. */
  @Test
  void a_cloud_that_never_answers_fails_none_of_a_thousand_images() throws Exception {
    cloud = CloudApi.contractA();
    List<String> uids = pacs.images(IMAGES, 600);
    for (Duration outage : LADDER.subList(0, 3)) {
      cloud.all(Fault.HANG);
      try (Uploader uploader = uploader("HOWDAH_PACS_UPLOAD_RESPONSE_TIMEOUT", "200ms")) {
        during(uploader, outage);
        paidNothing();
      }
      cloud.all(Fault.NONE);
      try (Uploader uploader = uploader()) {
        completes(uploader, IMAGES);
      }
      storedOnce(uids);
      pendingAgain();
    }
  }

  @Test
  void a_cloud_with_a_bad_certificate_fails_none_of_a_thousand_images() throws Exception {
    CloudCertificates certificates = CloudCertificates.make(directory.resolve("tls"));
    SSLContext good = certificates.valid("localhost");
    SSLContext bad = certificates.expired("localhost");
    cloud = CloudApi.contractA(0, bad);
    int port = cloud.port();
    List<String> uids = pacs.images(IMAGES, 600);
    try (Uploader uploader =
        uploader("HOWDAH_PACS_UPLOAD_CA_FILE", certificates.authority().toString())) {
      for (Duration outage : LADDER) {
        during(uploader, outage);
        paidNothing();
        assertThat(uploader.uploads.health().code()).isEqualTo("CLOUD_REFUSES");
        assertThat(uploader.uploads.health().refusal()).contains("tls");
        cloud.close();
        cloud = CloudApi.contractA(port, good);
        completes(uploader, IMAGES);
        storedOnce(uids);
        assertThat(uploader.uploads.health().isWell()).isTrue();
        pendingAgain();
        cloud.close();
        cloud = CloudApi.contractA(port, bad);
      }
    }
  }

  private Uploader uploader(String... more) throws Exception {
    Map<String, String> environment = pacs.environment(cloud);
    environment.put("UPLOAD_POLL_INTERVAL", "2");
    return new Uploader(directory, environment, clock, more);
  }

  @Test
  void twelve_hours_of_500_under_contract_b_fail_none_of_a_thousand_images() throws Exception {
    cloud = CloudApi.contractB("secret");
    List<String> uids = pacs.images(IMAGES, 600);
    cloud.all(Fault.STATUS_500);
    try (Uploader uploader = uploader("CLOUD_API_CONTRACT", "v1", "CLOUD_API_TOKEN", "secret")) {
      during(uploader, Duration.ofHours(12));
      cloud.all(Fault.NONE);
      completes(uploader, IMAGES);
      storedOnce(uids);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {
        "DROP_BEFORE",
        "DROP_AFTER_COMMIT",
        "TRICKLE",
        "STATUS_401",
        "STATUS_403",
        "STATUS_502",
        "STATUS_307"
      })
  void a_minute_of_any_other_trouble_fails_no_image(Fault fault) throws Exception {
    cloud = CloudApi.contractA();
    List<String> uids = pacs.images(40, 600);
    cloud.all(fault);
    try (Uploader uploader = uploader("HOWDAH_PACS_UPLOAD_RESPONSE_TIMEOUT", "200ms")) {
      during(uploader, Duration.ofSeconds(60));
      assertThat(pacs.count("FAILED")).isZero();
    }
    cloud.all(Fault.NONE);
    try (Uploader uploader = uploader()) {
      completes(uploader, 40);
      storedOnce(uids);
    }
  }
}
