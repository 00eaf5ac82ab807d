package io.howdah.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.howdah.settings.Role;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;

/** Looks at the ports the gateway opens and the servers it talks to. */
final class NetworkChecks {
  private static final int PATIENCE_MS = 3_000;
  private static final int REDIS_PORT = 6379;

  /** What health notes of every gateway that is not one for a pacs.db. */
  private static final String NOT_IN_USE = "PACS_IDLE";

  private final Settings settings;
  private final Diagnosis diagnosis;
  private boolean gatewayRuns;

  NetworkChecks(Settings settings, Diagnosis diagnosis) {
    this.settings = settings;
    this.diagnosis = diagnosis;
  }

  void check() throws InterruptedException {
    if (settings.roles().contains(Role.GATEWAY) || settings.roles().contains(Role.STATUS)) {
      business();
    }
    management();
    if (settings.roles().contains(Role.GATEWAY) && settings.dicom().listens()) {
      dicom();
    }
    if (settings.redis().isPresent()) {
      redis(settings.redis().get());
    } else {
      diagnosis.ok("redis", "not set: events stay inside the process");
    }
    if (settings.statusService().isPresent()) {
      statusService(settings.statusService().get());
    }
  }

  private void business() throws InterruptedException {
    Settings.Http http = settings.http();
    gatewayRuns =
        port(
                "business port",
                http.host(),
                http.port(),
                "PORT (howdah.http.port)",
                "health",
                body -> body.path("status").asText().equals("healthy"))
            .isPresent();
    if (!http.isLoopback() && http.apiKeysFile().isEmpty()) {
      diagnosis.warn(
          "business port",
          http.host() + " can be reached from outside, and nobody is asked for a key",
          "set howdah.http.api-keys-file, unless you trust every machine that can reach it");
    }
  }

  private void management() throws InterruptedException {
    Settings.Management management = settings.management();
    Optional<JsonNode> health =
        port(
            "management port",
            management.host(),
            management.port(),
            "HOWDAH_MANAGEMENT_PORT (howdah.management.port)",
            "observe/health",
            body -> body.has("checks"));
    health.ifPresent(
        report -> {
          for (JsonNode check : report.path("checks")) {
            String about = "gateway " + check.path("name").asText();
            String sentence = check.path("code").asText() + ": " + check.path("message").asText();
            if (check.path("code").asText().equals(NOT_IN_USE)) {
              diagnosis.ok(about, Terminal.safe(sentence));
            } else if (check.path("status").asText().equals("DOWN")) {
              diagnosis.fail(about, Terminal.safe(sentence), "as it says");
            } else if (check.path("status").asText().equals("NOTE")) {
              diagnosis.warn(about, Terminal.safe(sentence), "as it says");
            }
          }
        });
    if (!management.isLoopback()) {
      diagnosis.warn(
          "management port",
          management.host() + " can be reached from outside",
          "set howdah.management.host=127.0.0.1, and reach it through a tunnel");
    }
  }

  /** A gateway that runs has its DICOM port, and is not asked whether it is the one. */
  private void dicom() throws InterruptedException {
    if (!gatewayRuns) {
      port(
          "DICOM port",
          settings.dicom().host(),
          settings.dicom().port(),
          "howdah.dicom.port",
          "",
          body -> false);
    }
  }

