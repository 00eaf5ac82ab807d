package io.howdah.hub;

import static io.howdah.support.TusSender.checksum;
import static io.howdah.support.TusSender.offset;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.disk.OwnFolder;
import io.howdah.support.FaultyProxy;
import io.howdah.support.FaultyProxy.Act;
import io.howdah.support.FaultyProxy.Fault;
import io.howdah.support.Pause;
import io.howdah.support.RunningGateway;
import io.howdah.support.TinyDicom;
import io.howdah.support.Together;
import io.howdah.support.TusSender;
import io.howdah.support.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several requests for one upload, and connections that break (F40, F42, F43, F44). */
class UploadRacesTest {
  private static final int CUTS = 100;
  private static final int ROUNDS = 1_000;
  private static final int RIVALS = 16;

  @TempDir static Path base;
  private static RunningGateway gateway;
  private static TusSender sender;
  private static final AtomicInteger SERIAL = new AtomicInteger(5000);

  @BeforeAll
  static void start() {
    gateway =
        RunningGateway.start(
            base,
            "howdah.roles",
            "hub",
            "howdah.hub.silence",
            "500ms",
            "howdah.hub.lock-wait",
            "2s",
            "howdah.hub.sync-every",
            "256KB");
    sender = TusSender.to(gateway.port());
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static byte[] file(int pixels) {
    return TinyDicom.object(SERIAL.incrementAndGet(), pixels);
  }

  private static Wire.Request patch(String upload, long offset, int length) {
    return Wire.Request.of("PATCH", upload)
        .with("Tus-Resumable", "1.0.0")
        .with("Upload-Offset", Long.toString(offset))
        .with("Content-Type", "application/offset+octet-stream")
        .with("Content-Length", Integer.toString(length));
  }

  @Test
  void of_sixteen_who_append_at_the_same_offset_one_wins_a_thousand_times() {
    byte[] file = file(100_000);
    String upload = sender.created(file);
    int piece = file.length / ROUNDS;
    CyclicBarrier together = new CyclicBarrier(RIVALS);
    AtomicIntegerArray won = new AtomicIntegerArray(ROUNDS);
    AtomicIntegerArray lost = new AtomicIntegerArray(ROUNDS);
    Together.run(
        RIVALS,
        one -> {
          for (int round = 0; round < ROUNDS; round++) {
            int at = round * piece;
            together.await(1, TimeUnit.MINUTES);
            HttpResponse<String> answer =
                sender.patch(upload, at, Arrays.copyOfRange(file, at, at + piece));
            assertThat(offset(answer)).isEqualTo(at + piece);
            assertThat(answer.statusCode()).isIn(204, 409);
            (answer.statusCode() == 204 ? won : lost).incrementAndGet(round);
          }
        });
    for (int round = 0; round < ROUNDS; round++) {
      assertThat(won.get(round)).as("winners of round %d", round).isEqualTo(1);
      assertThat(lost.get(round)).as("losers of round %d", round).isEqualTo(RIVALS - 1);
    }
    sender.sendRest(upload, file, 1 << 20);
    HttpResponse<String> receipt = sender.decided(upload);
    assertThat(receipt.statusCode()).isEqualTo(200);
    assertThat(TusSender.json(receipt).path("sha256").asText()).isEqualTo(TusSender.sha256(file));
  }

  @Test
  void a_writer_that_hangs_makes_way_and_its_late_bytes_are_dropped() throws IOException {
    byte[] file = file(200_000);
    String upload = sender.created(file);
    try (Wire hung = gateway.wire()) {
      hung.send(patch(upload, 0, file.length).head());
      hung.send(file, 0, 50_000);
      Pause.until(
          "the hub to tell all that came",
          Duration.ofSeconds(5),
          () -> offset(sender.head(upload)) == 50_000);
      hung.trySend(new byte[10_000]);
      byte[] rest = Arrays.copyOfRange(file, 50_000, file.length);
      assertThat(sender.patch(upload, 50_000, rest).statusCode()).isEqualTo(204);
      hung.trySend(new byte[10_000]);
      assertThat(hung.isClosedByPeer()).isTrue();
    }
    assertThat(sender.decided(upload).statusCode()).isEqualTo(200);
  }

  @Test
  void a_patch_alone_also_makes_a_hung_writer_leave() throws IOException {
    byte[] file = file(100_000);
    String upload = sender.created(file);
    try (Wire hung = gateway.wire()) {
      hung.send(patch(upload, 0, file.length).head());
      hung.send(file, 0, 30_000);
      HttpResponse<String> answer = sender.patch(upload, 30_000, new byte[0]);
      assertThat(answer.statusCode()).isIn(204, 409);
      assertThat(offset(sender.head(upload))).isEqualTo(30_000);
    }
    sender.sendRest(upload, file, 1 << 20);
    assertThat(sender.decided(upload).statusCode()).isEqualTo(200);
  }

  @Test
  void a_writer_at_work_is_not_disturbed() throws IOException {
    byte[] file = file(100_000);
    String upload = sender.created(file);
    try (Wire slow = gateway.wire()) {
      slow.send(patch(upload, 0, file.length).with("Expect", "100-continue").head());
      assertThat(slow.answer().status()).isEqualTo(100); // it holds the upload
      AtomicInteger answered = new AtomicInteger();
      Thread other =
          new Thread(
              () -> answered.set(sender.patch(upload, 0, new byte[10]).statusCode()), "other");
      other.start();
      int at = 0;
      while (other.isAlive() && at < 99_000) {
        slow.send(file, at, 1);
        at++;
        Pause.aMoment();
      }
      assertThat(answered).hasValue(423);
      slow.send(file, at, file.length - at);
      assertThat(slow.answer().status()).isEqualTo(204);
    }
    assertThat(sender.decided(upload).statusCode()).isEqualTo(200);
  }

  @Test
  void of_a_chunk_with_a_checksum_that_breaks_off_nothing_stays() throws IOException {
    byte[] file = file(200_000);
    String upload = sender.created(file);
    try (Wire wire = gateway.wire()) {
      wire.send(patch(upload, 0, file.length).with("Upload-Checksum", checksum(file)).head());
      wire.send(file, 0, 150_000);
    }
    assertThat(offset(sender.head(upload))).isZero();
    sender.sendRest(upload, file, 1 << 20);
    assertThat(sender.decided(upload).statusCode()).isEqualTo(200);
  }

  @Test
  void a_chunked_body_longer_than_declared_ends_the_upload() throws IOException {
    byte[] file = file(20_000);
    String upload = sender.created(file);
    try (Wire wire = gateway.wire()) {
      wire.send(
          Wire.Request.of("PATCH", upload)
              .with("Tus-Resumable", "1.0.0")
              .with("Upload-Offset", "0")
              .with("Content-Type", "application/offset+octet-stream")
              .with("Transfer-Encoding", "chunked")
              .head());
      String chunk = Integer.toHexString(file.length + 1) + "\r\n";
      wire.send(chunk).send(Arrays.copyOf(file, file.length + 1)).send("\r\n0\r\n\r\n");
      assertThat(wire.answer().status()).isEqualTo(413);
    }
    assertThat(sender.head(upload).statusCode()).isEqualTo(410);
  }

  @Test
  void a_connection_cut_at_any_byte_costs_no_more_than_what_was_under_way() {
    byte[] file = file(3_000_000);
    int chunk = 100_000;
    Random random = new Random(42);
    AtomicInteger cuts = new AtomicInteger();
    AtomicLong highest = new AtomicLong();
    try (FaultyProxy proxy = new FaultyProxy(gateway.port())) {
      TusSender through = TusSender.to(proxy.port());
      String upload = sender.created(file);
      proxy.otherwise(
          () -> {
            if (cuts.get() >= CUTS) {
              return java.util.Optional.empty();
            }
            cuts.incrementAndGet();
            Act act = random.nextBoolean() ? Act.RESET : Act.CLOSE;
            return java.util.Optional.of(
                random.nextInt(4) == 0
                    ? Fault.dropResponse()
                    : Fault.cutRequest(random.nextInt(chunk + 400), act));
          });
      long sent = 0;
      int broken = 0;
      long at = 0;
      while (at < file.length) {
        byte[] piece = Arrays.copyOfRange(file, (int) at, (int) Math.min(file.length, at + chunk));
        try {
          at = offset(through.patch(upload, at, piece));
        } catch (UncheckedIOException e) {
          broken++;
          at = offset(sender.head(upload));
        }
        sent += piece.length;
        assertThat(at).as("an offset never falls").isGreaterThanOrEqualTo(highest.get());
        highest.set(at);
      }
      assertThat(broken).isGreaterThan(20);
      assertThat(sent - file.length)
          .as("bytes sent again after %d cuts", broken)
          .isLessThanOrEqualTo((long) broken * chunk);
      HttpResponse<String> receipt = sender.decided(upload);
      assertThat(receipt.statusCode()).isEqualTo(200);
      assertThat(TusSender.json(receipt).path("sha256").asText()).isEqualTo(TusSender.sha256(file));
    }
  }

  @Test
  void a_lost_answer_to_the_creation_or_the_last_piece_makes_no_second_image() {
    byte[] file = file(10_000);
    Map<String, String> metadata = TusSender.describing(file);
    try (FaultyProxy proxy = new FaultyProxy(gateway.port())) {
      TusSender through = TusSender.to(proxy.port());
      proxy.next(Fault.dropResponse());
      assertThat(isBroken(() -> through.create(file.length, metadata))).isTrue();
      String upload = TusSender.location(through.create(file.length, metadata));
      proxy.cutAll();
      proxy.next(Fault.dropResponse());
      TusSender again = TusSender.to(proxy.port());
      assertThat(isBroken(() -> again.patch(upload, 0, file))).isTrue();
      assertThat(offset(again.head(upload))).isEqualTo(file.length);
      assertThat(sender.decided(upload).statusCode()).isEqualTo(200);
      assertThat(TusSender.location(again.create(file.length, metadata))).isEqualTo(upload);
    }
  }

  private static boolean isBroken(Runnable request) {
    try {
      request.run();
      return false;
    } catch (UncheckedIOException e) {
      return true;
    }
  }

  @Test
  void an_upload_left_alone_expires_and_its_bytes_go(@TempDir Path own) {
    try (RunningGateway short_ =
        RunningGateway.start(
            own,
            "howdah.roles",
            "hub",
            "howdah.hub.expiry",
            "1s",
            "howdah.hub.rejected-retention",
            "1s",
            "howdah.hub.tidy",
            "200ms")) {
      TusSender one = TusSender.to(short_.port());
      byte[] file = file(10_000);
      String upload = one.created(file);
      one.patch(upload, 0, Arrays.copyOf(file, 100));
      Pause.until(
          "the upload is gone", Duration.ofSeconds(60), () -> one.head(upload).statusCode() == 410);
      assertThat(one.patch(upload, 100, new byte[1]).statusCode()).isEqualTo(410);
      assertThat(RunningGateway.names(own.resolve("data/hub/uploads"))).isEmpty();
      String rejected = one.sent("no image".getBytes(StandardCharsets.UTF_8));
      assertThat(one.decided(rejected).statusCode()).isEqualTo(422);
      Path aside = own.resolve("data/hub/rejected");
      Pause.until(
          "rejected bytes are gone",
          Duration.ofSeconds(60),
          () -> RunningGateway.names(aside).isEmpty());
      assertThat(aside.resolve(OwnFolder.SENTINEL)).exists();
    }
  }
}
