package io.howdah.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.howdah.support.CapturedLog;
import io.howdah.support.DicomFixtures;
import io.howdah.support.GatewayClient;
import io.howdah.support.RunningGateway;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F14 in the archive of a running gateway, as an operator sees it. */
class ScrubRouteTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path base;

  private RunningGateway start(String... more) {
    String[] settings = new String[more.length + 2];
    settings[0] = "howdah.roles";
    settings[1] = "gateway,validator,descriptor,storage";
    System.arraycopy(more, 0, settings, 2, more.length);
    return RunningGateway.start(base, settings);
  }

  private static String archived(RunningGateway gateway, int seed) {
    GatewayClient client = new GatewayClient(URI.create("http://127.0.0.1:" + gateway.port()));
    String study = client.upload(DicomFixtures.ct(seed)).studyId().orElseThrow();
    await().atMost(PATIENCE).until(() -> client.status(study).equals(Optional.of("archived")));
    return study;
  }

  private static Path object(RunningGateway gateway, String study) {
    return gateway.data().resolve("archive").resolve(study).resolve("original.dcm");
  }

  private static double damaged(RunningGateway gateway, Damage damage) throws IOException {
    return gateway.metric("howdah_archive_damaged{code=\"" + damage + "\"}");
  }

  private static void seesDamage(RunningGateway gateway, double flipped, double missing) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(damaged(gateway, Damage.CHECKSUM_MISMATCH)).isEqualTo(flipped);
              assertThat(damaged(gateway, Damage.FILE_MISSING)).isEqualTo(missing);
            });
  }

  @Test
  void a_flipped_byte_and_a_lost_file_are_told_until_the_files_are_restored() throws IOException {
    try (CapturedLog log = new CapturedLog(Scrub.class.getName());
        RunningGateway gateway = start("howdah.archive.scrub-every", "1s")) {
      String flipped = archived(gateway, 1);
      String missing = archived(gateway, 2);
      String well = archived(gateway, 3);
      byte[] one = Files.readAllBytes(object(gateway, flipped));
      byte[] two = Files.readAllBytes(object(gateway, missing));
      byte[] rotten = one.clone();
      rotten[rotten.length - 7] ^= 1;
      Files.write(object(gateway, flipped), rotten);
      Files.delete(object(gateway, missing));

      seesDamage(gateway, 1, 1);
      assertThat(gateway.management("/observe/health/ready"))
          .contains("ARCHIVE_DAMAGED", "2 archived studies are not what was accepted")
          .doesNotContain("DOWN", base.toString());
      assertThat(log.lines())
          .contains(
              "archived study damaged study=" + flipped + " code=CHECKSUM_MISMATCH",
              "archived study damaged study=" + missing + " code=FILE_MISSING")
          .noneMatch(line -> line.contains("damaged study=" + well));
      assertThat(Files.readAllBytes(object(gateway, flipped))).isEqualTo(rotten);

      Files.write(object(gateway, flipped), one);
      Files.write(object(gateway, missing), two);

      seesDamage(gateway, 0, 0);
      assertThat(gateway.management("/observe/health/ready")).doesNotContain("ARCHIVE_DAMAGED");
      assertThat(log.lines())
          .contains(
              "archived study whole again study=" + flipped,
              "archived study whole again study=" + missing);
    }
  }

  @Test
  void what_is_damaged_is_known_after_a_restart_without_another_look() throws IOException {
    try (RunningGateway gateway = start("howdah.archive.scrub-every", "1s")) {
      String study = archived(gateway, 1);
      Files.delete(object(gateway, study));
      seesDamage(gateway, 0, 1);
    }
    try (RunningGateway gateway = start("howdah.archive.scrub-every", "7d")) {
      seesDamage(gateway, 0, 1);
    }
  }

  @Test
  void a_rate_of_zero_turns_it_off() throws Exception {
    try (RunningGateway gateway = start()) {
      assertThat(damaged(gateway, Damage.FILE_MISSING)).isZero();
      assertThat(scrubs()).isTrue();
    }
    try (RunningGateway gateway = start("howdah.archive.scrub-rate", "0")) {
      assertThat(damaged(gateway, Damage.FILE_MISSING)).isNaN();
      assertThat(scrubs()).isFalse();
    }
  }

  private static boolean scrubs() throws Exception {
    return !ManagementFactory.getPlatformMBeanServer()
        .queryNames(
            new ObjectName("org.apache.camel:context=howdah*,type=routes,name=\"scrub-archive\""),
            null)
        .isEmpty();
  }
}
