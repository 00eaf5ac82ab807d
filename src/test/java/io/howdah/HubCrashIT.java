package io.howdah;

import static io.howdah.support.TusSender.describing;
import static io.howdah.support.TusSender.json;
import static io.howdah.support.TusSender.location;
import static io.howdah.support.TusSender.offset;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.disk.CrashPoint;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Pause;
import io.howdah.support.RunningGateway;
import io.howdah.support.TinyDicom;
import io.howdah.support.TusSender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The hub dies at every place between two durable steps of an upload, and at arbitrary moments of a
 * large one: what it told survives, the sender sends no more than one chunk again, and in the end
 * each image is there once.
 */
class HubCrashIT {
  private static final int CHUNK = 8 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  @TempDir static Path data;
  private final AtomicInteger serial = new AtomicInteger(100);

  private static GatewayProcess.Setup setup() {
    return GatewayProcess.on(data).set("howdah.roles", "hub");
  }

  /**
   * What was sent to a hub that was to die at a place.
   *
   * @param sent what went over the wire, or was to go
   * @param told the highest offset it told
   */
  private record Sent(
      CrashPoint point,
      byte[] file,
      byte[] sent,
      Map<String, String> metadata,
      String upload,
      long told) {}

  /** Each start but the first also cleans up after the death before it, and dies in its turn. */
  @TestFactory
  Stream<DynamicTest> a_death_here_loses_nothing_and_doubles_nothing() {
    List<CrashPoint> points =
        Stream.of(CrashPoint.values()).filter(point -> point.name().startsWith("HUB_")).toList();
    assertThat(points).hasSizeGreaterThan(8);
    List<Sent> all = new ArrayList<>();
    return Stream.concat(
        points.stream()
            .map(point -> DynamicTest.dynamicTest(point.name(), () -> all.add(dieAt(point)))),
        Stream.of(DynamicTest.dynamicTest("and then no death at all", () -> allIsWell(all))));
  }

  private Sent dieAt(CrashPoint point) throws IOException {
    byte[] file = TinyDicom.object(serial.incrementAndGet(), 400_000);
    byte[] sent = file.clone();
    Map<String, String> metadata = describing(file);
    if (point == CrashPoint.HUB_UNPACKED) {
      sent = com.github.luben.zstd.Zstd.compress(file);
      metadata.put("encoding", "zstd");
      metadata.put("size", Integer.toString(file.length));
    }
    if (point == CrashPoint.HUB_REJECTED) {
      sent[sent.length - 1] ^= 1;
    }
    for (int i = 0; i < 3; i++) {
      String upload = null;
      long told = 0;
      try (GatewayProcess hub = setup().crashingAt(point.name()).launch()) {
        if (hub.awaitReady()) {
          TusSender sender = new TusSender(hub.uri());
          try {
            upload = location(sender.create(sent.length, metadata));
            told = offset(sender.patch(upload, 0, Arrays.copyOf(sent, 100_000)));
            told =
                offset(
                    sender.patch(upload, told, Arrays.copyOfRange(sent, (int) told, sent.length)));
          } catch (UncheckedIOException e) {
            // it died; what it told before counts
          }
        }
        assertThat(hub.awaitExit(PATIENCE)).as(hub.log()).isEqualTo(137);
      }
      if (upload != null) {
        return new Sent(point, file, sent, metadata, upload, told);
      }
      // it died of what the death before had left to do
    }
    throw new AssertionError("it never lived long enough to be sent something: " + point);
  }

  private void allIsWell(List<Sent> all) throws IOException {
    try (GatewayProcess hub = setup().start()) {
      TusSender sender = new TusSender(hub.uri());
      for (Sent one : all) {
        isWell(one, sender);
      }
      assertThat(all.stream().filter(one -> one.told() > 0).count())
          .as("deaths after an offset was told")
          .isGreaterThan(6);
      Pause.until(
          "no bytes are left over",
          PATIENCE,
          () -> RunningGateway.names(data.resolve("hub/uploads")).isEmpty());
    }
  }

