package io.howdah.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.http.Answer;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The status API of contract §3: what a study's status is and was, and what others report. */
public final class StatusApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern FORM =
      Pattern.compile(
          "\\s*(application/x-www-form-urlencoded|multipart/)", Pattern.CASE_INSENSITIVE);
  private static final Pattern VERSION = Pattern.compile("\\d{1,18}");
  private static final int PAGE_SIZE = 50;
  private static final int LAST_PAGE = 1_000_000;

  private final Studies studies;

  public StatusApi(Studies studies) {
    this.studies = studies;
  }

  /** {@code GET /status/{study_id}}. */
  public Answer get(String studyId) {
    return known(studyId)
        .flatMap(studies::status)
        .map(status -> Answer.json(200, json(status)))
        .orElseGet(StatusApi::unknown);
  }

  /** {@code GET /status/{study_id}/history}: every status, oldest first. */
  public Answer history(String studyId) {
    List<HistoryEntry> entries = known(studyId).map(studies::history).orElse(List.of());
    if (entries.isEmpty()) {
      return unknown();
    }
    ArrayNode list = JSON.createArrayNode();
    for (HistoryEntry entry : entries) {
      ObjectNode json =
          list.addObject()
              .put("seq", entry.seq())
              .put("status", entry.status().word())
              .put("timestamp", entry.timestamp().toString())
              .put("applied", entry.applied())
              .put("node", entry.node());
      json.set("details", entry.details());
    }
    ObjectNode body = JSON.createObjectNode().put("study_id", studyId);
    body.set("history", list);
    return Answer.json(200, body);
  }

  /**
   * {@code POST /status/{study_id}}: another process's report.
   *
   * @param type the body's media type; of a form, nothing is left that could be read as JSON
   * @param version the reporter's version of the study, from its header {@code
   *     Howdah-Status-Version}; null when it sends none
   */
  public Answer post(String studyId, String type, String body, String version) {
    if (known(studyId).isEmpty()) {
      return Answer.problem(
          422,
          "BAD_STUDY_ID",
          "a study_id has 1 to 64 letters, digits, dots, dashes or underscores");
    }
    if (type != null && FORM.matcher(type).lookingAt()) {
      return Answer.problem(
          415,
          "UNSUPPORTED_MEDIA_TYPE",
          "a report is no form; send {\"status\": \"validated\", \"details\": {}} with Content-Type: application/json");
    }
    JsonNode report;
    try {
      report = body == null || body.isBlank() ? JSON.createObjectNode() : JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return Answer.problem(
          422,
          "BAD_JSON",
          "the body is not JSON; send {\"status\": \"validated\", \"details\": {}}");
    }
    Optional<StudyState> state = StudyState.of(report.path("status").asText(""));
    if (state.isEmpty()) {
      return Answer.problem(
          422,
          "BAD_STATUS",
          "\"status\" must be one of uploaded, validating, validated, validation_failed, processing, described, archived, failed");
    }
    JsonNode details = report.path("details");
    if (!details.isMissingNode() && !details.isNull() && !details.isObject()) {
      return Answer.problem(422, "BAD_DETAILS", "\"details\" must be an object");
    }
    if (version != null && !VERSION.matcher(version).matches()) {
      return Answer.problem(
          422, "BAD_VERSION", "Howdah-Status-Version must be a whole number of 1 to 18 digits");
    }
    studies.report(
        studyId,
        state.get(),
        details.isObject() ? details : JSON.createObjectNode(),
        version == null ? 0 : Long.parseLong(version));
    return Answer.json(
        200,
        JSON.createObjectNode()
            .put("message", "Status updated successfully")
            .put("study_id", studyId));
  }

  /** {@code GET /status?state=&since=&page=}: newest first. */
  public Answer page(String state, String since, String page) {
    Optional<StudyState> only =
        Optional.ofNullable(state).filter(text -> !text.isBlank()).flatMap(StudyState::of);
    if (state != null && !state.isBlank() && only.isEmpty()) {
      return Answer.problem(
          422,
          "BAD_STATUS",
          "state must be one of uploaded, validating, validated, validation_failed, processing, described, archived, failed");
    }
    Optional<Instant> from;
    try {
      from = Optional.ofNullable(since).filter(text -> !text.isBlank()).map(StatusApi::time);
    } catch (DateTimeParseException | ArithmeticException e) {
      return Answer.problem(422, "BAD_SINCE", "since must be a time such as 2026-11-21T10:00:00Z");
    }
    int number = 1;
    if (page != null && !page.isBlank()) {
      if (!page.matches("\\d{1,7}")
          || Integer.parseInt(page) < 1
          || Integer.parseInt(page) > LAST_PAGE) {
        return Answer.problem(
            422, "BAD_PAGE", "page must be a whole number from 1 to " + LAST_PAGE);
      }
      number = Integer.parseInt(page);
    }
    StatusPage found = studies.page(only, from, number, PAGE_SIZE);
    ObjectNode body =
        JSON.createObjectNode()
            .put("count", found.count())
            .put("page", number)
            .put("page_size", PAGE_SIZE);
    ArrayNode results = body.putArray("results");
    found.results().forEach(status -> results.add(json(status)));
    return Answer.json(200, body);
  }

  /**
   * @throws ArithmeticException when it is so far away that no row could have it
   */
  private static Instant time(String text) {
    return Instant.ofEpochMilli(Instant.parse(text).toEpochMilli());
  }

  private static ObjectNode json(StudyStatus status) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("study_id", status.studyId())
            .put("status", status.status().word())
            .put("timestamp", status.timestamp().toString());
    json.set("details", status.details());
    return json;
  }

  /** Nothing for a text that is no study_id, so that no database need be asked. */
  private static Optional<String> known(String studyId) {
    return Optional.ofNullable(studyId).filter(text -> ID.matcher(text).matches());
  }

  private static Answer unknown() {
    return Answer.problem(404, "STUDY_NOT_FOUND", "Study not found");
  }
}
