package io.howdah.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.RunningGateway;
import io.howdah.support.Wire;
import io.howdah.support.Wire.Form;
import io.howdah.support.Wire.Request;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The abuse plan's rows A01 to A05, A09 and the fault plan's F40 on a real gateway. */
class HostileWireTest {
  private static final int LIMIT = 1024 * 1024;
  private static final AtomicInteger SEED = new AtomicInteger();
  private static final AtomicInteger SMUGGLED = new AtomicInteger();
  @TempDir static Path base;
  private static RunningGateway gateway;

  @BeforeAll
  static void start() {
    gateway =
        RunningGateway.start(
            base,
            "howdah.roles",
            "gateway,status",
            "howdah.intake.max-file-size",
            Integer.toString(LIMIT),
            "howdah.intake.max-request-size",
            Integer.toString(LIMIT),
            "howdah.http.idle-timeout",
            "1s",
            "howdah.http.max-connections",
            "20");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @AfterEach
  void every_temporary_file_is_gone_and_the_next_request_is_served() throws IOException {
    gateway.leavesNoTemporaryFile();
    assertThat(gateway.send(Request.of("GET", "/health")).status()).isEqualTo(200);
  }

  private static byte[] dicom(int length) {
    byte[] bytes = new byte[length];
    new Random(SEED.incrementAndGet()).nextBytes(bytes);
    if (length > 132) {
      System.arraycopy("DICM".getBytes(StandardCharsets.US_ASCII), 0, bytes, 128, 4);
    }
    return bytes;
  }

  private static Form form(int length) {
    return new Form().file("file", "a.dcm", dicom(length));
  }

  private static String head(String... headers) {
    return "POST /upload HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary="
        + Form.BOUNDARY
        + "\r\n"
        + String.join("\r\n", headers)
        + "\r\n\r\n";
  }

  // ------------------------------------------------------------------------------ A01, A02

  @Test
  void a_length_over_the_limit_is_413_before_any_of_the_body() throws IOException {
    for (String length : List.of("2100000", "99999999999", "999999999999999999")) {
      try (Wire wire = gateway.wire()) {
        Wire.Answer answer = wire.send(head("Content-Length: " + length)).answer();
        assertThat(answer.status()).as(length).isEqualTo(413);
        assertThat(answer.text("code")).isEqualTo("REQUEST_TOO_LARGE");
        assertThat(answer.headers()).containsEntry("connection", "close");
        wire.finish();
        assertThat(wire.isClosedByPeer()).isTrue();
      }
    }
  }

  @Test
  void an_endless_body_is_413_when_it_passes_the_limit_wherever_it_is_endless() throws IOException {
    String part = new String(form(0).open(), StandardCharsets.ISO_8859_1);
    Map<String, String> beginnings = new LinkedHashMap<>();
    beginnings.put("file", part.substring(0, part.length() - 2));
    beginnings.put(
        "field", "--" + Form.BOUNDARY + "\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n");
    beginnings.put("preamble", "x");
    beginnings.put("epilogue", "--" + Form.BOUNDARY + "--\r\n");
    byte[] chunk = ("10000\r\n" + "z".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.UTF_8);
    for (Map.Entry<String, String> beginning : beginnings.entrySet()) {
      try (Wire wire = gateway.wire()) {
        wire.send(head("Transfer-Encoding: chunked"));
        wire.send(
            Integer.toHexString(beginning.getValue().length())
                + "\r\n"
                + beginning.getValue()
                + "\r\n");
        int sent = 0;
        while (sent < 40 && wire.trySend(chunk)) { // 40 × 64 KB: limit, overhead, and some more
          sent++;
        }
        Wire.Answer answer = wire.answer();
        assertThat(answer.status()).as(beginning.getKey()).isEqualTo(413);
        assertThat(answer.headers()).containsEntry("connection", "close");
      }
      gateway.leavesNoTemporaryFile();
    }
  }

  @Test
  void a_chunked_body_within_the_limit_is_taken() throws IOException {
    byte[] bytes = dicom(10_000);
    byte[] body = new Form().file("file", "a.dcm", bytes).bytes();
    try (Wire wire = gateway.wire()) {
      wire.send(head("Transfer-Encoding: chunked"));
      for (int at = 0; at < body.length; at += 777) {
        int length = Math.min(777, body.length - at);
        wire.send(Integer.toHexString(length) + ";ext=1\r\n").send(body, at, length).send("\r\n");
      }
      Wire.Answer answer = wire.send("0\r\nTrailer: x\r\n\r\n").answer();
      assertThat(answer.status()).isEqualTo(202);
      assertThat(gateway.waiting(answer.text("study_id"))).isEqualTo(bytes);
    }
  }

  // ------------------------------------------------------------------------------ A03

  /** Sends a request with contradictory framing, and a second one hidden behind it. */
  private void refusesFraming(String name, String request) throws IOException {
    String id = "smuggled-" + SMUGGLED.incrementAndGet();
    String hidden =
        "POST /status/"
            + id
            + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n{\"status\":\"archived\"}";
    try (Wire wire = gateway.wire()) {
      wire.send(request.replace("HIDDEN", hidden));
      Wire.Answer answer = wire.answer();
      assertThat(answer.status()).as(name + " " + answer).isIn(400, 501);
      wire.finish();
      assertThat(wire.isClosedByPeer()).as(name + ": nothing else is answered").isTrue();
    } catch (EOFException | SocketException e) {
      // closed without a word: refused as well
    }
    assertThat(gateway.send(Request.of("GET", "/status/" + id)).status())
        .as(name + ": the hidden request was run")
        .isEqualTo(404);
  }

  @Test
  void a_request_whose_framing_contradicts_itself_is_refused_with_all_that_follows()
      throws IOException {
    String post = "POST /status/a HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n";
    Map<String, String> requests = new LinkedHashMap<>();
    requests.put(
        "CL and TE",
        post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHIDDEN");
    requests.put(
        "TE and CL",
        post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nHIDDEN");
    requests.put("two lengths", post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}HIDDEN");
    requests.put("length list", post + "Content-Length: 2, 3\r\n\r\n{}HIDDEN");
    requests.put("length with a sign", post + "Content-Length: +2\r\n\r\n{}HIDDEN");
    requests.put("negative length", post + "Content-Length: -1\r\n\r\nHIDDEN");
    requests.put("hex length", post + "Content-Length: 0x2\r\n\r\n{}HIDDEN");
    requests.put(
        "length past a long", post + "Content-Length: 99999999999999999999\r\n\r\n{}HIDDEN");
    requests.put("unknown coding", post + "Transfer-Encoding: xchunked\r\n\r\nHIDDEN");
    requests.put(
        "coding behind chunked",
        post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\nHIDDEN");
    requests.put(
        "chunk size 0x", post + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\nHIDDEN");
    requests.put(
        "chunk size past a long",
        post + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\nHIDDEN");
    requests.put(
        "chunk size negative",
        post + "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\nHIDDEN");
    requests.put("space before colon", post + "Content-Length : 2\r\n\r\n{}HIDDEN");
    requests.put("no host", "GET /health HTTP/1.1\r\n\r\nHIDDEN");
    requests.put("two hosts", "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\nHIDDEN");
    requests.put("no method", " /health HTTP/1.1\r\nHost: h\r\n\r\nHIDDEN");
    requests.put("no version", "GET /health\r\nHost: h\r\n\r\nHIDDEN");
    requests.put("another version", "GET /health HTTP/3.0\r\nHost: h\r\n\r\nHIDDEN");
    requests.put(
        "control in a header", "GET /health HTTP/1.1\r\nHost: h\r\nX: a\u0000b\r\n\r\nHIDDEN");
    for (Map.Entry<String, String> request : requests.entrySet()) {
      refusesFraming(request.getKey(), request.getValue());
    }
  }

  /** The follower may be read while the connection is being closed; which comes first is chance. */
  @Test
  void what_follows_a_refused_request_is_not_run_while_the_connection_closes() throws IOException {
    for (int i = 0; i < 300; i++) {
      refusesFraming("no host, time " + i, "GET /health HTTP/1.1\r\n\r\nHIDDEN");
    }
  }

  @Test
  void a_second_protocol_is_not_spoken() throws IOException {
    for (String opening :
        List.of(
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n")) {
      try (Wire wire = gateway.wire()) {
        wire.send(opening.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(wire.answer().status()).isGreaterThanOrEqualTo(400);
      } catch (EOFException | SocketException e) {
        // closed: just as well
      }
    }
    Wire.Answer answer =
        gateway.send(
            Request.of("GET", "/health")
                .with("Connection", "Upgrade, HTTP2-Settings")
                .with("Upgrade", "h2c")
                .with("HTTP2-Settings", "AAMAAABkAAQAoAAAAAIAAAAA"));
    assertThat(answer.status()).isEqualTo(200);
  }

  // ------------------------------------------------------------------------------ A04

  @Test
  void a_header_that_does_not_end_ends_the_connection() throws IOException {
    try (Wire silent = gateway.wire();
        Wire trickle = gateway.wire()) {
      trickle.send("GET /health HTTP/1.1\r\nHost: h\r\n");
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .pollInterval(Duration.ofMillis(100))
          .until(() -> !trickle.trySend("X: y\r\n".getBytes(StandardCharsets.UTF_8)));
      assertThat(silent.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void an_idle_connection_is_closed() throws IOException {
    try (Wire wire = gateway.wire()) {
      assertThat(wire.send(Request.of("GET", "/health").bytes()).answer().status()).isEqualTo(200);
      assertThat(wire.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void a_body_that_comes_too_slowly_is_408_and_its_file_is_gone() throws IOException {
    byte[] part = form(500).open();
    try (Wire wire = gateway.wire()) {
      wire.send(head("Content-Length: 100000")).send(part);
      Wire.Answer answer = wire.answer();
      assertThat(answer.status()).isEqualTo(408);
      assertThat(answer.text("code")).isEqualTo("TOO_SLOW");
    }
  }

  @Test
  void a_small_body_that_does_not_come_ends_the_connection_whatever_type_it_says_it_has()
      throws IOException {
    for (String type : List.of("application/json", "multipart/form-data; boundary=x")) {
      try (Wire wire = gateway.wire()) {
        wire.send(
            "POST /status/slow HTTP/1.1\r\nHost: h\r\nContent-Type: "
                + type
                + "\r\nContent-Length: 100\r\n\r\n{");
        assertThat(wire.isClosedByPeer()).as(type).isTrue();
      }
    }
    assertThat(gateway.send(Request.of("GET", "/status/slow")).status()).isEqualTo(404);
  }

  @Test
  void connections_beyond_the_limit_are_closed_and_the_others_are_served() throws IOException {
    List<Wire> open = new ArrayList<>();
    try {
      for (int i = 0; i < 30; i++) {
        open.add(gateway.wire());
      }
      int served = 0;
      for (Wire wire : open) {
        if (wire.trySend(Request.of("GET", "/health").bytes())) {
          try {
            served += wire.answer().status() == 200 ? 1 : 0;
          } catch (IOException e) {
            // one of those that were closed
          }
        }
      }
      assertThat(served).isBetween(10, 20);
    } finally {
      for (Wire wire : open) {
        wire.close();
      }
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .ignoreExceptions()
        .until(() -> gateway.send(Request.of("GET", "/health")).status() == 200);
  }

  // ------------------------------------------------------------------------------ A05, A09

  @Test
  void headers_and_targets_are_bounded() throws IOException {
    Map<Integer, String> requests = new LinkedHashMap<>();
    requests.put(431, "GET /health HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(9_000) + "\r\n\r\n");
    requests.put(414, "GET /health?" + "x".repeat(8_192) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    for (Map.Entry<Integer, String> request : requests.entrySet()) {
      try (Wire wire = gateway.wire()) {
        assertThat(wire.send(request.getValue()).answer().status()).isEqualTo(request.getKey());
      }
    }
    StringBuilder many = new StringBuilder("GET /health HTTP/1.1\r\nHost: h\r\n");
    for (int i = 0; i < 2_000; i++) {
      many.append("X").append(i).append(": y\r\n");
    }
    try (Wire wire = gateway.wire()) {
      assertThat(wire.send(many + "\r\n").answer().status()).isEqualTo(431);
    }
  }

  @Test
  void odd_targets_and_methods_are_refused_and_harm_nothing() throws IOException {
    for (String line :
        List.of(
            "OPTIONS * HTTP/1.1",
            "CONNECT example.org:443 HTTP/1.1",
            "GET http://example.org/health/ HTTP/1.1",
            "TRACE /health HTTP/1.1",
            "GET /../../etc/passwd HTTP/1.1",
            "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
            "GET /status/%00 HTTP/1.1",
            "GET /status/%zz HTTP/1.1",
            "GET /status/a/../../upload HTTP/1.1",
            "GET //upload HTTP/1.1",
            "DELETE /status/a HTTP/1.1",
            "BREW /coffee HTTP/1.1")) {
      try (Wire wire = gateway.wire()) {
        Wire.Answer answer = wire.send(line + "\r\nHost: h\r\n\r\n").answer();
        assertThat(answer.status()).as(line).isIn(200, 400, 404, 405, 501);
        if (answer.status() == 200) {
          assertThat(line).containsAnyOf("OPTIONS", "http://example.org/health");
        }
        assertThat(answer.body()).doesNotContain("root:", "Exception", "\tat ");
      }
    }
  }

  // ------------------------------------------------------------------------------ continue,
  // pipeline

  @Test
  void a_sender_that_asks_first_is_told_to_continue_or_why_not() throws IOException {
    byte[] body = form(1_000).bytes();
    try (Wire wire = gateway.wire()) {
      wire.send(Form.upload(body).with("Expect", "100-continue").head());
      assertThat(wire.answer().status()).isEqualTo(100);
      assertThat(wire.send(body).answer().status()).isEqualTo(202);
    }
    try (Wire wire = gateway.wire()) {
      wire.send(head("Expect: 100-continue", "Content-Length: 99999999"));
      assertThat(wire.answer().status()).isEqualTo(413);
    }
  }

  @Test
  void several_uploads_on_one_connection_are_each_answered_in_turn() throws IOException {
    try (Wire wire = gateway.wire()) {
      byte[] one = dicom(50_000);
      byte[] two = dicom(50_000);
      wire.send(new Form().file("file", "1.dcm", one).upload().bytes());
      wire.send(new Form().file("file", "2.dcm", two).upload().bytes());
      wire.send(Request.of("GET", "/health").bytes());
      assertThat(gateway.waiting(wire.answer().text("study_id"))).isEqualTo(one);
      assertThat(gateway.waiting(wire.answer().text("study_id"))).isEqualTo(two);
      assertThat(wire.answer().status()).isEqualTo(200);
    }
  }

  // ------------------------------------------------------------------------------ F40

  @Test
  void a_body_that_is_cut_off_is_never_accepted_and_leaves_no_file() throws IOException {
    byte[] whole = form(200_000).bytes();
    int content = new String(whole, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
    Set<String> before = RunningGateway.names(gateway.uploads());
    for (int length : new int[] {1, content + 1, whole.length / 2, whole.length - 1}) {
      for (boolean reset : new boolean[] {false, true}) {
        for (boolean chunked : new boolean[] {false, true}) {
          try (Wire wire = gateway.wire()) {
            if (chunked) {
              wire.send(head("Transfer-Encoding: chunked"));
              wire.send(Integer.toHexString(length) + "\r\n").send(whole, 0, length).send("\r\n");
            } else {
              wire.send(head("Content-Length: " + whole.length)).send(whole, 0, length);
            }
            if (reset) {
              wire.reset();
            } else {
              wire.finish();
              try {
                assertThat(wire.answer().status()).isNotEqualTo(202);
              } catch (EOFException | SocketException e) {
                // no answer is an honest answer to half a request
              }
            }
          }
          gateway.leavesNoTemporaryFile();
          assertThat(RunningGateway.names(gateway.uploads()))
              .as("cut at " + length + " reset " + reset + " chunked " + chunked)
              .isEqualTo(before);
        }
      }
    }
  }

  @Test
  void
      a_multipart_body_that_ends_before_its_last_delimiter_is_not_accepted_although_its_length_is_right()
          throws IOException {
    byte[] whole = form(5_000).bytes();
    Set<String> before = RunningGateway.names(gateway.uploads());
    for (int missing = 3; missing < 60; missing += 7) {
      Wire.Answer answer = gateway.send(Form.upload(Arrays.copyOf(whole, whole.length - missing)));
      assertThat(answer.status()).as("without the last " + missing).isEqualTo(400);
    }
    assertThat(RunningGateway.names(gateway.uploads())).isEqualTo(before);
  }
}
