package io.howdah.support;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** A client of the business port, written against contract §3. Safe for use by many threads. */
public final class GatewayClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final URI base;

  public GatewayClient(URI base) {
    this.base = base;
  }

  /** An answer. */
  public record Reply(int status, String contentType, JsonNode body) {
    /** The study_id, when there is one. */
    public Optional<String> studyId() {
      return Optional.ofNullable(body.path("study_id").textValue());
    }
  }

  /** Posts one file. */
  public Reply upload(byte[] file) {
    try {
      return upload(file, Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Posts one file.
   *
   * @throws IOException when no answer came, and nothing is known about the file
   */
  public Reply upload(byte[] file, Optional<String> idempotencyKey) throws IOException {
    String boundary = "howdah-" + UUID.randomUUID();
    ByteArrayOutputStream body = new ByteArrayOutputStream(file.length + 300);
    body.write(
        ("--"
                + boundary
                + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"image.dcm\"\r\n"
                + "Content-Type: application/dicom\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    body.write(file);
    body.write(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve("/upload"))
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()));
    idempotencyKey.ifPresent(key -> request.header("Idempotency-Key", key));
    return send(request);
  }

  /**
   * Posts one file that is made while it is sent.
   *
   * @param length how many bytes it has
   */
  public Reply upload(long length, Supplier<InputStream> file, Duration limit) throws IOException {
    String boundary = "howdah-" + UUID.randomUUID();
    byte[] before =
        ("--"
                + boundary
                + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"image.dcm\"\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] after = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
    return send(
        HttpRequest.newBuilder(base.resolve("/upload"))
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(
                HttpRequest.BodyPublishers.fromPublisher(
                    HttpRequest.BodyPublishers.concat(
                        HttpRequest.BodyPublishers.ofByteArray(before),
                        HttpRequest.BodyPublishers.ofInputStream(file),
                        HttpRequest.BodyPublishers.ofByteArray(after)),
                    before.length + length + after.length)),
        limit);
  }

  /** Gets a resource, such as {@code /status/…}. */
  public Reply get(String path) {
    try {
      return send(HttpRequest.newBuilder(base.resolve(path)).GET());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Posts JSON. */
  public Reply post(String path, String json) {
    try {
      return send(
          HttpRequest.newBuilder(base.resolve(path))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(json)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The word a study's status is told in; empty when the study is unknown. */
  public Optional<String> status(String studyId) {
    Reply reply = get("/status/" + studyId);
    return reply.status() == 200
        ? Optional.of(reply.body().path("status").asText())
        : Optional.empty();
  }

  private Reply send(HttpRequest.Builder request) throws IOException {
    return send(request, LIMIT);
  }

  private Reply send(HttpRequest.Builder request, Duration limit) throws IOException {
    try {
      HttpResponse<String> response =
          http.send(request.timeout(limit).build(), HttpResponse.BodyHandlers.ofString());
      return new Reply(
          response.statusCode(),
          response.headers().firstValue("Content-Type").orElse(""),
          json(response.body()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static JsonNode json(String text) throws IOException {
    try {
      return JSON.readTree(text.isEmpty() ? "{}" : text);
    } catch (JsonProcessingException e) {
      throw new IOException("an answer that is not JSON", e);
    }
  }
}