  /**
   * What our own gateway answers there, when it does.
   *
   * @param path what to ask it for; empty where nobody answers HTTP
   */
  private Optional<JsonNode> port(
      String about,
      String host,
      int port,
      String setting,
      String path,
      java.util.function.Predicate<JsonNode> isOurs)
      throws InterruptedException {
    if (port == 0) {
      diagnosis.ok(about, "any that is free");
      return Optional.empty();
    }
    InetAddress address;
    try {
      address = InetAddress.getByName(host);
    } catch (IOException e) {
      diagnosis.fail(about, host + " is no address", "correct the host of this port");
      return Optional.empty();
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(address, port));
      diagnosis.ok(about, host + ":" + port + " is free; no gateway runs there now");
      return Optional.empty();
    } catch (IOException e) {
      return taken(about, address, port, setting, path, isOurs, e);
    }
  }

  private Optional<JsonNode> taken(
      String about,
      InetAddress address,
      int port,
      String setting,
      String path,
      java.util.function.Predicate<JsonNode> isOurs,
      IOException refused)
      throws InterruptedException {
    String reason = String.valueOf(refused.getMessage());
    if (reason.contains("ermission denied")) {
      diagnosis.fail(
          about, "this user may not open port " + port, "choose one above 1023 with " + setting);
      return Optional.empty();
    }
    if (reason.contains("assign requested address")) {
      diagnosis.fail(
          about,
          address.getHostAddress() + " is no address of this machine",
          "correct the host of this port");
      return Optional.empty();
    }
    String host = address.isAnyLocalAddress() ? "127.0.0.1" : address.getHostAddress();
    URI base = URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
    try {
      JsonNode body =
          path.isEmpty()
              ? MissingNode.getInstance()
              : new GatewayClient(base, Optional.empty()).get(path).body();
      if (isOurs.test(body)) {
        if (settings.database().file().filter(Files::notExists).isPresent()) {
          diagnosis.fail(
              about,
              base + " answers: a gateway on other data runs there",
              "stop that one, or choose another port with " + setting);
          return Optional.empty();
        }
        diagnosis.ok(about, base + " answers: a gateway runs there");
        return Optional.of(body);
      }
    } catch (IOException e) {
      // whoever listens there is no gateway
    }
    diagnosis.fail(
        about,
        host + ":" + port + " is in use by another program",
        "stop that one, or choose another port with " + setting);
    return Optional.empty();
  }

  private void redis(URI uri) {
    String shown = EffectiveSettings.shown(uri.toString());
    try (Socket socket =
        uri.getScheme().equals("rediss")
            ? SSLSocketFactory.getDefault().createSocket()
            : new Socket()) {
      int port = uri.getPort() < 0 ? REDIS_PORT : uri.getPort();
      socket.connect(new InetSocketAddress(uri.getHost(), port), PATIENCE_MS);
      socket.setSoTimeout(PATIENCE_MS);
      if (uri.getUserInfo() != null) {
        String answer = say(socket, auth(uri.getRawUserInfo()));
        if (!answer.startsWith("+OK")) {
          diagnosis.fail(
              "redis",
              shown + " refuses the password",
              "correct it in REDIS_URL (howdah.redis.url)");
          return;
        }
      }
      String answer = say(socket, "PING");
      if (answer.startsWith("+PONG")) {
        diagnosis.ok("redis", shown + " answers PING");
      } else if (answer.startsWith("-NOAUTH")) {
        diagnosis.fail(
            "redis",
            shown + " asks for a password",
            "set it: redis://:PASSWORD@host:port in REDIS_URL (howdah.redis.url)");
      } else {
        diagnosis.fail(
            "redis",
            "what listens at " + shown + " is no Redis",
            "correct REDIS_URL (howdah.redis.url)");
      }
    } catch (IOException e) {
      diagnosis.warn(
          "redis",
          shown + " does not answer (" + GatewayClient.reason(e) + ")",
          "start it, or correct REDIS_URL; intake and archive go on without, events wait in the outbox");
    }
  }

  private static String[] auth(String userInfo) {
    int colon = userInfo.indexOf(':');
    String user = colon < 0 ? "" : decoded(userInfo.substring(0, colon));
    String password = decoded(userInfo.substring(colon + 1));
    return user.isEmpty() ? new String[] {"AUTH", password} : new String[] {"AUTH", user, password};
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** One command, and the first line of the answer. */
  private static String say(Socket socket, String... words) throws IOException {
    StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      request.append('$').append(word.getBytes(StandardCharsets.UTF_8).length).append("\r\n");
      request.append(word).append("\r\n");
    }
    socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
    StringBuilder answer = new StringBuilder();
    for (int b = socket.getInputStream().read();
        b >= 0 && b != '\n' && answer.length() < 200;
        b = socket.getInputStream().read()) {
      answer.append((char) b);
    }
    return answer.toString();
  }

  private void statusService(URI uri) throws InterruptedException {
    try {
      GatewayClient.Reply reply = new GatewayClient(uri, Optional.empty()).get("health");
      if (reply.status() == 200) {
        diagnosis.ok("status service", uri + " answers");
        return;
      }
      diagnosis.warn(
          "status service",
          uri + " answered " + reply.summary(),
          "see that STATUS_SERVICE_URL (howdah.status.service-url) is right");
    } catch (IOException e) {
      diagnosis.warn(
          "status service",
          uri + " does not answer (" + GatewayClient.reason(e) + ")",
          "start it, or correct STATUS_SERVICE_URL; reports wait in the outbox");
    }
  }
}
