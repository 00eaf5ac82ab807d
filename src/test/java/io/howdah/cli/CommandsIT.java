package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.disk.Disk;
import io.howdah.support.DicomFixtures;
import io.howdah.support.GatewayClient;
import io.howdah.support.GatewayProcess;
import io.howdah.support.StartupArchive;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the built jar, each as a process of its own. */
class CommandsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** Of util-linux: runs a command on a terminal that it makes. */
  private static final Path SCRIPT = Path.of("/usr/bin/script");

  private static final String HIDE_CURSOR = "\u001b[?25l";
  private static final String SHOW_CURSOR = "\u001b[?25h";

  @TempDir Path directory;

  /** A process that ended, with all it printed. */
  private record Ended(int exitCode, String out, String err) {}

  private Process launch(Map<String, String> environment, String... args) throws IOException {
    return launch(List.of(), environment, args);
  }

  /**
   * @param terminal what gives the command a terminal to write on; empty for none
   */
  private Process launch(List<String> terminal, Map<String, String> environment, String... args)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    Path archive = StartupArchive.place();
    if (Files.exists(archive)) {
      command.addAll(List.of("-Xshare:auto", "-XX:SharedArchiveFile=" + archive));
    }
    command.addAll(List.of("-jar", GatewayProcess.jar().toString()));
    command.addAll(List.of(args));
    List<String> whole = new ArrayList<>(terminal);
    if (terminal.isEmpty()) {
      whole.addAll(command);
    } else {
      whole.add(command.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" ")));
      whole.add("/dev/null");
    }
    ProcessBuilder builder =
        new ProcessBuilder(whole)
            .directory(directory.toFile())
            .redirectOutput(directory.resolve("out").toFile())
            .redirectError(directory.resolve("err").toFile());
    builder.environment().keySet().removeIf(name -> !List.of("PATH", "TMPDIR").contains(name));
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().putAll(environment);
    return builder.start();
  }

  private Ended run(Map<String, String> environment, String... args) throws Exception {
    return ended(launch(environment, args));
  }

  /** As {@link #run}, on a terminal of 80 columns. */
  private Ended runOnATerminal(String... args) throws Exception {
    assumeTrue(Files.isExecutable(SCRIPT), "skipped: there is no " + SCRIPT + " here");
    return ended(launch(List.of(SCRIPT.toString(), "-qec"), Map.of("TERM", "xterm"), args));
  }

  private Ended ended(Process process) throws Exception {
    try {
      assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(
        process.exitValue(),
        Files.readString(directory.resolve("out"), StandardCharsets.UTF_8),
        Files.readString(directory.resolve("err"), StandardCharsets.UTF_8));
  }

  private Ended run(String... args) throws Exception {
    return run(Map.of(), args);
  }

  private Map<String, String> settingsOf(Path data) {
    return Map.of("HOWDAH_DATA", data.toString(), "HOWDAH_INTAKE_DISK_RESERVE", "0");
  }

  private static Map<String, Integer> digests(Path folder, String name) throws IOException {
    Map<String, Integer> digests = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file :
          files
              .filter(Files::isRegularFile)
              .filter(file -> file.getFileName().toString().endsWith(name))
              .toList()) {
        digests.merge(Disk.sha256(file), 1, Integer::sum);
      }
    }
    return digests;
  }

  @Test
  void the_demo_archives_every_file_it_made_and_its_output_has_no_control_characters()
      throws Exception {
    Ended demo = run("demo", "--files", "26", "--data", "demo");
    assertThat(demo.exitCode()).as(demo.out() + demo.err()).isZero();
    assertThat(demo.err()).isEmpty();
    assertThat(demo.out().replace("\n", "")).doesNotContainPattern("\\p{Cntrl}");
    assertThat(demo.out())
        .contains("26 of 26 files archived with the SHA-256 of what was sent", "MEDIAN", "P95");
    Path data = directory.resolve("demo");
    assertThat(digests(data.resolve("sent"), ".dcm"))
        .hasSize(26)
        .isEqualTo(digests(data.resolve("archive"), "original.dcm"));
    assertThat(digests(data.resolve("archive"), "metadata.json").values())
        .allMatch(copies -> copies > 0);
  }

  @Test
  void on_a_terminal_the_demo_draws_every_stage_in_place_and_leaves_the_cursor_visible()
      throws Exception {
    Ended demo = runOnATerminal("demo", "--files", "12", "--data", "demo");
    assertThat(demo.exitCode()).as(demo.out()).isZero();
    assertThat(demo.out())
        .containsSubsequence(
            HIDE_CURSOR, "accepted", "█", "validated", "described", "archived", "\u001b[4F")
        .contains("12 of 12 files archived with the SHA-256 of what was sent");
    assertThat(demo.out().lastIndexOf(SHOW_CURSOR))
        .isGreaterThan(demo.out().lastIndexOf(HIDE_CURSOR));
  }

  @Test
  void on_a_terminal_an_import_draws_a_bar_that_gets_full() throws Exception {
    Path source = Files.createDirectory(directory.resolve("source"));
    for (int i = 0; i < 30; i++) {
      Files.write(source.resolve(i + ".dcm"), DicomFixtures.ct(2000 + i));
    }
    try (GatewayProcess gateway = GatewayProcess.on(directory.resolve("data")).start()) {
      Ended done = runOnATerminal("import", "--url", gateway.uri().toString(), "source");
      assertThat(done.exitCode()).as(done.out()).isZero();
      assertThat(done.out())
          .containsSubsequence(HIDE_CURSOR, "█", "30 of 30 files", SHOW_CURSOR, "accepted");
    }
  }

  @Test
  void the_demo_fails_when_a_file_is_refused_and_says_which() throws Exception {
    Path input = Files.createDirectory(directory.resolve("input"));
    byte[] whole = DicomFixtures.ct(1);
    Files.write(input.resolve("good.dcm"), whole);
    Files.write(input.resolve("twin.dcm"), whole);
    Files.write(input.resolve("cut.dcm"), java.util.Arrays.copyOf(whole, whole.length - 50));
    Files.writeString(input.resolve("readme.txt"), "no DICOM");
    Ended demo = run("demo", "--input", "input", "--data", "demo");
    assertThat(demo.exitCode()).isEqualTo(1);
    assertThat(demo.out())
        .contains("2 of 4 files archived", "TRUNCATED", "NOT_DICOM", "1 file has the bytes of");
    assertThat(digests(input, ".dcm")).hasSize(2);
  }

  @Test
  void settings_that_make_no_sense_stop_the_start_with_exit_code_2() throws Exception {
    Ended run = run(Map.of("PORT", "eighty", "HOWDAH_ROLLS", "all"), "run");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err().lines())
        .hasSize(3)
        .anyMatch(line -> line.contains("howdah.http.port"))
        .anyMatch(line -> line.contains("HOWDAH_ROLLS"));
    assertThat(run.out()).isEmpty();
  }

  @Test
  void a_site_says_in_its_own_config_log4j2_xml_how_the_gateway_logs() throws Exception {
    Files.writeString(
        Files.createDirectory(directory.resolve("config")).resolve("log4j2.xml"),
        """
        <Configuration>
          <Appenders><Console name="site"><PatternLayout pattern="SITE %m%n"/></Console></Appenders>
          <Loggers><Root level="${sys:howdah.log.level}"><AppenderRef ref="site"/></Root></Loggers>
        </Configuration>""");
    Map<String, String> settings = new TreeMap<>(settingsOf(directory.resolve("data")));
    settings.put("HOWDAH_DB_URL", "jdbc:postgresql://127.0.0.1:1/nobody");
    Ended run = run(settings, "run");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out().lines()).isNotEmpty().allMatch(line -> line.startsWith("SITE "));
  }

  @Test
  void a_port_in_use_is_named_with_the_setting_that_changes_it() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String taken = Integer.toString(other.getLocalPort());
      Map<String, String> settings = new TreeMap<>(settingsOf(directory.resolve("data")));
      settings.put("PORT", taken);
      settings.put("HOWDAH_MANAGEMENT_PORT", "0");
      Ended business = run(settings, "run");
      assertThat(business.exitCode()).isEqualTo(1);
      assertThat(business.err())
          .contains("the business port 127.0.0.1:" + taken + " is in use")
          .contains("PORT (howdah.http.port)")
          .doesNotContain("\tat ");
      settings.put("PORT", "0");
      settings.put("HOWDAH_MANAGEMENT_PORT", taken);
      Ended management = run(settings, "run");
      assertThat(management.exitCode()).isEqualTo(1);
      assertThat(management.err())
          .contains("the management port 127.0.0.1:" + taken + " is in use")
          .contains("HOWDAH_MANAGEMENT_PORT");
    }
  }

  @Test
  void a_mistake_in_a_sites_own_route_is_shown_with_its_place_and_without_a_stack_trace()
      throws Exception {
    Path own =
        Files.createDirectories(directory.resolve("config/routes")).resolve("tell-ris.camel.yaml");
    String route =
        """
        - route:
            id: tell-ris
            from:
              uri: timer:tell-ris
              steps:
                - to: log:tell-ris
        """;
    for (Mistake mistake :
        List.of(
            new Mistake("steps:", "stepz:", "Unsupported field: stepz", "line 6"),
            new Mistake(
                "- to: log:tell-ris", "- to: 'log:tell-ris", "found unexpected end", "line 6"),
            new Mistake("timer:", "tymer:", "tell-ris (source: ", "tymer"),
            new Mistake("to: log:tell-ris", "bean: {ref: nobody}", "tell-ris", "nobody"),
            new Mistake(
                "log:tell-ris", "log:{{no.such.setting}}", "tell-ris", "no.such.setting"))) {
      Files.writeString(own, route.replace(mistake.right, mistake.wrong));

      Ended run = run(settingsOf(directory.resolve("data")), "run");

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .as(mistake.wrong)
          .contains("a route makes no sense to Camel; correct what this names in ")
          .contains(own.getParent().toString())
          .contains(mistake.what)
          .contains(mistake.where)
          .doesNotContain("\tat ")
          .doesNotContain("please report");
    }
  }

  private record Mistake(String right, String wrong, String what, String where) {}

  @Test
  void a_second_gateway_on_the_same_data_does_not_start_and_says_why() throws Exception {
    try (GatewayProcess gateway = GatewayProcess.on(directory.resolve("data")).start()) {
      Map<String, String> settings = new TreeMap<>(settingsOf(directory.resolve("data")));
      settings.put("PORT", "0");
      settings.put("HOWDAH_MANAGEMENT_PORT", "0");
      Ended second = run(settings, "run");
      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(second.err()).contains("another process runs the role").doesNotContain("\tat ");
      assertThat(gateway.client().get("/health").status()).isEqualTo(200);
    }
  }

  @Test
  void sigterm_ends_a_gateway_with_exit_code_0_within_10_s() {
    try (GatewayProcess gateway = GatewayProcess.on(directory.resolve("data")).start()) {
      gateway.client().upload(DicomFixtures.ct(1));
      assertThat(gateway.sigterm(Duration.ofSeconds(10))).isZero();
      assertThat(gateway.log()).contains("stopped");
    }
  }

  @Test
  void status_shows_what_the_gateway_knows() throws Exception {
    try (GatewayProcess gateway = GatewayProcess.on(directory.resolve("data")).start()) {
      String url = gateway.uri().toString();
      assertThat(run("status", "--url", url).out()).contains("No study yet.");
      String id = gateway.client().upload(DicomFixtures.ct(1)).studyId().orElseThrow();
      Ended watched = run("status", id, "--watch", "--url", url);
      assertThat(watched.exitCode()).as(watched.out() + watched.err()).isZero();
      assertThat(watched.out()).contains("archived", "WHEN");
      JsonNode one = JSON.readTree(run("status", id, "--json", "--url", url).out());
      assertThat(one.path("status").asText()).isEqualTo("archived");
      assertThat(one.path("history")).hasSizeGreaterThanOrEqualTo(4);
      JsonNode all = JSON.readTree(run("status", "--json", "--url", url).out());
      assertThat(all.path("counts").path("archived").asInt()).isEqualTo(1);
      Ended unknown = run("status", "nobody", "--url", url);
      assertThat(unknown.exitCode()).isEqualTo(1);
      assertThat(unknown.err()).contains("STUDY_NOT_FOUND");
    }
  }

  @Test
  void the_doctor_sees_a_gateway_that_runs() throws Exception {
    Path data = directory.resolve("data");
    int management = GatewayProcess.Setup.freePort();
    try (GatewayProcess gateway =
        GatewayProcess.on(data)
            .set("howdah.management.port", Integer.toString(management))
            .start()) {
      Map<String, String> settings = new TreeMap<>(settingsOf(data));
      settings.put("PORT", Integer.toString(gateway.uri().getPort()));
      settings.put("HOWDAH_MANAGEMENT_PORT", Integer.toString(management));
      Ended doctor = run(settings, "doctor");
      assertThat(doctor.exitCode()).as(doctor.out()).isZero();
      assertThat(doctor.out().lines().filter(line -> line.contains("a gateway runs there")))
          .hasSize(2);
      assertThat(doctor.out())
          .contains("quick check ok", "PACS_IDLE")
          .doesNotContain("FAIL", "WARN  gateway");
      settings.put("HOWDAH_DATA", directory.resolve("another").toString());
      Ended another = run(settings, "doctor");
      assertThat(another.exitCode()).as(another.out()).isEqualTo(1);
      assertThat(another.out().lines().filter(line -> line.startsWith("FAIL")))
          .hasSize(2)
          .allMatch(line -> line.contains("a gateway on other data runs there"));
    }
  }

  @Test
  void an_import_that_was_killed_goes_on_where_it_ended_and_makes_no_study_twice()
      throws Exception {
    Path source = Files.createDirectory(directory.resolve("source"));
    for (int i = 0; i < 120; i++) {
      Files.write(source.resolve(i + ".dcm"), DicomFixtures.ct(1000 + i));
    }
    Path journal = directory.resolve("journal.jsonl");
    try (GatewayProcess gateway = GatewayProcess.on(directory.resolve("data")).start()) {
      String url = gateway.uri().toString();
      String[] command = {"import", "--url", url, "--journal", journal.toString(), "source"};
      Process first = launch(Map.of(), command);
      Awaitility.await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> Files.exists(journal) && Files.readAllLines(journal).size() > 10);
      first.destroyForcibly().waitFor();
      int accepted = Files.readAllLines(journal).size() - 1;
      assertThat(accepted).as("killed on its way").isBetween(10, 119);
      Ended second = run(command);
      assertThat(second.exitCode()).as(second.out() + second.err()).isZero();
      assertThat(second.out()).contains(" accepted in an earlier run");
      GatewayClient client = gateway.client();
      assertThat(client.get("/status").body().path("count").asInt()).isEqualTo(120);
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> client.get("/status?state=archived").body().path("count").asInt() == 120);
    }
    assertThat(digests(directory.resolve("data/archive"), "original.dcm"))
        .isEqualTo(digests(source, ".dcm"))
        .allSatisfy((digest, copies) -> assertThat(copies).isEqualTo(1));
  }

  @Test
  void a_study_that_failed_a_profile_is_archived_after_it_is_requeued() throws Exception {
    Path data = directory.resolve("data");
    Path profiles = Files.createDirectory(directory.resolve("profiles"));
    Path strict =
        Files.writeString(
            profiles.resolve("strict.yaml"),
            """
            description: What a strict site asks
            rules:
              - {tag: Occupation, require: present}
            """);
    byte[] file = DicomFixtures.ct(7);
    try (GatewayProcess gateway =
        GatewayProcess.on(data).set("howdah.validate.profiles", profiles.toString()).start()) {
      GatewayClient client = gateway.client();
      String id = client.upload(file).studyId().orElseThrow();
      awaitStatus(client, id, "validation_failed");
      assertThat(data.resolve("quarantine").resolve(id + ".dcm")).exists();
      Ended again = run(settingsOf(data), "requeue", id);
      assertThat(again.exitCode()).as(again.out() + again.err()).isZero();
      Awaitility.await("judged again, still by the strict profile")
          .atMost(LIMIT)
          .until(
              () ->
                  client.get("/status/" + id + "/history").body().path("history").size() >= 6
                      && status(client, id).equals("validation_failed"));
      assertThat(data.resolve("quarantine").resolve(id + ".reason.json")).exists();
      Files.delete(strict);
      Awaitility.await("the gateway has read the profiles again")
          .atMost(LIMIT)
          .until(
              () -> !gateway.said("validation profiles read again").isEmpty() || lookAgain(client));
      Ended requeued = run(settingsOf(data), "requeue", "--invalid");
      assertThat(requeued.exitCode()).as(requeued.out() + requeued.err()).isZero();
      awaitStatus(client, id, "archived");
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> Files.notExists(data.resolve("quarantine").resolve(id + ".dcm")));
      assertThat(data.resolve("archive").resolve(id).resolve("original.dcm"))
          .hasBinaryContent(file);
      assertThat(run(settingsOf(data), "requeue", id).out()).contains("which is no failure");
      assertThat(run(settingsOf(data), "requeue", "nobody").out()).contains("no such study");
      assertThat(run(settingsOf(data), "requeue", "--failed").exitCode()).isZero();
    }
  }

  /** Profiles are looked at when a file is judged. */
  private static boolean lookAgain(GatewayClient client) {
    client.upload(DicomFixtures.ct(System.nanoTime()));
    return false;
  }

  private static String status(GatewayClient client, String id) {
    return client.get("/status/" + id).body().path("status").asText();
  }

  private static void awaitStatus(GatewayClient client, String id, String status) {
    Awaitility.await().atMost(LIMIT).until(() -> status(client, id).equals(status));
  }
}
