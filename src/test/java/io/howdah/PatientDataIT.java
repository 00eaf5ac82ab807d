package io.howdah;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.Cluster;
import io.howdah.support.GatewayClient;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Pause;
import io.howdah.support.TinyDicom;
import io.howdah.support.Verifier;
import io.howdah.support.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;

/**
 * A70: a name that is in every object, file name and request on every way through the gateway is
 * nowhere but in the objects themselves, their metadata, and the row and reason that keep what a
 * sender called its file.
 */
class PatientDataIT {
  private static final String CANARY = "ZZCANARY";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path data;
  private final List<String> said = new CopyOnWriteArrayList<>();

  private void send(GatewayProcess gateway, String filename, byte[] file) throws IOException {
    send(gateway, new Wire.Form().file("file", filename, file).upload());
  }

  private Wire.Answer send(GatewayProcess gateway, Wire.Request request) throws IOException {
    try (Wire wire = new Wire(gateway.uri().getPort())) {
      Wire.Answer answer = wire.send(request.bytes()).answer();
      said.add(answer.headers() + answer.body());
      return answer;
    }
  }

  /** An object whose study date is no date. */
  private static byte[] invalid(long seed) {
    String bytes = new String(TinyDicom.object(seed, 500), ISO_8859_1);
    return bytes.replaceFirst("20261121", CANARY).getBytes(ISO_8859_1);
  }

  private static byte[] zip(byte[] file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry(CANARY + "/" + CANARY + ".dcm"));
      zip.write(file);
      zip.closeEntry();
    }
    return bytes.toByteArray();
  }

  private static void settled(Path at, byte[] bytes) throws IOException {
    Path part = Files.write(at.resolveSibling("writing.part"), bytes);
    Files.setLastModifiedTime(part, FileTime.from(Instant.now().minusSeconds(60)));
    Files.move(part, at);
  }

  @Test
  void a_patients_name_is_in_no_log_answer_metric_event_or_file_name() throws Exception {
    try (Cluster cluster = new Cluster(data)) {
      String redis = cluster.redis();
      try (GatewayProcess gateway = GatewayProcess.on(data).variable("REDIS_URL", redis).start()) {
        Thread subscriber = new Thread(() -> listen(redis), "subscriber");
        subscriber.setDaemon(true);
        subscriber.start();
        try (Jedis jedis = new Jedis(URI.create(redis))) {
          Pause.until(
              "a subscriber", LIMIT, () -> jedis.pubsubNumSub("archive").get("archive") > 0);
        }
        everyWay(gateway);
        Pause.until("taken", LIMIT, () -> left(data.resolve("inbox")) == 0);
        Verifier.of(data).awaitSettled(LIMIT);
        Pause.until(
            "the last event", LIMIT, () -> heard("study.archived") >= 3 && heard("failed") >= 1);
        GatewayClient client = gateway.client();
        client.get("/status").body().path("results").forEach(one -> said.add(one.toString()));
        client
            .get("/status")
            .body()
            .path("results")
            .forEach(
                one ->
                    said.add(
                        client
                            .get("/status/" + one.path("study_id").asText() + "/history")
                            .toString()));
        said.add(gateway.management().everything());
        said.add(gateway.log());
        keys(redis);
        threads(gateway);
      }
    }
    names();
    assertThat(said).hasSizeGreaterThan(30);
    assertThat(said).noneMatch(text -> text.toUpperCase(java.util.Locale.ROOT).contains(CANARY));
    assertThat(metadata()).as("and yet it was there").isPositive();
  }

  private void everyWay(GatewayProcess gateway) throws IOException {
    send(gateway, CANARY + "^DOE.dcm", TinyDicom.object(1, 500));
    send(gateway, CANARY + ".dcm", TinyDicom.object(1, 500)); // once more
    send(gateway, CANARY + ".dcm", TinyDicom.object(2, TinyDicom.uid(1), 600)); // a conflict
    send(gateway, CANARY + ".dcm", invalid(3));
    send(gateway, CANARY + ".dcm", TinyDicom.truncated(4));
    send(gateway, CANARY + ".txt", (CANARY + " is no DICOM").getBytes(UTF_8));
    send(gateway, CANARY + ".zip", zip(TinyDicom.object(5, 500)));
    send(gateway, Wire.Request.of("GET", "/status/" + CANARY));
    send(gateway, Wire.Request.of("GET", "/status?state=" + CANARY));
    send(gateway, Wire.Request.of("GET", "/" + CANARY));
    send(gateway, Wire.Request.of("POST", "/status/a").json("{\"status\":\"" + CANARY + "\"}"));
    send(gateway, Wire.Request.of("POST", "/status/a").json("{" + CANARY));
    send(
        gateway,
        Wire.Request.of("POST", "/upload")
            .with("Content-Type", "multipart/form-data; boundary=x")
            .body(("--x\r\n" + CANARY + "\r\n\r\n").getBytes(UTF_8)));
    settled(data.resolve("inbox").resolve(CANARY + "^DOE.dcm"), TinyDicom.object(6, 500));
    settled(data.resolve("inbox").resolve(CANARY + ".txt"), CANARY.getBytes(UTF_8));
    settled(data.resolve("inbox").resolve(CANARY + "-2.dcm"), invalid(7));
  }

  private static long left(Path inbox) {
    try (Stream<Path> files = Files.list(inbox)) {
      return files.filter(Files::isRegularFile).count();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private long heard(String event) {
    return said.stream().filter(text -> text.contains(event)).count();
  }

  private void listen(String redis) {
    try (Jedis jedis = new Jedis(URI.create(redis))) {
      jedis.subscribe(
          new JedisPubSub() {
            @Override
            public void onMessage(String channel, String message) {
              said.add(message);
            }
          },
          "uploads",
          "validation",
          "described",
          "archive");
    } catch (RuntimeException e) {
      // the server stopped with the test
    }
  }

  private void keys(String redis) {
    try (Jedis jedis = new Jedis(URI.create(redis))) {
      for (String key : jedis.keys("*")) {
        said.add(key + jedis.get(key));
      }
    }
  }

  private void threads(GatewayProcess gateway) throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc", "" + gateway.pid(), "task"))) {
      for (Path task : tasks.toList()) {
        said.add(Files.readString(task.resolve("comm")));
      }
    }
  }

  /** All but the taken files, which keep the name under which they were put into the inbox. */
  private void names() throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      files
          .filter(file -> !file.startsWith(data.resolve("inbox/.taken")))
          .forEach(file -> said.add(data.relativize(file).toString()));
    }
  }

  private long metadata() throws IOException {
    List<Path> described = new ArrayList<>();
    try (Stream<Path> files = Files.walk(data.resolve("archive"))) {
      for (Path file : files.filter(one -> one.endsWith("metadata.json")).toList()) {
        if (Files.readString(file).contains(CANARY)) {
          described.add(file);
        }
      }
    }
    return described.size();
  }
}
