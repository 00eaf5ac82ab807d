package io.howdah.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.howdah.dicom.DicomReader;
import io.howdah.dicom.Header;
import io.howdah.dicom.Tag;
import io.howdah.dicom.Uids;
import io.howdah.dicom.net.toy.ToyPeer;
import io.howdah.dicom.net.toy.ToyScript;
import io.howdah.disk.Disk;
import io.howdah.disk.Uploads;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.status.Claim;
import io.howdah.status.Outcome;
import io.howdah.status.Stage;
import io.howdah.status.Studies;
import io.howdah.status.StudyState;
import io.howdah.storage.Database;
import io.howdah.storage.SqlStudies;
import io.howdah.support.CapturedLog;
import io.howdah.support.Exams;
import io.howdah.support.MutableClock;
import io.howdah.support.RunningGateway;
import io.howdah.support.Wire;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Health by traffic (F98): an object of no patient goes the whole way and says where it is shut.
 */
class CanaryTest {
  private static final String SUCCESS = "howdah_canary_last_success_timestamp_seconds";
  private static final String DURATION = "howdah_canary_duration_seconds";

  @TempDir private Path base;
  private final MutableClock clock = new MutableClock();
  private Studies studies;

  private List<String> ask(String sql) {
    return new Exams(base.resolve("data")).ask(sql);
  }

  @Test
  void an_object_of_no_patient_is_archived_again_and_again_and_its_success_shows()
      throws Exception {
    Instant before = Instant.now();
    try (RunningGateway gateway = RunningGateway.start(base, "howdah.intake.canary", "1s")) {
      await()
          .atMost(Exams.LIMIT)
          .until(() -> archived().size() >= 2 && !Double.isNaN(gateway.metric(SUCCESS)));

      assertThat(gateway.metric(SUCCESS)).isGreaterThan(before.toEpochMilli() / 1e3);
      assertThat(gateway.metric(DURATION)).isBetween(0.0, 60.0);
      awaitHealth(gateway, "UP", "");
      assertThat(ask("SELECT DISTINCT source FROM study")).containsExactly("canary");
      assertThat(ask("SELECT DISTINCT original_filename FROM study"))
          .containsExactly("HOWDAH-CANARY.dcm");
      assertThat(ask("SELECT DISTINCT study_uid FROM study WHERE state = 'archived'"))
          .containsExactly(Uids.HOWDAH_CANARY);
      assertThat(ask("SELECT sop_instance_uid FROM archived_instance")).doesNotHaveDuplicates();
      Header header =
          new DicomReader()
              .header(
                  gateway
                      .data()
                      .resolve("archive")
                      .resolve(archived().get(0))
                      .resolve("original.dcm"));
      assertThat(header.dataSet().string(Tag.PatientID)).isEqualTo("HOWDAH-CANARY");
    }
  }

  private List<String> archived() {
    return ask("SELECT study_id FROM study WHERE state = 'archived'");
  }

  @Test
  void the_shipped_profiles_have_nothing_to_say_against_it() throws Exception {
    try (RunningGateway gateway = RunningGateway.start(base, "howdah.intake.canary", "1h")) {
      await().atMost(Exams.LIMIT).until(() -> archived().size() == 1);
      JsonNode verdict = new ObjectMapper().readTree(ask("SELECT validation FROM study").get(0));
      assertThat(verdict.path("is_valid").asBoolean()).isTrue();
      assertThat(verdict.path("findings").isArray()).isTrue();
      assertThat(verdict.path("findings")).isEmpty();
      assertThat(
              gateway.metric("howdah_stage_outcomes_total{stage=\"archive\",state=\"archived\"}"))
          .isEqualTo(1);
    }
  }

  @Test
  void a_stage_that_stands_still_is_named_until_it_goes_on() throws Exception {
    try (RunningGateway gateway =
        RunningGateway.start(base, "howdah.intake.canary", "1s", "howdah.work.sweep", "200ms")) {
      awaitHealth(gateway, "UP", "");
      await().atMost(Exams.LIMIT).until(() -> !Double.isNaN(gateway.metric(SUCCESS)));
      invoke("validate-study", "stop");
      invoke("validate-sweep", "stop");

      JsonNode check = awaitHealth(gateway, "NOTE", "CANARY_VALIDATE");

      assertThat(check.path("message").asText()).contains("howdah.intake.canary", "validate");
      assertThat(ask("SELECT study_id FROM study WHERE state <> 'archived'"))
          .as("one waits, and no other is sent after it")
          .hasSize(1);
      invoke("validate-study", "start");
      invoke("validate-sweep", "start");
      awaitHealth(gateway, "UP", "");
    }
  }

  @Test
  void it_is_in_no_batch_and_goes_to_no_destination() throws Exception {
    try (ToyPeer peer = ToyPeer.start(ToyScript.parse("associations: [{}]"));
        RunningGateway gateway =
            RunningGateway.start(
                base,
                "howdah.intake.canary",
                "1h",
                "howdah.batch.quiet-period",
                "100ms",
                "howdah.work.sweep",
                "200ms",
                "howdah.destination.pacs.uri",
                "dicom:send?host=127.0.0.1&port="
                    + peer.port()
                    + "&calledAeTitle=TOY&callingAeTitle=HOWDAH")) {
      await()
          .atMost(Exams.LIMIT)
          .until(
              () -> ask("SELECT batched FROM study WHERE source = 'canary' AND state = 'archived'"),
              List.of("2")::equals);
      // one that a reconciler found again, or that somebody sends, comes from elsewhere
      gateway.send(new Wire.Form().file("file", "a.dcm", Canary.object(Instant.now())).upload());
      await()
          .atMost(Exams.LIMIT)
          .until(
              () -> ask("SELECT batched FROM study WHERE source = 'http' AND state = 'archived'"),
              List.of("2")::equals);
      Exams.upload(gateway, 1, 1, 3);
      new Exams(base.resolve("data")).awaitBatches(1, "pacs", "SENT");

      assertThat(peer.storeRequests()).isEqualTo(3);
      assertThat(ask("SELECT instance_count FROM exam_batches")).containsExactly("3");
      assertThat(ask("SELECT study_instance_uid FROM delivery"))
          .hasSize(3)
          .doesNotContain(Uids.HOWDAH_CANARY);
    }
  }

