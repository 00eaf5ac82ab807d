package io.howdah.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * The HTTP API of a running gateway, used as any other client would. Safe for use by many threads.
 */
final class GatewayClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(30);

  /** A sender slower than this is not worth waiting for; bytes a second. */
  private static final long SLOWEST = 64 * 1024;

  static {
    // the gateway closes idle connections after 30 s; ours must be the first to go
    if (System.getProperty("jdk.httpclient.keepalive.timeout") == null) {
      System.setProperty("jdk.httpclient.keepalive.timeout", "10");
    }
  }

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();
  private final URI base;
  private final Optional<String> key;

  /**
   * @param base such as {@code http://127.0.0.1:8080}
   * @param key the API key, where the gateway asks for one
   */
  GatewayClient(URI base, Optional<String> key) {
    String text = base.toString();
    this.base = URI.create(text.endsWith("/") ? text : text + "/");
    this.key = key;
  }

  URI base() {
    return base;
  }

  /**
   * Sends a file as {@code POST /upload} does.
   *
   * @throws IOException when no answer came: the file may have been accepted all the same
   */
  Reply upload(Path file, Optional<String> idempotencyKey)
      throws IOException, InterruptedException {
    String boundary = "howdah-" + UUID.randomUUID();
    String name =
        file.getFileName()
            .toString()
            .replace("\"", "%22")
            .replace("\r", "%0D")
            .replace("\n", "%0A");
    BodyPublisher body =
        BodyPublishers.concat(
            BodyPublishers.ofString(
                "--"
                    + boundary
                    + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
                    + name
                    + "\"\r\nContent-Type: application/dicom\r\n\r\n",
                StandardCharsets.UTF_8),
            BodyPublishers.ofFile(file),
            BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"));
    HttpRequest.Builder request =
        request("upload")
            .timeout(ANSWER.plusSeconds(Files.size(file) / SLOWEST))
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(body);
    idempotencyKey.ifPresent(value -> request.header("Idempotency-Key", value));
    return send(request.build());
  }

  /**
   * @param path relative, such as {@code status?state=failed}
   */
  Reply get(String path) throws IOException, InterruptedException {
    return send(request(path).timeout(ANSWER).GET().build());
  }

  /**
   * The body of a 200 answer.
   *
   * @throws Unable when the gateway does not answer or answers otherwise
   */
  JsonNode ask(String path) throws InterruptedException {
    Reply reply;
    try {
      reply = get(path);
    } catch (IOException e) {
      throw new Unable(
          "no gateway answers at "
              + base
              + "; start it with 'howdah run', or name another with --url ("
              + reason(e)
              + ")",
          e);
    }
    if (reply.status() == 401) {
      throw new Unable(
          "the gateway at " + base + " asks for an API key; name a file that holds it: --key-file");
    }
    if (reply.status() != 200) {
      throw new Unable("the gateway at " + base + " answered " + reply.summary());
    }
    return reply.body();
  }

  /** What went wrong, where the JDK gives an exception no message at all. */
  static String reason(IOException e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t.getMessage() != null) {
        return t.getMessage();
      }
    }
    return e instanceof java.net.ConnectException
        ? "connection refused"
        : e.getClass().getSimpleName();
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path));
    key.ifPresent(value -> request.header("Authorization", "Bearer " + value));
    return request;
  }

  private Reply send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
    return new Reply(
        response.statusCode(),
        json(response.body()),
        response
            .headers()
            .firstValue("Retry-After")
            .filter(value -> value.matches("\\d{1,5}"))
            .map(value -> Duration.ofSeconds(Long.parseLong(value))));
  }

  private static JsonNode json(String body) {
    try {
      JsonNode read = JSON.readTree(body);
      return read == null ? JsonNodeFactory.instance.objectNode() : read;
    } catch (JsonProcessingException e) {
      return JsonNodeFactory.instance.objectNode();
    }
  }

  /**
   * An answer.
   *
   * @param body an empty object when it was not JSON
   */
  record Reply(int status, JsonNode body, Optional<Duration> retryAfter) {
    /** True when the same request may well succeed later. */
    boolean isForNow() {
      return status == 408 || status == 425 || status == 429 || status == 503 || status == 507;
    }

    /** The problem's code, or the status where there is none. */
    String code() {
      return body.path("code").asText("HTTP_" + status);
    }

    /** For people, such as {@code 422 EMPTY: the file is empty}. */
    String summary() {
      String detail = body.path("detail").asText(body.path("message").asText(""));
      return Terminal.safe(
          status
              + (body.has("code") ? " " + code() : "")
              + (detail.isEmpty() ? "" : ": " + detail));
    }
  }
}
