package io.howdah.hub;

import static io.howdah.support.TusSender.describing;
import static io.howdah.support.TusSender.json;
import static io.howdah.support.TusSender.location;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import io.howdah.support.Pause;
import io.howdah.support.RunningGateway;
import io.howdah.support.TinyDicom;
import io.howdah.support.TusSender;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uploads that are compressed on the wire: unpacked, and never further than they said. */
class CompressedUploadTest {
  @TempDir static Path base;
  private static RunningGateway gateway;
  private static TusSender sender;
  private static int serial = 9000;

  @BeforeAll
  static void start() {
    gateway = RunningGateway.start(base, "howdah.roles", "hub", "howdah.hub.max-size", "50MB");
    sender = TusSender.to(gateway.port());
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static HttpResponse<String> decided(byte[] wire, byte[] original, long size) {
    Map<String, String> metadata = describing(original);
    metadata.put("encoding", "zstd");
    metadata.put("size", Long.toString(size));
    String upload = location(sender.create(wire.length, metadata));
    sender.sendRest(upload, wire, 10_000);
    return sender.decided(upload);
  }

  private static void assertRejected(HttpResponse<String> answer, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
    assertThat(json(answer).path("code").asText()).isEqualTo(code);
    Pause.until(
        "no bytes stay",
        Duration.ofSeconds(60),
        () -> RunningGateway.names(gateway.data().resolve("hub/uploads")).isEmpty());
  }

  @Test
  void the_original_is_filed_and_acknowledged() throws IOException {
    byte[] file = TinyDicom.object(serial++, 100_000);
    HttpResponse<String> receipt = decided(Zstd.compress(file, 19), file, file.length);
    assertThat(receipt.statusCode()).as(receipt.body()).isEqualTo(200);
    assertThat(json(receipt).path("size").asLong()).isEqualTo(file.length);
    assertThat(json(receipt).path("sha256").asText()).isEqualTo(TusSender.sha256(file));
    byte[] streamed = TinyDicom.object(serial++, 100_000);
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    try (ZstdOutputStream out = new ZstdOutputStream(wire)) {
      out.write(streamed);
    }
    assertThat(decided(wire.toByteArray(), streamed, streamed.length).statusCode()).isEqualTo(200);
  }

  @Test
  void what_unpacks_to_more_or_less_than_it_said_is_rejected() {
    byte[] file = TinyDicom.object(serial++, 100_000);
    byte[] wire = Zstd.compress(file);
    assertRejected(decided(wire, file, file.length - 1), "BAD_ENCODING");
    assertRejected(decided(wire, file, file.length + 1), "BAD_ENCODING");
  }

  @Test
  void a_bomb_is_cut_off_at_what_it_said() {
    byte[] bomb = Zstd.compress(new byte[40 << 20]);
    assertThat(bomb.length).isLessThan(10_000);
    assertRejected(decided(bomb, new byte[1000], 1000), "BAD_ENCODING");
  }

  @Test
  void what_is_torn_or_not_compressed_at_all_is_rejected() {
    byte[] file = TinyDicom.object(serial++, 100_000);
    byte[] wire = Zstd.compress(file);
    assertRejected(
        decided(Arrays.copyOf(wire, wire.length / 2), file, file.length), "BAD_ENCODING");
    assertRejected(decided(file, file, file.length), "BAD_ENCODING");
    byte[] spoiled = wire.clone();
    spoiled[wire.length / 2] ^= 0x55;
    assertThat(decided(spoiled, file, file.length).statusCode()).isEqualTo(422);
  }

  @Test
  void a_frame_that_asks_for_much_memory_is_rejected() throws IOException {
    byte[] file = TinyDicom.object(serial++, 100_000);
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    try (ZstdOutputStream out = new ZstdOutputStream(wire)) {
      out.setLong(27);
      out.write(file);
    }
    assertRejected(decided(wire.toByteArray(), file, file.length), "BAD_ENCODING");
  }

  @Test
  void one_announced_larger_than_the_hub_takes_is_413() {
    Map<String, String> metadata = describing(new byte[1]);
    metadata.put("encoding", "zstd");
    metadata.put("size", Long.toString((50L << 20) + 1));
    assertThat(sender.create(100, metadata).statusCode()).isEqualTo(413);
  }
}
