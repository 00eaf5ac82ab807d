package io.howdah.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** A plain sender of resumable uploads, written against tus 1.0 and the hub's own additions. */
public final class TusSender {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(120);

  private final URI base;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  public TusSender(URI base) {
    this.base = base;
    headers.put("Tus-Resumable", "1.0.0");
  }

  /** A sender to a port on loopback. */
  public static TusSender to(int port) {
    return new TusSender(URI.create("http://127.0.0.1:" + port));
  }

  /** Sends this header with every request. */
  public TusSender with(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** Lowercase hex SHA-256. */
  public static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(digest(bytes));
  }

  private static byte[] digest(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Upload-Checksum of bytes. */
  public static String checksum(byte[] bytes) {
    return "sha256 " + Base64.getEncoder().encodeToString(digest(bytes));
  }

  /** What has to be said of a file, under a session of its own. */
  public static Map<String, String> describing(byte[] file) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("filename", "image.dcm");
    metadata.put("filetype", "application/dicom");
    metadata.put("session_id", UUID.randomUUID().toString());
    metadata.put("visit_id", "17");
    metadata.put("radiology_order_id", "123");
    metadata.put("sha256", sha256(file));
    return metadata;
  }

  /** Upload-Metadata of keys and values. */
  public static String encoded(Map<String, String> metadata) {
    return metadata.entrySet().stream()
        .map(
            entry ->
                entry.getKey()
                    + " "
                    + Base64.getEncoder()
                        .encodeToString(entry.getValue().getBytes(StandardCharsets.UTF_8)))
        .collect(Collectors.joining(","));
  }

  /** Any request. */
  public HttpResponse<String> send(
      String method, String path, byte[] body, Map<String, String> more) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(LIMIT)
            .method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.putAll(more);
    all.forEach(request::header);
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Creates an upload. */
  public HttpResponse<String> create(long length, Map<String, String> metadata) {
    return send(
        "POST",
        "/hub/uploads",
        null,
        Map.of("Upload-Length", Long.toString(length), "Upload-Metadata", encoded(metadata)));
  }

  /** Creates an upload of a file; where it is. */
  public String created(byte[] file) {
    HttpResponse<String> answer = create(file.length, describing(file));
    if (answer.statusCode() != 201) {
      throw new AssertionError(answer.statusCode() + " " + answer.body());
    }
    return location(answer);
  }

  /** Where a created upload is. */
  public static String location(HttpResponse<String> answer) {
    return answer.headers().firstValue("Location").orElseThrow();
  }

  /** Appends bytes. */
  public HttpResponse<String> patch(String upload, long offset, byte[] bytes) {
    return patch(upload, offset, bytes, Map.of());
  }

  /** Appends bytes, with further headers. */
  public HttpResponse<String> patch(
      String upload, long offset, byte[] bytes, Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(more);
    all.put("Upload-Offset", Long.toString(offset));
    all.put("Content-Type", "application/offset+octet-stream");
    return send("PATCH", upload, bytes, all);
  }

  /** Where an upload stands. */
  public HttpResponse<String> head(String upload) {
    return send("HEAD", upload, null, Map.of());
  }

  /** The offset an answer tells. */
  public static long offset(HttpResponse<String> answer) {
    return answer
        .headers()
        .firstValue("Upload-Offset")
        .map(Long::parseLong)
        .orElseThrow(() -> new AssertionError("no offset: " + answer + " " + answer.body()));
  }

  /** Sends the rest of a file in chunks, from where the upload stands. */
  public void sendRest(String upload, byte[] file, int chunk) {
    for (long at = offset(head(upload)); at < file.length; ) {
      byte[] piece = Arrays.copyOfRange(file, (int) at, (int) Math.min(file.length, at + chunk));
      at = offset(patch(upload, at, piece));
    }
  }

  /** Creates an upload and sends all of a file; where it is. */
  public String sent(byte[] file) {
    String upload = created(file);
    sendRest(upload, file, 1 << 20);
    return upload;
  }

  /** The receipt as it is now. */
  public HttpResponse<String> receipt(String upload) {
    return send("GET", upload + "/receipt", null, Map.of());
  }

  /** The receipt once the hub has made up its mind. */
  public HttpResponse<String> decided(String upload) {
    long end = System.nanoTime() + LIMIT.toNanos();
    for (HttpResponse<String> answer = receipt(upload); ; answer = receipt(upload)) {
      if (answer.statusCode() != 202) {
        return answer;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("undecided after " + LIMIT + ": " + answer.body());
      }
      Pause.aMoment();
    }
  }

  /** A body as JSON. */
  public static JsonNode json(HttpResponse<String> answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
