package io.howdah.hub;

import static io.howdah.support.TusSender.describing;
import static io.howdah.support.TusSender.json;
import static io.howdah.support.TusSender.location;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.disk.Disk;
import io.howdah.support.RunningGateway;
import io.howdah.support.TinyDicom;
import io.howdah.support.TusSender;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A study's list of files at the hub, and who may see what of whom (A23, A27). */
class ManifestHttpTest {
  @TempDir static Path base;
  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws IOException {
    Path keys =
        Files.writeString(
            base.resolve("keys"), Disk.sha256("one") + "\n" + Disk.sha256("two") + "\n");
    gateway =
        RunningGateway.start(
            base,
            "howdah.roles",
            "hub",
            "howdah.http.api-keys-file",
            keys.toString(),
            "howdah.hub.max-open",
            "3",
            "howdah.hub.max-open-bytes",
            "1MB",
            "howdah.hub.max-manifest-files",
            "5");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static TusSender sender(String key) {
    return TusSender.to(gateway.port()).with("Authorization", "Bearer " + key);
  }

  private static String manifest(byte[]... files) {
    StringBuilder text = new StringBuilder("{\"study_uid\": \"1.2.3\", \"files\": [");
    String comma = "";
    for (byte[] file : files) {
      text.append(comma)
          .append(
              "{\"name\": \"a.dcm\", \"sop_instance_uid\": \"%s\", \"size\": %d, \"sha256\": \"%s\"}"
                  .formatted(uid(file), file.length, TusSender.sha256(file)));
      comma = ", ";
    }
    return text + "]}";
  }

  private static String uid(byte[] file) {
    String text = new String(file, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("1.2.826.0.1.3680043.10.1234.4.");
    return text.substring(at).replaceFirst("(?s)[^0-9.].*", "");
  }

  private static HttpResponse<String> put(TusSender sender, String id, String body) {
    return sender.send(
        "PUT",
        "/hub/manifests/" + id,
        body.getBytes(StandardCharsets.UTF_8),
        Map.of("Content-Type", "application/json"));
  }

  private static JsonNode get(TusSender sender, String id) {
    return json(sender.send("GET", "/hub/manifests/" + id, null, Map.of()));
  }

  @Test
  void a_manifest_tells_how_far_its_study_is() {
    TusSender sender = sender("one");
    byte[] here = TinyDicom.object(1, 1000);
    byte[] missing = TinyDicom.object(2, 1000);
    sender.decided(sender.sent(here));
    String body = manifest(here, missing);
    assertThat(put(sender, "m-1", body).statusCode()).isEqualTo(201);
    assertThat(put(sender, "m-1", body).statusCode()).isEqualTo(200);
    assertThat(put(sender, "m-1", body.replace("a.dcm", "c.dcm")).statusCode()).isEqualTo(409);
    JsonNode open = get(sender, "m-1");
    assertThat(open.path("state").asText()).isEqualTo("open");
    assertThat(open.at("/files/0/state").asText()).isEqualTo("acknowledged");
    assertThat(open.at("/files/0/server_image_id").isIntegralNumber()).isTrue();
    assertThat(open.at("/files/1/state").asText()).isEqualTo("missing");
    String upload = sender.created(missing);
    assertThat(get(sender, "m-1").at("/files/1/state").asText()).isEqualTo("receiving");
    sender.sendRest(upload, missing, 1 << 20);
    sender.decided(upload);
    assertThat(get(sender, "m-1").path("state").asText()).isEqualTo("complete");
  }

  @Test
  void what_is_no_manifest_is_400_and_one_too_long_413() {
    TusSender sender = sender("one");
    String body = manifest(TinyDicom.object(3, 100), TinyDicom.object(4, 100));
    for (String wrong :
        List.of(
            "",
            "[]",
            "{\"study_uid\":\"1.2\",\"files\":[]}",
            body + body,
            body.replace("\"size\": ", "\"size\": -"),
            body.replace("\"size\": ", "\"size\": 1e"),
            body.replace(TinyDicom.uid(4), TinyDicom.uid(3)),
            body.replace("{\"study_uid\"", "{\"study_uid\":\"1.2\",\"study_uid\""),
            "[".repeat(100_000))) {
      assertThat(put(sender, "m-2", wrong).statusCode()).as(wrong).isEqualTo(400);
    }
    assertThat(put(sender, "a%20b", body).statusCode()).isEqualTo(400);
    byte[][] six = new byte[6][];
    for (int i = 0; i < six.length; i++) {
      six[i] = TinyDicom.object(10 + i, 100);
    }
    assertThat(put(sender, "m-3", manifest(six)).statusCode()).isEqualTo(413);
  }

  @Test
  void nobody_sees_or_touches_what_another_key_made() {
    byte[] file = TinyDicom.object(5, 1000);
    String upload = sender("one").created(file);
    TusSender other = sender("two");
    assertThat(other.head(upload).statusCode()).isEqualTo(404);
    assertThat(other.patch(upload, 0, file).statusCode()).isEqualTo(404);
    assertThat(other.send("DELETE", upload, null, Map.of()).statusCode()).isEqualTo(404);
    assertThat(other.receipt(upload).statusCode()).isEqualTo(404);
    put(sender("one"), "mine", manifest(file));
    assertThat(other.send("GET", "/hub/manifests/mine", null, Map.of()).statusCode())
        .isEqualTo(404);
    Map<String, String> forged = describing(file);
    assertThat(
            TusSender.to(gateway.port())
                .with("Authorization", "Bearer two")
                .with("Howdah-Principal", "anyone")
                .head(upload)
                .statusCode())
        .isEqualTo(404);
    assertThat(TusSender.to(gateway.port()).create(file.length, forged).statusCode())
        .isEqualTo(401);
    sender("one").sendRest(upload, file, 1 << 20);
    sender("one").decided(upload);
  }

  @Test
  void who_knows_only_a_digest_learns_nothing_and_gets_nothing() {
    byte[] file = TinyDicom.object(6, 1000);
    TusSender owner = sender("one");
    owner.decided(owner.sent(file));
    TusSender prober = sender("two");
    put(prober, "probe", manifest(file));
    assertThat(get(prober, "probe").at("/files/0/state").asText()).isEqualTo("missing");
    assertThat(get(prober, "probe").at("/files/0").has("server_image_id")).isFalse();
    HttpResponse<String> created = prober.create(file.length, describing(file));
    assertThat(created.statusCode()).isEqualTo(201);
    assertThat(TusSender.offset(prober.head(location(created)))).isZero();
    assertThat(prober.receipt(location(created)).statusCode()).isEqualTo(202);
    prober.send("DELETE", location(created), null, Map.of());
  }

  @Test
  void one_key_has_so_many_uploads_open_and_so_many_bytes_in_them() {
    TusSender sender = sender("two");
    byte[] file = TinyDicom.object(7, 1000);
    assertThat(sender.create(2 << 20, describing(file)).statusCode()).isEqualTo(429);
    List<String> open = List.of(sender.created(file), sender.created(file), sender.created(file));
    HttpResponse<String> more = sender.create(file.length, describing(file));
    assertThat(more.statusCode()).isEqualTo(429);
    assertThat(more.headers().firstValue("Retry-After")).isPresent();
    assertThat(json(more).path("code").asText()).isEqualTo("TOO_MANY_UPLOADS");
    assertThat(sender("one").create(file.length, describing(file)).statusCode()).isEqualTo(201);
    open.forEach(upload -> sender.send("DELETE", upload, null, Map.of()));
    assertThat(sender.create(file.length, describing(file)).statusCode()).isEqualTo(201);
  }
}
