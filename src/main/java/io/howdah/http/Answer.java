package io.howdah.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * An HTTP answer made by a bean, so that no bean needs Camel's headers: routes carry it to the
 * client as it is.
 */
public record Answer(int status, String contentType, String body, Map<String, String> headers) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A JSON answer. */
  public static Answer json(int status, JsonNode body) {
    return new Answer(status, "application/json", body.toString(), Map.of());
  }

  /**
   * A problem (RFC 9457): {@code code} is for programs and stays, {@code detail} is a sentence for
   * people; neither holds a path, a class name or a patient's data.
   */
  public static Answer problem(int status, String code, String detail) {
    ObjectNode problem =
        JSON.createObjectNode()
            .put("title", title(status))
            .put("status", status)
            .put("code", code)
            .put("detail", detail);
    Map<String, String> headers =
        status == 503 || status == 507 || status == 429 ? Map.of("Retry-After", "5") : Map.of();
    return new Answer(status, "application/problem+json", problem.toString(), headers);
  }

  private static String title(int status) {
    return switch (status) {
      case 400 -> "Bad Request";
      case 401 -> "Unauthorized";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 406 -> "Not Acceptable";
      case 408 -> "Request Timeout";
      case 409 -> "Conflict";
      case 410 -> "Gone";
      case 412 -> "Precondition Failed";
      case 413 -> "Content Too Large";
      case 415 -> "Unsupported Media Type";
      case 416 -> "Range Not Satisfiable";
      case 422 -> "Unprocessable Content";
      case 423 -> "Locked";
      case 429 -> "Too Many Requests";
      case 460 -> "Checksum Mismatch";
      case 503 -> "Service Unavailable";
      case 507 -> "Insufficient Storage";
      default -> "Internal Server Error";
    };
  }
}