  private static void isWell(Sent one, TusSender sender) throws IOException {
    HttpResponse<String> head = sender.head(one.upload());
    if (head.statusCode() == 200) {
      assertThat(offset(head)).as("an offset never falls").isGreaterThanOrEqualTo(one.told());
      sender.sendRest(one.upload(), one.sent(), CHUNK);
    }
    HttpResponse<String> receipt = sender.decided(one.upload());
    if (one.point() == CrashPoint.HUB_REJECTED) {
      assertThat(receipt.statusCode()).isEqualTo(422);
      assertThat(json(receipt).path("code").asText()).isEqualTo("CHECKSUM_MISMATCH");
      return;
    }
    assertThat(receipt.statusCode()).as(receipt.body()).isEqualTo(200);
    long image = json(receipt).path("server_image_id").asLong();
    assertThat(location(sender.create(one.sent().length, one.metadata()))).isEqualTo(one.upload());
    assertThat(json(sender.decided(sender.sent(one.file()))).path("server_image_id").asLong())
        .as("one image for equal bytes")
        .isEqualTo(image);
    assertThat(stored(receipt)).hasBinaryContent(one.file());
  }

  private static Path stored(HttpResponse<String> receipt) {
    return data.resolve("hub/radiology")
        .resolve(json(receipt).path("study_uid").asText())
        .resolve(json(receipt).path("series_uid").asText())
        .resolve(json(receipt).path("sop_instance_uid").asText())
        .resolve("original.dcm");
  }

  @Test
  void killed_again_and_again_during_a_large_upload_it_takes_each_chunk_but_the_last_once()
      throws IOException {
    byte[] file = TinyDicom.object(1, 200_000_000);
    Map<String, String> metadata = describing(file);
    String upload = null;
    long at = 0;
    long sent = 0;
    int kills = 0;
    while (at < file.length) {
      try (GatewayProcess hub = setup().start()) {
        TusSender sender = new TusSender(hub.uri());
        upload = location(sender.create(file.length, metadata));
        long stands = offset(sender.head(upload));
        assertThat(stands).as("an offset never falls").isGreaterThanOrEqualTo(at);
        at = stands;
        Thread killer = new Thread(hub::kill9, "killer");
        for (int chunks = 0; at < file.length; chunks++) {
          byte[] piece =
              Arrays.copyOfRange(file, (int) at, (int) Math.min(file.length, at + CHUNK));
          sent += piece.length;
          if (chunks == 4 && kills < 3) {
            killer.start();
          }
          try {
            at = offset(sender.patch(upload, at, piece));
          } catch (UncheckedIOException e) {
            kills++;
            break;
          }
        }
        killer.join(PATIENCE.toMillis());
        if (at == file.length) {
          HttpResponse<String> receipt = sender.decided(upload);
          assertThat(receipt.statusCode()).as(receipt.body()).isEqualTo(200);
          assertThat(json(receipt).path("sha256").asText()).isEqualTo(TusSender.sha256(file));
          assertThat(Files.mismatch(stored(receipt), writtenTo(file))).isEqualTo(-1);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
    assertThat(kills).isPositive();
    assertThat(sent - file.length).isLessThanOrEqualTo((long) kills * CHUNK);
    System.out.printf("200 MB through %d kills: %d bytes sent again%n", kills, sent - file.length);
  }

  private static Path writtenTo(byte[] file) throws IOException {
    return Files.write(data.resolve("expected.dcm"), file);
  }

  @Test
  void a_gigabyte_goes_through_a_heap_of_256_megabytes(@TempDir Path own) throws IOException {
    long size = 1L << 30;
    byte[] head = TinyDicom.object(2, 1000);
    byte[] zeros = new byte[CHUNK];
    java.security.MessageDigest digest = io.howdah.disk.Disk.sha256();
    digest.update(head);
    for (long at = head.length; at < size; at += CHUNK) {
      digest.update(zeros, 0, (int) Math.min(CHUNK, size - at));
    }
    Map<String, String> metadata = describing(head);
    metadata.put("sha256", java.util.HexFormat.of().formatHex(digest.digest()));
    try (GatewayProcess hub =
        GatewayProcess.on(own).set("howdah.roles", "hub").start()) { // -Xmx256m
      TusSender sender = new TusSender(hub.uri());
      String upload = location(sender.create(size, metadata));
      long at = offset(sender.patch(upload, 0, head));
      while (at < size) {
        byte[] piece = size - at < CHUNK ? new byte[(int) (size - at)] : zeros;
        at = offset(sender.patch(upload, at, piece));
      }
      HttpResponse<String> receipt = sender.decided(upload);
      assertThat(receipt.statusCode()).as(receipt.body()).isEqualTo(200);
      assertThat(json(receipt).path("size").asLong()).isEqualTo(size);
    }
  }
}
