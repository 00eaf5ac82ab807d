package io.howdah.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.Gateway;
import io.howdah.settings.SettingsReader;
import io.howdah.support.DicomFixtures;
import io.howdah.support.GatewayClient;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The abuse plan's files, A40 to A52, as somebody would send them: over HTTP, to a gateway. */
class HostileFilesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path base;

  /** Every line logged while it is open, with what was thrown. */
  private static final class Logged implements AutoCloseable {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final AbstractAppender appender =
        new AbstractAppender("hostile", null, null, false, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            lines.add(
                event.getLevel()
                    + " "
                    + event.getMessage().getFormattedMessage()
                    + (event.getThrown() == null ? "" : " THROWN " + event.getThrown()));
          }
        };

    Logged() {
      appender.start();
      root().addAppender(appender, null, null);
    }

    private static LoggerConfig root() {
      return ((LoggerContext) LogManager.getContext(false)).getConfiguration().getRootLogger();
    }

    @Override
    public void close() {
      root().removeAppender("hostile");
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.endsWith(".howdah-store"))
          .toList();
    }
  }

  private void assertHarmless(String name, String text) {
    assertThat(text)
        .as(name)
        .doesNotContain(MadeObject.CANARY, base.toString(), "Exception", "\tat ", "io.howdah.");
  }

  @Test
  void every_hostile_file_is_answered_and_judged_and_leaves_nothing_behind() throws IOException {
    Map<String, byte[]> hostile = HostileCorpus.files();
    Map<String, String> studies = new TreeMap<>();
    Map<String, Boolean> valid = new TreeMap<>();
    ProfileExamination examination = new ProfileExamination(Profiles.in(base.resolve("none")));
    for (Map.Entry<String, byte[]> one : hostile.entrySet()) {
      Path file = Files.write(base.resolve("one.dcm"), one.getValue());
      valid.put(one.getKey(), examination.examine(file).isValid());
    }
    Map<String, String> settings =
        Map.of(
            "howdah.http.port",
            "0",
            "howdah.management.port",
            "0",
            "howdah.intake.disk-reserve",
            "0");
    try (Logged logged = new Logged();
        Gateway gateway =
            Gateway.start(SettingsReader.read(base, base.resolve("config"), Map.of(), settings))) {
      GatewayClient client = new GatewayClient(URI.create("http://127.0.0.1:" + gateway.port()));
      hostile.forEach(
          (name, bytes) -> {
            GatewayClient.Reply reply = client.upload(bytes);
            assertThat(reply.status()).as(name).isIn(202, 400, 422);
            assertHarmless(name, reply.body().toString());
            reply.studyId().ifPresent(study -> studies.put(name, study));
          });
      assertThat(studies).hasSizeGreaterThan(hostile.size() - 5);

      long start = System.nanoTime();
      GatewayClient.Reply good = client.upload(DicomFixtures.ct(1));
      assertThat(good.status()).isEqualTo(202);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));

      studies.forEach(
          (name, study) -> {
            Optional<String> status =
                await(name)
                    .atMost(Duration.ofSeconds(60))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(20))
                    .until(
                        () -> client.status(study),
                        word ->
                            word.isPresent()
                                && List.of("archived", "failed", "validation_failed")
                                    .contains(word.get()));
            // all name one SOP instance: the first that is valid is archived, the others conflict
            assertThat(status.orElseThrow())
                .as(name)
                .isIn(
                    valid.get(name) ? List.of("archived", "failed") : List.of("validation_failed"));
            assertHarmless(
                name,
                client.get("/status/" + study).body().path("details").path("findings").toString());
          });
      assertThat(studies.values().stream().map(client::status).flatMap(Optional::stream))
          .contains("archived");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> client.status(good.studyId().orElseThrow()).orElse(""), "archived"::equals);
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(files(base.resolve("data/uploads"))).isEmpty());

      for (Path file : files(base.resolve("data/quarantine"))) {
        if (file.toString().endsWith(".reason.json")) {
          assertThat(Files.readString(file)).as(file.toString()).doesNotContain(MadeObject.CANARY);
        }
      }
      for (Path file : files(base.resolve("data/archive"))) {
        if (file.endsWith("metadata.json")) {
          byte[] bytes = Files.readAllBytes(file);
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
          JsonNode metadata = JSON.readTree(bytes);
          assertThat(metadata.has("dicom")).isTrue();
        }
      }
      assertThat(logged.lines)
          .noneMatch(line -> line.contains(MadeObject.CANARY))
          .noneMatch(line -> line.contains("THROWN") || line.startsWith("ERROR"));
    }
  }
}
