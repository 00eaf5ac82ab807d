package io.howdah.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.support.RunningGateway;
import io.howdah.support.TinyDicom;
import io.howdah.support.Wire.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The watched folder, with all that people and programs put into such a folder. */
class InboxTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path base;
  private RunningGateway gateway;
  private Path inbox;

  @BeforeEach
  void start() {
    gateway =
        RunningGateway.start(
            base,
            "howdah.roles",
            "gateway,status",
            "howdah.inbox.poll",
            "100ms",
            "howdah.inbox.settle",
            "1s");
    inbox = gateway.inbox();
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50));
  }

  /** A file as it is when its writer finished a minute ago. */
  private static Path settled(Path at, byte[] bytes) throws IOException {
    Files.createDirectories(at.getParent());
    Path part = at.resolveSibling("writing.part");
    Files.write(part, bytes);
    Files.setLastModifiedTime(part, FileTime.from(Instant.now().minusSeconds(60)));
    return Files.move(part, at);
  }

  private long studies() {
    try {
      return gateway.send(Request.of("GET", "/status")).json().path("count").asLong();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Set<String> taken() {
    return RunningGateway.names(inbox.resolve(".taken"));
  }

  /** Regular files in the inbox, below any folder of it, that were not taken. */
  private List<Path> left() {
    try (Stream<Path> files = Files.walk(inbox)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.startsWith(inbox.resolve(".taken")))
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_settled_file_is_taken_in_once_and_moved_away() throws IOException {
    byte[] bytes = TinyDicom.object(1, 500);
    settled(inbox.resolve("a.dcm"), bytes);
    settled(inbox.resolve("deep/er/b.dcm"), TinyDicom.object(2, 500));
    soon().until(() -> taken().size() == 2);
    assertThat(studies()).isEqualTo(2);
    assertThat(left()).isEmpty();
    assertThat(taken()).anyMatch(name -> name.endsWith("-a.dcm"));
    assertThat(
            RunningGateway.names(gateway.uploads()).stream()
                .map(name -> gateway.uploads().resolve(name))
                .filter(file -> isEqual(file, bytes)))
        .as("waiting, byte for byte")
        .hasSize(1);

    settled(inbox.resolve("again.dcm"), bytes);
    soon().until(() -> taken().size() == 3);
    assertThat(studies()).as("equal bytes are one study").isEqualTo(2);
  }

  private static boolean isEqual(Path file, byte[] bytes) {
    try {
      return java.util.Arrays.equals(Files.readAllBytes(file), bytes);
    } catch (IOException e) {
      return false;
    }
  }

  /** Its writer keeps it young; that the time between two writes is short is not left to chance. */
  @Test
  void a_half_written_file_waits_until_it_no_longer_grows() throws IOException {
    byte[] bytes = TinyDicom.object(1, 60_000);
    Path growing = inbox.resolve("growing.dcm");
    try (OutputStream out = Files.newOutputStream(growing)) {
      Files.setLastModifiedTime(growing, FileTime.from(Instant.now().plusSeconds(600)));
      out.write(bytes, 0, 10_000);
      Files.setLastModifiedTime(growing, FileTime.from(Instant.now().plusSeconds(600)));
      for (int seed = 2, at = 10_000; at < bytes.length; at += 10_000, seed++) {
        settled(inbox.resolve("beside-" + seed + ".dcm"), TinyDicom.object(seed, 500));
        int beside = seed - 1;
        soon().until(() -> taken().size() >= beside);
        assertThat(growing).as("while it grows").exists();
        out.write(bytes, at, Math.min(10_000, bytes.length - at));
        Files.setLastModifiedTime(growing, FileTime.from(Instant.now().plusSeconds(600)));
      }
    }
    Files.setLastModifiedTime(growing, FileTime.from(Instant.now()));
    soon().until(() -> Files.notExists(growing));
    assertThat(
            RunningGateway.names(gateway.uploads()).stream()
                .map(name -> gateway.uploads().resolve(name))
                .filter(file -> isEqual(file, bytes)))
        .hasSize(1);
  }

  @Test
  void files_that_programs_write_under_another_name_first_are_not_looked_at() throws IOException {
    for (String name : List.of("a.part", "b.tmp", "c.filepart", "d.crdownload", ".hidden.dcm")) {
      Path file = Files.write(inbox.resolve(name), TinyDicom.object(1, 500));
      Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
    }
    settled(inbox.resolve("z.dcm"), TinyDicom.object(2, 500));
    soon().until(() -> taken().size() == 1);
    assertThat(left()).hasSize(5);
    assertThat(studies()).isEqualTo(1);
  }

  @Test
  void a_refused_file_is_in_quarantine_with_its_reason() throws IOException {
    byte[] text = "no DICOM at all".getBytes(UTF_8);
    settled(inbox.resolve("letter.txt"), text);
    settled(inbox.resolve("empty.dcm"), new byte[0]);
    soon().until(() -> RunningGateway.names(gateway.quarantine()).size() == 4 && left().isEmpty());
    Set<String> codes =
        RunningGateway.names(gateway.quarantine()).stream()
            .filter(name -> name.endsWith(".reason.json"))
            .map(this::reason)
            .peek(
                reason -> {
                  assertThat(reason.path("source").asText()).isEqualTo("inbox");
                  assertThat(reason.path("message").asText()).isNotBlank();
                  assertThat(Instant.parse(reason.path("at").asText())).isBefore(Instant.now());
                })
            .map(
                reason ->
                    reason.path("code").asText() + " " + reason.path("original_filename").asText())
            .collect(Collectors.toSet());
    assertThat(codes).containsExactlyInAnyOrder("NOT_DICOM letter.txt", "EMPTY empty.dcm");
    assertThat(
            RunningGateway.names(gateway.quarantine()).stream()
                .map(name -> gateway.quarantine().resolve(name))
                .filter(file -> isEqual(file, text)))
        .hasSize(1);
    assertThat(studies()).isZero();
    assertThat(taken()).isEmpty();
    gateway.leavesNoTemporaryFile();
  }

  private JsonNode reason(String name) {
    try {
      return JSON.readTree(gateway.quarantine().resolve(name).toFile());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void hostile_names_are_only_names() throws IOException {
    List<String> names =
        List.of(
            "-rf.dcm",
            "a b\tc.dcm",
            "new\nline.dcm",
            "${jndi:ldap:x}.dcm",
            "${header.x}{{y}}.dcm",
            "%2e%2e%2fetc.dcm",
            "\u202Ertl.dcm",
            "😀".repeat(50) + ".dcm",
            "x".repeat(251) + ".dcm");
    Set<String> before = RunningGateway.walk(base.resolve("data/quarantine"));
    int seed = 10;
    for (String name : names) {
      settled(inbox.resolve(name), TinyDicom.object(++seed, 500));
    }
    soon().until(() -> taken().size() == names.size());
    assertThat(left()).isEmpty();
    assertThat(studies()).isEqualTo(names.size());
    assertThat(taken())
        .allMatch(name -> name.getBytes(UTF_8).length <= 255)
        .noneMatch(name -> name.chars().anyMatch(Character::isISOControl));
    assertThat(RunningGateway.walk(base.resolve("data/quarantine"))).isEqualTo(before);
  }

  @Test
  void a_link_is_not_followed_wherever_it_leads() throws IOException {
    Path outside = Files.createDirectories(base.resolve("outside"));
    Path secret = settled(outside.resolve("secret.dcm"), TinyDicom.object(1, 500));
    Files.createSymbolicLink(inbox.resolve("file.dcm"), secret);
    Files.createSymbolicLink(inbox.resolve("folder"), outside);
    Files.createSymbolicLink(inbox.resolve("up"), base.resolve("data"));
    Files.createSymbolicLink(inbox.resolve("round"), inbox);
    Files.createSymbolicLink(inbox.resolve("nowhere.dcm"), base.resolve("nothing"));
    settled(inbox.resolve("a.dcm"), TinyDicom.object(2, 500));
    soon().until(() -> taken().size() == 1);
    settled(inbox.resolve("b.dcm"), TinyDicom.object(3, 500));
    soon().until(() -> taken().size() == 2);
    assertThat(studies()).isEqualTo(2);
    assertThat(secret).exists();
    assertThat(inbox.resolve("file.dcm")).isSymbolicLink();
  }

  /** Such as another user's file in a folder with the sticky bit. */
  @Test
  void a_file_that_cannot_be_moved_away_is_taken_in_once_and_then_left_alone() throws Exception {
    Path fixed = settled(inbox.resolve("fixed.dcm"), TinyDicom.object(1, 500));
    assumeTrue(attribute("+i", fixed), "skipped: no file can be made immutable here");
    try {
      soon().until(() -> studies() == 1);
      settled(inbox.resolve("a.dcm"), TinyDicom.object(2, 500));
      soon().until(() -> taken().size() == 1);
      settled(inbox.resolve("b.dcm"), TinyDicom.object(3, 500));
      soon().until(() -> taken().size() == 2);
      assertThat(studies()).isEqualTo(3);
      assertThat(fixed).exists();
      assertThat(gateway.metric("howdah_intake_duplicates_total"))
          .as("it was not taken in again and again")
          .isZero();
    } finally {
      attribute("-i", fixed);
    }
  }

  private static boolean attribute(String change, Path file) throws Exception {
    try {
      Process process =
          new ProcessBuilder("chattr", change, file.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void another_users_file_that_this_one_may_only_read_is_taken_in_too() throws Exception {
    Path outside = base.resolve("outside");
    Path theirs = settled(outside.resolve("theirs.dcm"), TinyDicom.object(1, 500));
    Path refused = settled(outside.resolve("refused.txt"), "text".getBytes(UTF_8));
    for (Path file : List.of(theirs, refused)) {
      try {
        Files.setAttribute(file, "unix:uid", 65534);
      } catch (IOException e) {
        assumeTrue(false, "skipped: this user may not give files away");
      }
      Files.move(file, inbox.resolve(file.getFileName()));
    }
    soon().until(() -> left().isEmpty());
    assertThat(taken()).hasSize(1);
    assertThat(studies()).isEqualTo(1);
    assertThat(RunningGateway.names(gateway.quarantine())).hasSize(2);
  }
}
