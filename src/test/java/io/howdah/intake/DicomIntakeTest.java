package io.howdah.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.howdah.dicom.net.AssociationSettings;
import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.Objects;
import io.howdah.dicom.net.PeerAddress;
import io.howdah.dicom.net.Reply;
import io.howdah.dicom.net.StoreOutcome;
import io.howdah.dicom.net.StudySender;
import io.howdah.support.RunningGateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway as modalities see it. */
class DicomIntakeTest {
  @TempDir Path base;
  private RunningGateway gateway;

  @AfterEach
  void stop() {
    if (gateway != null) {
      gateway.close();
    }
  }

  private void start(String... settings) {
    gateway = RunningGateway.listening(base, settings);
  }

  private StudySender sender(String callingAe) throws Exception {
    return new StudySender(
        new PeerAddress("127.0.0.1", gateway.dicomPort(), "HOWDAH", callingAe),
        AssociationSettings.DEFAULT);
  }

  private List<Instance> study(int count) throws IOException {
    return Objects.study(Files.createDirectories(base.resolve("in")), count, 32);
  }

  private List<String> send(String callingAe, List<Instance> study) throws Exception {
    List<String> labels = new ArrayList<>();
    sender(callingAe).send(study, (instance, outcome) -> labels.add(outcome.label()));
    return labels;
  }

  private List<String> rows(String sql) throws Exception {
    List<String> rows = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + gateway.data().resolve("howdah.db"));
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        rows.add(result.getString(1));
      }
    }
    return rows;
  }

  @Test
  void what_a_modality_sends_is_recorded_before_0000_and_ends_in_the_archive() throws Exception {
    start("howdah.dicom.peers", "CT1@127.0.0.1");
    assertThat(send("CT1", study(3))).containsExactly("0000", "0000", "0000");
    assertThat(rows("SELECT calling_ae || ' ' || source FROM study"))
        .containsExactly("CT1 dicom", "CT1 dicom", "CT1 dicom");
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(rows("SELECT DISTINCT state FROM study"))
                    .isSubsetOf("archived", "validation_failed"));
    assertThat(RunningGateway.names(gateway.uploads().resolve(".arriving"))).isEmpty();
  }

  @Test
  void equal_objects_are_one_study_whoever_sends_them_and_each_sender_hears_0000()
      throws Exception {
    // no validator: bytes that it had found invalid by then would rightly be taken anew
    start("howdah.dicom.peers", "*", "howdah.roles", "gateway");
    assertThat(send("CT1", study(2))).containsExactly("0000", "0000");
    assertThat(send("PACS", study(2))).containsExactly("0000", "0000");
    assertThat(rows("SELECT study_id FROM study")).hasSize(2);
  }

  @Test
  void a_short_disk_is_answered_a700_and_nothing_stays() throws Exception {
    start("howdah.dicom.peers", "*", "howdah.intake.disk-reserve", "100000TB");
    assertThat(send("CT1", study(2))).containsExactly("A700", "A700");
    assertThat(rows("SELECT study_id FROM study")).isEmpty();
    assertThat(RunningGateway.names(gateway.uploads())).isEmpty();
  }

  @Test
  void a_listener_that_is_enabled_without_peers_lets_no_one_in() throws Exception {
    start("howdah.dicom.enabled", "true");
    assertThat(sender("CT1").echo()).isInstanceOf(Reply.Ended.class);
    List<StoreOutcome> outcomes = new ArrayList<>();
    sender("CT1").send(study(1), (instance, outcome) -> outcomes.add(outcome));
    assertThat(outcomes).allMatch(StoreOutcome.NotSent.class::isInstance);
  }
}
