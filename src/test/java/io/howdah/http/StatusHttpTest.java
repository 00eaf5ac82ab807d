package io.howdah.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.support.RunningGateway;
import io.howdah.support.Wire;
import io.howdah.support.Wire.Request;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The status API of contract §3 over HTTP, on a gateway with the status role alone. */
class StatusHttpTest {
  private static final AtomicInteger IDS = new AtomicInteger();
  @TempDir static Path base;
  private static RunningGateway gateway;

  @BeforeAll
  static void start() {
    gateway = RunningGateway.start(base, "howdah.roles", "status");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static String id() {
    return "study-" + IDS.incrementAndGet();
  }

  private static Wire.Answer get(String target) throws IOException {
    return gateway.send(Request.of("GET", target));
  }

  private static Wire.Answer post(String id, String json) throws IOException {
    return gateway.send(Request.of("POST", "/status/" + id).json(json));
  }

  private static void report(String id, String status) throws IOException {
    assertThat(post(id, "{\"status\":\"" + status + "\"}").status()).isEqualTo(200);
  }

  private static void isProblem(Wire.Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers()).containsEntry("content-type", "application/problem+json");
    assertThat(answer.text("code")).isEqualTo(code);
    assertThat(answer.body()).doesNotContain("Exception", "\tat ", "io.howdah");
  }

