package io.howdah.support;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Studies given to a gateway, and what its rows say became of them. */
public final class Exams {
  /** How long anything may take. */
  public static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path database;

  /** Of the gateway whose data is there. */
  public Exams(Path data) {
    this.database = data.resolve("howdah.db");
  }

  /** Uploads instances {@code from} to {@code to} of a study in one request; all are accepted. */
  public static void upload(RunningGateway gateway, long seed, int from, int to)
      throws IOException {
    Wire.Form form = new Wire.Form();
    for (int number = from; number <= to; number++) {
      form.file("file", number + ".dcm", DicomFixtures.instance(seed, number, 2048));
    }
    Wire.Answer answer = gateway.send(form.upload());
    JsonNode json = answer.json();
    if (answer.status() != 202) {
      throw new AssertionError("not accepted: " + answer.status() + " " + json);
    }
  }

  /** All values of a query's first column, as text. */
  public List<String> ask(String sql) {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** The status of every batch of a study for a destination, by generation. */
  public List<String> batches(long seed, String destination) {
    return ask(
        "SELECT b.status FROM exam_batches b JOIN storage_backend_configs d ON d.id = b.destination_id WHERE d.name = '"
            + destination
            + "' AND b.study_instance_uid = '"
            + DicomFixtures.studyUid(seed)
            + "' ORDER BY b.generation");
  }

  /** Returns when the batches of a study for a destination are in these states. */
  public void awaitBatches(long seed, String destination, String... statuses) {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> batches(seed, destination), List.of(statuses)::equals);
  }
}
