package io.howdah.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.howdah.dicom.net.AssociationSettings;
import io.howdah.dicom.net.Dcmtk;
import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.PeerAddress;
import io.howdah.dicom.net.SendableFiles;
import io.howdah.dicom.net.StoreOutcome;
import io.howdah.dicom.net.StudySender;
import io.howdah.support.GatewayProcess;
import io.howdah.support.TinyDicom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A gateway that dies while a modality sends: what it heard 0000 for is there, all is there once.
 */
class DicomCrashIT {
  private static final int OBJECTS = 6;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path base;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INTAKE_BYTES_WRITTEN:3",
        "INTAKE_FILE_SYNCED:3",
        "INTAKE_LINKED:3",
        "INTAKE_DIRECTORY_SYNCED:3",
        "INTAKE_RECORDED:3"
      })
  void a_death_between_two_steps_of_intake_loses_nothing_that_was_answered(String point)
      throws Exception {
    Path data = Files.createDirectories(base.resolve("data"));
    int port = Dcmtk.freePort();
    List<Instance> study = study();
    Map<Instance, StoreOutcome> before;
    try (GatewayProcess dying = setup(data, port).crashingAt(point).start()) {
      before = send(port, study);
      assertThat(dying.awaitExit(LIMIT)).as(dying.log()).isEqualTo(137);
    }
    List<Instance> missing = study.stream().filter(each -> !before.get(each).stored()).toList();
    assertThat(missing).isNotEmpty().hasSizeLessThan(OBJECTS);
    try (GatewayProcess gateway = setup(data, port).start()) {
      assertThat(names(data))
          .containsAll(
              study.stream()
                  .filter(each -> before.get(each).stored())
                  .map(each -> each.sopInstance() + ".dcm")
                  .toList());
      assertThat(send(port, missing).values()).allMatch(StoreOutcome::stored);
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(query(data, "SELECT state FROM study"))
                      .as(gateway.log())
                      .hasSize(OBJECTS)
                      .containsOnly("archived"));
    }
  }

  private static GatewayProcess.Setup setup(Path data, int port) {
    return GatewayProcess.on(data)
        .variable("HOWDAH_DICOM_PEERS", "*@127.0.0.1")
        .variable("HOWDAH_DICOM_HOST", "127.0.0.1")
        .variable("HOWDAH_DICOM_PORT", String.valueOf(port));
  }

  private List<Instance> study() throws IOException {
    List<Path> files = new ArrayList<>();
    for (int i = 1; i <= OBJECTS; i++) {
      files.add(Files.write(base.resolve(i + ".dcm"), TinyDicom.object(i, 2048)));
    }
    return SendableFiles.of(files).instances();
  }

  private static Map<Instance, StoreOutcome> send(int port, List<Instance> study) {
    Map<Instance, StoreOutcome> outcomes = new HashMap<>();
    new StudySender(
            new PeerAddress("127.0.0.1", port, "HOWDAH", "CT1"),
            AssociationSettings.DEFAULT.withWindow(1))
        .send(study, outcomes::put);
    return outcomes;
  }

  private static List<String> names(Path data) throws SQLException {
    return query(data, "SELECT original_filename FROM study");
  }

  private static List<String> query(Path data, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("howdah.db"));
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        rows.add(result.getString(1));
      }
    }
    return rows;
  }
}