  @Test
  void a_reported_status_is_told_word_for_word_as_the_contract_has_it() throws IOException {
    String id = id();
    Wire.Answer posted =
        post(
            id,
            "{\"status\":\"validated\",\"details\":{\"modality\":\"MG\",\"n\":[1,null,{\"\u00fc\":\"\ud83e\udd99\"}]}}");
    assertThat(posted.status()).isEqualTo(200);
    assertThat(posted.headers()).containsEntry("content-type", "application/json");
    assertThat(posted.text("message")).isEqualTo("Status updated successfully");
    assertThat(posted.text("study_id")).isEqualTo(id);
    assertThat(posted.json().fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("message", "study_id");

    Wire.Answer told = get("/status/" + id);
    assertThat(told.status()).isEqualTo(200);
    assertThat(told.headers()).containsEntry("content-type", "application/json");
    assertThat(told.json().fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("study_id", "status", "timestamp", "details");
    assertThat(told.text("study_id")).isEqualTo(id);
    assertThat(told.text("status")).isEqualTo("validated");
    assertThat(told.text("timestamp")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.*Z");
    assertThat(told.json().at("/details/modality").asText()).isEqualTo("MG");
    assertThat(told.json().at("/details/n/2/\u00fc").asText()).isEqualTo("\ud83e\udd99");
  }

  @Test
  void an_unknown_study_is_404() throws IOException {
    for (String target : List.of("/status/unknown", "/status/unknown/history")) {
      isProblem(get(target), 404, "STUDY_NOT_FOUND");
      assertThat(get(target).text("detail")).isEqualTo("Study not found");
    }
  }

  @Test
  void an_id_that_means_something_to_camel_or_sql_is_only_an_id() throws IOException {
    for (String odd :
        List.of(
            "true",
            "null",
            "body",
            "1",
            "*",
            "study_id",
            "getClass",
            "toString()",
            "${body}",
            "${header.study_id}",
            "$simple{body}",
            "{{howdah.data}}",
            "'a'",
            "\"a\"",
            "a,b",
            "a?b",
            "a#b",
            "%",
            "_",
            "' OR 1=1 --",
            "a\u0000b",
            "\ud83e\udd99",
            "..",
            "a b",
            "a;b",
            "x".repeat(200))) {
      String target =
          "/status/" + URLEncoder.encode(odd, StandardCharsets.UTF_8).replace("+", "%20");
      Wire.Answer answer = get(target);
      assertThat(answer.status()).as(odd).isEqualTo(404);
      assertThat(get(target + "/history").status()).as(odd).isEqualTo(404);
    }
    for (String fine : List.of("true", "body", "1", "getClass", "A-b_c.9")) {
      report(fine, "processing");
      assertThat(get("/status/" + fine).text("study_id")).isEqualTo(fine);
      assertThat(get("/status/" + fine).text("status")).isEqualTo("processing");
    }
  }

  @Test
  void neither_query_nor_header_can_name_another_study() throws IOException {
    String mine = id();
    String other = id();
    report(mine, "validated");
    report(other, "archived");
    assertThat(
            gateway
                .send(
                    Request.of("GET", "/status/" + mine + "?study_id=" + other)
                        .with("study_id", other)
                        .with("Study_Id", other))
                .text("status"))
        .isEqualTo("validated");
  }

  @Test
  void no_header_passes_for_a_query_parameter() throws IOException {
    String id = id();
    report(id, "archived");
    for (String prefix : List.of("", "Howdah-Query-", "howdah-query-")) {
      Wire.Answer page =
          gateway.send(
              Request.of("GET", "/status")
                  .with(prefix + "page", "x")
                  .with(prefix + "State", "failed")
                  .with(prefix + "since", "2999-01-01T00:00:00Z"));
      assertThat(page.status()).as(page.body()).isEqualTo(200);
      assertThat(page.json().at("/results/0/study_id").asText()).isEqualTo(id);
      assertThat(
              gateway
                  .send(Request.of("GET", "/status?page=2").with(prefix + "page", "1"))
                  .json()
                  .path("page")
                  .asInt())
          .isEqualTo(2);
    }
  }

  @Test
  void no_query_parameter_passes_for_a_header() throws IOException {
    String id = id();
    assertThat(
            gateway
                .send(
                    Request.of("POST", "/status/" + id + "?Howdah-Status-Version=x")
                        .json("{\"status\":\"archived\"}"))
                .status())
        .isEqualTo(200);
    isProblem(get("/status?page=%"), 400, "BAD_REQUEST");
  }

  @Test
  void a_report_that_makes_no_sense_is_422_and_changes_nothing() throws IOException {
    String id = id();
    isProblem(post(id, ""), 422, "BAD_STATUS");
    isProblem(post(id, "{}"), 422, "BAD_STATUS");
    isProblem(post(id, "{\"status\":\"done\"}"), 422, "BAD_STATUS");
    isProblem(post(id, "{\"status\":\"ARCHIVED\"}"), 422, "BAD_STATUS");
    isProblem(post(id, "{\"status\":[\"archived\"]}"), 422, "BAD_STATUS");
    isProblem(post(id, "{\"status\":null}"), 422, "BAD_STATUS");
    isProblem(post(id, "[]"), 422, "BAD_STATUS");
    isProblem(post(id, "\"archived\""), 422, "BAD_JSON");
    isProblem(post(id, "{\"status\":\"archived\",\"details\":[]}"), 422, "BAD_DETAILS");
    isProblem(post(id, "{\"status\":\"archived\",\"details\":\"x\"}"), 422, "BAD_DETAILS");
    isProblem(
        post("null", "{\"status\":\"archived\"}"), 422, "BAD_STUDY_ID"); // Camel's word for none
    isProblem(post("a%20b", "{\"status\":\"archived\"}"), 422, "BAD_STUDY_ID");
    isProblem(post("x".repeat(65), "{\"status\":\"archived\"}"), 422, "BAD_STUDY_ID");
    assertThat(get("/status/" + id).status()).isEqualTo(404);
  }

  /** {@code curl -d} calls a form whatever it sends. */
  @Test
  void a_report_that_comes_as_a_form_is_415_and_told_what_to_send() throws IOException {
    String id = id();
    String part =
        "--x\r\nContent-Disposition: form-data; name=\"status\"\r\n\r\narchived\r\n--x--\r\n";
    Map<String, String> forms =
        Map.of(
            "application/x-www-form-urlencoded", "{\"status\":\"archived\"}",
            "Application/X-WWW-Form-URLencoded; charset=utf-8", "status=archived",
            "multipart/form-data; boundary=x", part);
    for (Map.Entry<String, String> form : forms.entrySet()) {
      Wire.Answer answer =
          gateway.send(
              Request.of("POST", "/status/" + id)
                  .with("Content-Type", form.getKey())
                  .body(form.getValue().getBytes(StandardCharsets.UTF_8)));
      isProblem(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
      assertThat(answer.text("detail")).contains("Content-Type: application/json");
    }
    assertThat(get("/status/" + id).status()).isEqualTo(404);
    Request unnamed =
        Request.of("POST", "/status/" + id)
            .body("{\"status\":\"archived\"}".getBytes(StandardCharsets.UTF_8));
    assertThat(gateway.send(unnamed).status()).isEqualTo(200);
  }

  @Test
  void hostile_json_is_422_or_413_and_never_a_stack_trace() throws IOException {
    String id = id();
    for (String json :
        List.of(
            "{",
            "{\"status\":",
            "nonsense",
            "NaN",
            "{\"status\":NaN}",
            "{'status':'archived'}",
            "{\"status\":\"archived\",\"details\":" + "[".repeat(100_000),
            "{\"status\":\"archived\",\"details\":" + "{\"a\":".repeat(100_000),
            "{\"status\":\"archived\",\"n\":1e" + "9".repeat(2_000) + "}",
            "{\"status\":\"archived\",\"n\":" + "9".repeat(10_000) + "}",
            "\ufeff\ufeff{}",
            "\u0000")) {
      Wire.Answer answer = post(id, json);
      assertThat(answer.status()).as(json.substring(0, Math.min(40, json.length()))).isEqualTo(422);
      isProblem(answer, 422, answer.text("code"));
    }
    Wire.Answer large =
        post(id, "{\"status\":\"archived\",\"x\":\"" + "y".repeat(1_100_000) + "\"}");
    isProblem(large, 413, "TOO_LARGE");
    byte[] utf16 = "{\"status\":\"archived\"}".getBytes(StandardCharsets.UTF_16);
    assertThat(gateway.send(Request.of("POST", "/status/" + id).body(utf16)).status())
        .isEqualTo(422);
    assertThat(get("/status/" + id).status()).isEqualTo(404);
  }

  @Test
  void lone_surrogates_and_nulls_in_details_come_back_as_valid_json() throws IOException {
    String id = id();
    assertThat(
            post(id, "{\"status\":\"archived\",\"details\":{\"a\":\"\\ud800\",\"b\":\"\\u0000\"}}")
                .status())
        .isEqualTo(200);
    assertThat(get("/status/" + id).json().at("/details/b").asText()).isEqualTo("\u0000");
  }

  @Test
  void a_slower_older_report_never_replaces_a_newer_one() throws IOException {
    String id = id();
    report(id, "archived");
    report(id, "processing");
    report(id, "uploaded");
    assertThat(get("/status/" + id).text("status")).isEqualTo("archived");
    JsonNode history = get("/status/" + id + "/history").json();
    assertThat(history.path("study_id").asText()).isEqualTo(id);
    List<String> words = new ArrayList<>();
    List<Boolean> applied = new ArrayList<>();
    history
        .path("history")
        .forEach(
            entry -> {
              words.add(entry.path("status").asText());
              applied.add(entry.path("applied").asBoolean());
              assertThat(entry.path("timestamp").asText()).endsWith("Z");
            });
    assertThat(words).containsExactly("archived", "processing", "uploaded");
    assertThat(applied).containsExactly(true, false, false);
  }

  @Test
  void pages_are_counted_and_narrowed() throws IOException {
    for (int i = 0; i < 55; i++) {
      report(id(), "validation_failed");
    }
    String newest = "study-" + IDS.get();
    JsonNode first = get("/status?state=validation_failed").json();
    assertThat(first.path("count").asInt()).isGreaterThanOrEqualTo(55);
    assertThat(first.path("page").asInt()).isEqualTo(1);
    assertThat(first.path("page_size").asInt()).isEqualTo(50);
    assertThat(first.path("results")).hasSize(50);
    assertThat(first.at("/results/0/study_id").asText()).isEqualTo(newest);
    assertThat(first.at("/results/0").fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("study_id", "status", "timestamp", "details");
    assertThat(get("/status?state=validation_failed&page=2").json().path("results"))
        .hasSize(first.path("count").asInt() - 50);
    assertThat(get("/status?page=1000000").json().path("results")).isEmpty();
    assertThat(get("/status?since=2999-01-01T00:00:00Z").json().path("count").asInt()).isZero();
    assertThat(get("/status?since=2020-01-01T00:00:00Z").json().path("count").asInt()).isPositive();
    assertThat(get("/status").status()).isEqualTo(200);
    assertThat(get("/status?state=&since=&page=").status()).isEqualTo(200);
  }

  @Test
  void a_page_that_makes_no_sense_is_422() throws IOException {
    isProblem(get("/status?state=done"), 422, "BAD_STATUS");
    isProblem(get("/status?state=archived%27%20OR%201=1"), 422, "BAD_STATUS");
    isProblem(get("/status?since=yesterday"), 422, "BAD_SINCE");
    for (String noMillisecondsCountIt :
        List.of(
            "%2B1000000000-12-31T23:59:59Z",
            "-1000000000-01-01T00:00:00Z", "%2B292278995-01-01T00:00:00Z")) {
      isProblem(get("/status?since=" + noMillisecondsCountIt), 422, "BAD_SINCE");
    }
    for (String page : List.of("0", "-1", "x", "1.5", "2147483648", "1e3", "%27")) {
      isProblem(get("/status?page=" + page), 422, "BAD_PAGE");
    }
    for (String twice :
        List.of("state=archived&state=failed", "page=1&page=2", "since=a&since=b")) {
      assertThat(get("/status?" + twice).status()).as(twice).isEqualTo(422);
    }
  }

  /** RFC 9110 §15.5.6. */
  @Test
  void a_method_that_is_not_taken_is_answered_with_those_that_are() throws IOException {
    Map<String, String> allowed =
        Map.of("/status/" + id(), "GET, POST", "/status", "GET", "/health", "GET");
    for (Map.Entry<String, String> resource : allowed.entrySet()) {
      Wire.Answer answer = gateway.send(Request.of("DELETE", resource.getKey()));
      isProblem(answer, 405, "METHOD_NOT_ALLOWED");
      assertThat(answer.headers()).containsEntry("allow", resource.getValue());
    }
  }

  @Test
  void a_status_process_takes_no_files() throws IOException {
    assertThat(gateway.send(new Wire.Form().file("file", "a.dcm", new byte[500]).upload()).status())
        .isEqualTo(404);
  }

  @Test
  void no_answer_carries_what_the_client_named() throws IOException {
    report("echo", "archived");
    for (String target : List.of("/health", "/status/echo", "/status", "/status/unknown")) {
      Wire.Answer answer =
          gateway.send(
              Request.of("GET", target + "?Set-Cookie=a&X-Evil=b&Location=c&odd%20name%3A=d")
                  .with("X-Also", "e")
                  .with("Link", "f"));
      assertThat(answer.status()).as(target).isIn(200, 404);
      assertThat(answer.headers().keySet())
          .as(target)
          .isSubsetOf(
              "content-type",
              "content-length",
              "transfer-encoding",
              "cache-control",
              "x-content-type-options");
    }
  }

  @Test
  void health_says_healthy() throws IOException {
    Wire.Answer answer = get("/health");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text("status")).isEqualTo("healthy");
    assertThat(answer.headers()).containsEntry("content-type", "application/json");
  }
}