  @Test
  void there_is_none_unless_it_is_asked_for() throws Exception {
    try (RunningGateway gateway = RunningGateway.start(base)) {
      Exams.upload(gateway, 1, 1, 1);
      await().atMost(Exams.LIMIT).until(() -> archived().size() == 1);

      assertThat(routes("canary-sing")).isEmpty();
      assertThat(gateway.metric(SUCCESS)).isNaN();
      assertThat(gateway.management("/observe/health/ready")).doesNotContain("canary");
    }
  }

  @Test
  void a_process_without_the_gateway_role_has_none() throws Exception {
    try (RunningGateway gateway =
        RunningGateway.start(
            base, "howdah.intake.canary", "1s", "howdah.roles", "validator,status")) {
      assertThat(routes("canary-sing")).isEmpty();
      assertThat(gateway.management("/observe/health/ready")).doesNotContain("canary");
    }
  }

  @Test
  void a_closed_way_is_warned_of_once() throws Exception {
    try (Database database = Database.open(settings().database());
        CapturedLog log = new CapturedLog(Canary.class.getName())) {
      Canary canary = canary(database);
      String sent = canary.sing().accepted().get(0);
      clock.advance(Duration.ofMinutes(3));
      assertThat(canary.sing()).as("one at a time").isNull();
      assertThat(canary.closedAt()).isEmpty();
      assertThat(log.lines()).isEmpty();

      for (int i = 0; i < 5; i++) {
        clock.advance(Duration.ofMinutes(1));
        assertThat(canary.sing()).isNull();
      }

      assertThat(canary.closedAt()).contains("validate");
      assertThat(log.lines()).singleElement().asString().contains("stage=validate", sent);
    }
  }

  @Test
  void other_bytes_in_the_archive_are_no_success() throws Exception {
    try (Database database = Database.open(settings().database());
        CapturedLog log = new CapturedLog(Canary.class.getName())) {
      Canary canary = canary(database);
      archive(canary.sing().accepted().get(0), new byte[] {1});
      clock.advance(Duration.ofMinutes(1));

      String next = canary.sing().accepted().get(0);

      assertThat(canary.lastSuccess()).isEmpty();
      assertThat(log.lines()).singleElement().asString().contains("other bytes");
      archive(next, Files.readAllBytes(new Uploads(settings().intake().uploads()).file(next)));
      clock.advance(Duration.ofSeconds(7));
      canary.sing();
      assertThat(canary.lastSuccess()).contains(new Canary.Success(clock.instant(), Duration.ZERO));
    }
  }

  private Settings settings() {
    return SettingsReader.read(base, base.resolve("config"), Map.of(), Map.of());
  }

  private Canary canary(Database database) throws IOException {
    studies =
        new SqlStudies(
            database, clock, "test", Duration.ofHours(1), EnumSet.allOf(Stage.class), Set.of());
    Files.createDirectories(new Uploads(settings().intake().uploads()).arriving());
    Intake intake = new Intake(settings(), new Disk(), studies, reason -> {});
    return new Canary(settings(), Duration.ofMinutes(1), intake, studies, clock);
  }

  private void archive(String studyId, byte[] bytes) throws IOException {
    Claim claim = studies.claim(studyId, Stage.VALIDATE).orElseThrow();
    for (StudyState state :
        List.of(StudyState.VALIDATED, StudyState.DESCRIBED, StudyState.ARCHIVED)) {
      Optional<Claim> further =
          studies.finish(claim, Outcome.of(state, JsonNodeFactory.instance.objectNode()));
      claim = further.orElse(claim);
    }
    Path object = settings().archive().objectOf(studyId);
    Files.createDirectories(object.getParent());
    Files.write(object, bytes);
  }

  private static Set<ObjectName> routes(String id) throws Exception {
    return ManagementFactory.getPlatformMBeanServer()
        .queryNames(
            new ObjectName("org.apache.camel:context=howdah*,type=routes,name=\"" + id + "\""),
            null);
  }

  private static void invoke(String route, String operation) throws Exception {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    beans.invoke(routes(route).iterator().next(), operation, null, null);
  }

  private static JsonNode awaitHealth(RunningGateway gateway, String status, String code) {
    JsonNode[] found = new JsonNode[1];
    await()
        .atMost(Exams.LIMIT)
        .untilAsserted(
            () -> {
              found[0] = check(gateway);
              assertThat(found[0].path("status").asText()).isEqualTo(status);
              assertThat(found[0].path("code").asText()).isEqualTo(code);
            });
    return found[0];
  }

  private static JsonNode check(RunningGateway gateway) throws IOException {
    String health = gateway.management("/observe/health/ready");
    for (JsonNode check : new ObjectMapper().readTree(health).path("checks")) {
      if (check.path("name").asText().equals("canary")) {
        return check;
      }
    }
    throw new AssertionError("no canary in " + health);
  }
}
