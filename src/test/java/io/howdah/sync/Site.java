package io.howdah.sync;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.support.GatewayClient;
import io.howdah.support.Pause;
import io.howdah.support.RunningGateway;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A site that brings its sessions to a hub by itself, and a client of its API. */
final class Site implements AutoCloseable {
  static final String SESSIONS = "/api/v1/visits/7/radiology/upload-sessions/";
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final Path folder;
  private final RunningGateway gateway;
  private final GatewayClient client;
  private long orders;

  private Site(Path folder, RunningGateway gateway) {
    this.folder = folder;
    this.gateway = gateway;
    this.client = new GatewayClient(URI.create("http://127.0.0.1:" + gateway.port()));
  }

  /** Settings that make it quick, and {@code more}. */
  static Site start(Path base, URI hub, String... more) {
    try {
      Files.createDirectories(base);
      Path folder = Files.createDirectories(base.toRealPath().resolve("images"));
      List<String> settings =
          new ArrayList<>(
              List.of(
                  "howdah.roles", "sessions,sync",
                  "howdah.sessions.allowed-paths", folder.toString(),
                  "howdah.sync.after", "0s",
                  "howdah.sync.probe", "1s",
                  "howdah.sync.hub.url", hub.toString()));
      settings.addAll(Arrays.asList(more));
      return new Site(folder, RunningGateway.start(base, settings.toArray(String[]::new)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A session of these bytes, for an order of its own. */
  String create(byte[] bytes) {
    return create(bytes, JsonNodeFactory.instance.objectNode());
  }

  /** The same with more fields. */
  String create(byte[] bytes, ObjectNode more) {
    long order = ++orders;
    try {
      Path file = Files.write(folder.resolve(order + ".dcm"), bytes);
      ObjectNode body =
          more.deepCopy()
              .put("radiology_order_id", order)
              .put("local_file_path", file.toString())
              .put("file_name", order + ".dcm");
      GatewayClient.Reply reply = client.post(SESSIONS + "create_session/", body.toString());
      assertThat(reply.status()).as("%s", reply.body()).isEqualTo(201);
      return reply.body().get("session_id").asText();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  GatewayClient.Reply post(String path, String json) {
    return client.post(SESSIONS + path, json);
  }

  JsonNode get(String path) {
    return client.get(SESSIONS + path).body();
  }

  String status(String id) {
    return get(id).path("status").asText();
  }

  /** Waits until a session is in that state. */
  JsonNode await(String id, String status) {
    Pause.until("session " + id + " to be " + status, LIMIT, () -> status(id).equals(status));
    return get(id);
  }

  List<String> audit(String id) {
    List<String> lines = new ArrayList<>();
    get(id + "/audit/")
        .forEach(
            entry -> lines.add(entry.path("what").asText() + ": " + entry.path("result").asText()));
    return lines;
  }

  Path store() {
    return gateway.data().resolve("sessions");
  }

  RunningGateway gateway() {
    return gateway;
  }

  @Override
  public void close() {
    gateway.close();
  }
}
