package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportTest {
  @TempDir Path directory;
  private final Queue<Script> script = new ConcurrentLinkedQueue<>();
  private final List<String> keys = new CopyOnWriteArrayList<>();
  private HttpServer server;

  /** One answer of the gateway that is played here; status 0: the connection is cut instead. */
  private record Script(int status, String retryAfter, String body) {}

  private static String accepted(String id) {
    return "{\"study_id\":\"" + id + "\",\"status\":\"accepted\",\"message\":\"ok\"}";
  }

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/upload",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
          keys.add(key);
          Script next = script.poll();
          if (next == null) {
            next = new Script(202, null, accepted(key.substring(0, 8)));
          }
          if (next.status() == 0) {
            exchange.close();
            return;
          }
          if (next.retryAfter() != null) {
            exchange.getResponseHeaders().add("Retry-After", next.retryAfter());
          }
          byte[] body = next.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(next.status(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
    ((java.util.concurrent.ExecutorService) server.getExecutor()).shutdownNow();
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private CommandLineRun send(String... more) {
    List<String> args =
        new java.util.ArrayList<>(
            List.of(
                "import",
                "--url",
                url(),
                "--connections",
                "1",
                "--journal",
                journal().toString(),
                directory.resolve("in").toString()));
    args.addAll(List.of(more));
    return CommandLineRun.of(args.toArray());
  }

  private Path journal() {
    return directory.resolve("journal.jsonl");
  }

  private void files(int number) throws IOException {
    Files.createDirectories(directory.resolve("in"));
    for (int i = 0; i < number; i++) {
      Files.writeString(directory.resolve("in/" + i + ".dcm"), "file " + i);
    }
  }

  @Test
  void a_second_run_sends_only_what_was_not_accepted_or_has_changed() throws Exception {
    files(5);
    script.add(new Script(422, null, "{\"code\":\"EMPTY\",\"detail\":\"the file is empty\"}"));
    CommandLineRun first = send();
    assertThat(first.exitCode()).isEqualTo(1);
    assertThat(first.out()).contains("EMPTY: the file is empty", "in/0.dcm");
    assertThat(keys).hasSize(5);
    Files.setLastModifiedTime(
        directory.resolve("in/4.dcm"), FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
    CommandLineRun second = send();
    assertThat(second.exitCode()).isZero();
    assertThat(second.out()).contains("3 accepted in an earlier run");
    assertThat(keys).hasSize(7);
    assertThat(send().exitCode()).isZero();
    assertThat(keys).hasSize(7);
  }

  @Test
  void a_line_cut_short_by_a_crash_costs_one_more_sending_under_the_same_key() throws Exception {
    files(3);
    assertThat(send().exitCode()).isZero();
    byte[] written = Files.readAllBytes(journal());
    Files.write(journal(), java.util.Arrays.copyOf(written, written.length - 20));
    assertThat(send().exitCode()).isZero();
    assertThat(keys).hasSize(4);
    assertThat(keys.get(3)).isIn(keys.subList(0, 3));
    assertThat(Files.readAllLines(journal())).hasSize(4);
  }

  @Test
  void a_busy_gateway_is_asked_again_after_the_time_it_said() throws Exception {
    files(1);
    script.add(new Script(503, "1", "{\"code\":\"NOT_STORED\"}"));
    script.add(new Script(507, "0", "{\"code\":\"DISK_FULL\"}"));
    long begun = System.nanoTime();
    assertThat(send().exitCode()).isZero();
    assertThat(System.nanoTime() - begun).isGreaterThan(1_000_000_000L);
    assertThat(keys).hasSize(3).allMatch(key -> key.equals(keys.get(0)));
  }

  @Test
  void an_answer_that_is_lost_is_asked_for_again_under_the_same_key() throws Exception {
    files(1);
    script.add(new Script(0, null, ""));
    script.add(
        new Script(202, null, "{\"study_id\":\"a\",\"status\":\"accepted\",\"duplicate\":true}"));
    CommandLineRun run = send();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).containsPattern("duplicate +1");
    assertThat(keys).hasSizeGreaterThanOrEqualTo(2).allMatch(key -> key.equals(keys.get(0)));
  }

  @Test
  void a_gateway_that_stumbles_over_one_file_gets_the_others() throws Exception {
    files(3);
    for (int i = 0; i < 4; i++) {
      script.add(new Script(500, null, "{\"code\":\"INTERNAL\",\"detail\":\"no\"}"));
    }
    CommandLineRun run = send();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).containsPattern("accepted +2").containsPattern("refused +1");
  }

  @Test
  void without_a_gateway_it_gives_up_in_bounded_time_and_says_what_is_left() throws Exception {
    files(2);
    server.stop(0);
    CommandLineRun run = send("--patience", "1");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("gave up with 2 files not sent", "run the same command again");
  }

  @Test
  void a_gateway_that_asks_for_a_key_ends_the_run_at_once() throws Exception {
    files(3);
    script.add(new Script(401, null, "{\"code\":\"UNAUTHORIZED\"}"));
    CommandLineRun run = send();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("--key-file");
    assertThat(keys).hasSize(1);
  }

  @Test
  void a_zip_with_one_refused_file_is_not_taken_for_accepted() throws Exception {
    files(1);
    script.add(
        new Script(
            202,
            null,
            "{\"message\":\"1 of 2\",\"studies\":[{\"study_id\":\"a\",\"status\":\"accepted\"},"
                + "{\"status\":\"refused\",\"code\":\"NOT_DICOM\",\"message\":\"no\"}]}"));
    CommandLineRun run = send();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("NOT_DICOM");
  }

  @Test
  void a_journal_of_another_gateway_or_of_something_else_is_not_believed() throws Exception {
    files(1);
    ImportJournal.open(journal(), URI.create("http://elsewhere:8080/")).close();
    assertThat(send().err()).contains("elsewhere");
    Files.writeString(journal(), "my diary\n");
    CommandLineRun run = send();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("is not the journal of an import");
    assertThat(journal()).hasContent("my diary\n");
    assertThat(keys).isEmpty();
  }

  @Test
  void two_imports_do_not_share_a_journal() throws Exception {
    files(1);
    try (ImportJournal held = ImportJournal.open(journal(), URI.create(url() + "/"))) {
      assertThat(send().err()).contains("another import writes " + held.file());
    }
  }

  @Test
  void a_journal_that_cannot_be_written_is_no_success() throws Exception {
    files(1);
    CommandLineRun run =
        CommandLineRun.with(
            Map.of(),
            "import",
            "--url",
            url(),
            "--journal",
            directory.resolve("no/such/folder.jsonl").toString(),
            directory.resolve("in").toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("folder.jsonl");
    assertThat(keys).isEmpty();
  }

  @Test
  void file_names_of_every_kind_reach_the_gateway_whole() throws Exception {
    Files.createDirectories(directory.resolve("in"));
    Files.writeString(directory.resolve("in/a \"quoted\"\r\nname;.dcm"), "x");
    assertThat(send().exitCode()).isZero();
    assertThat(Files.readString(journal(), StandardCharsets.UTF_8)).contains("quoted");
    Files.writeString(journal(), "", StandardOpenOption.TRUNCATE_EXISTING);
    assertThat(send().exitCode()).isZero();
  }
}
