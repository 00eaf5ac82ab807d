package io.howdah.monitor;

import io.howdah.Gateway;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** A gateway in this process on a directory of its own, as seen through its two ports. */
final class RunningGateway implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  final Path data;
  private final Gateway gateway;
  private final HttpClient client = HttpClient.newHttpClient();

  private RunningGateway(Path data, Gateway gateway) {
    this.data = data;
    this.gateway = gateway;
  }

  static Settings settings(Path base, Map<String, String> more) {
    Map<String, String> system = new TreeMap<>(more);
    system.putIfAbsent("howdah.http.port", "0");
    system.putIfAbsent("howdah.management.port", "0");
    return SettingsReader.read(base, base.resolve("config"), Map.of(), system);
  }

  static RunningGateway start(Path base, Map<String, String> more) throws IOException {
    return new RunningGateway(base.resolve("data"), Gateway.start(settings(base, more)));
  }

  URI business(String path) {
    return URI.create("http://127.0.0.1:" + gateway.port() + path);
  }

  URI management(String path) {
    return URI.create("http://127.0.0.1:" + gateway.managementPort() + path);
  }

  int port() {
    return gateway.port();
  }

  HttpResponse<String> get(URI uri, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError("no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  HttpResponse<String> jolokia(String json, String... headers) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(management("/hawtio/jolokia"))
            .header("Authorization", password())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  /** The Authorization header of the user that the first start made. */
  String password() throws IOException {
    String line =
        Files.readAllLines(data.resolve(Users.DEFAULT_FILE)).stream()
            .filter(text -> text.startsWith("user."))
            .findFirst()
            .orElseThrow();
    String user = line.substring("user.".length(), line.indexOf('=')).strip();
    String password = line.substring(line.indexOf('=') + 1).strip();
    return basic(user, password);
  }

  static String basic(String user, String password) {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  HttpResponse<String> upload(String name, byte[] bytes) {
    String boundary = "howdah-test-boundary";
    String head =
        "--"
            + boundary
            + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
            + name
            + "\"\r\n\r\n";
    byte[] before = head.getBytes(StandardCharsets.UTF_8);
    byte[] after = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8);
    byte[] body = new byte[before.length + bytes.length + after.length];
    System.arraycopy(before, 0, body, 0, before.length);
    System.arraycopy(bytes, 0, body, before.length, bytes.length);
    System.arraycopy(after, 0, body, before.length + bytes.length, after.length);
    return send(
        HttpRequest.newBuilder(business("/upload"))
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
  }

  /** The value of a line of /observe/metrics; NaN when there is none. */
  double metric(String line) {
    return get(management("/observe/metrics"))
        .body()
        .lines()
        .filter(text -> text.startsWith(line + " "))
        .mapToDouble(text -> Double.parseDouble(text.substring(line.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  @Override
  public void close() {
    gateway.close();
  }
}
