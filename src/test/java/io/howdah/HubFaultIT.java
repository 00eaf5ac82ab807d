package io.howdah;

import static io.howdah.support.TusSender.describing;
import static io.howdah.support.TusSender.json;
import static io.howdah.support.TusSender.location;
import static io.howdah.support.TusSender.offset;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.support.FaultyProxy;
import io.howdah.support.FaultyProxy.Act;
import io.howdah.support.FaultyProxy.Fault;
import io.howdah.support.FaultyProxy.Half;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Strace;
import io.howdah.support.TinyDicom;
import io.howdah.support.Together;
import io.howdah.support.TusSender;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fails under the hub (F12, F13), and many senders on a bad line (F42). */
class HubFaultIT {
  private static final int UPLOADS = 500;
  private static final int SENDERS = 50;
  private static final int CHUNK = 500;

  @TempDir Path data;

  @Test
  void an_offset_is_not_told_when_the_sync_failed_and_all_goes_on_when_it_works_again() {
    assumeTrue(Strace.isInstalled(), "skipped: strace is not here, or may not trace");
    try (GatewayProcess hub = GatewayProcess.on(data).set("howdah.roles", "hub").start()) {
      TusSender sender = new TusSender(hub.uri());
      byte[] file = TinyDicom.object(1, 100_000);
      String upload = location(sender.create(file.length, describing(file)));
      assertThat(offset(sender.patch(upload, 0, Arrays.copyOf(file, 1_000)))).isEqualTo(1_000);
      byte[] rest = Arrays.copyOfRange(file, 1_000, file.length);
      for (String injection :
          new String[] {"fsync:error=EIO", "fsync:error=ENOSPC", "ftruncate,fsync:error=EIO"}) {
        try (Strace.Fault fault = Strace.fault(hub.pid(), injection)) {
          HttpResponse<String> answer = sender.patch(upload, 1_000, rest);
          assertThat(answer.statusCode()).as(injection).isEqualTo(503);
          assertThat(answer.headers().firstValue("Retry-After")).isPresent();
          assertThat(answer.body()).doesNotContain(data.toString(), "java", "EIO");
        }
        assertThat(offset(sender.head(upload))).as(injection).isEqualTo(1_000);
      }
      assertThat(offset(sender.patch(upload, 1_000, rest))).isEqualTo(file.length);
      HttpResponse<String> receipt = sender.decided(upload);
      assertThat(receipt.statusCode()).as(receipt.body()).isEqualTo(200);
      assertThat(json(receipt).path("sha256").asText()).isEqualTo(TusSender.sha256(file));
    }
  }

  @Test
  void five_hundred_uploads_on_a_line_that_breaks_twenty_times_each_are_acknowledged_once() {
    Random random = new Random(7);
    AtomicLong sent = new AtomicLong();
    AtomicLong broken = new AtomicLong();
    try (GatewayProcess hub = GatewayProcess.on(data).set("howdah.roles", "hub").start();
        FaultyProxy proxy = new FaultyProxy(hub.uri().getPort())) {
      proxy.otherwise(() -> Optional.of(fault(random)));
      Set<Long> images = ConcurrentHashMap.newKeySet();
      AtomicLong size = new AtomicLong();
      Together.run(
          SENDERS,
          Duration.ofMinutes(5),
          one -> {
            for (int i = one; i < UPLOADS; i += SENDERS) {
              byte[] file = TinyDicom.object(1_000 + i, 10_000);
              size.addAndGet(file.length);
              images.add(stubbornly(proxy, file, sent, broken));
            }
          });
      long again = sent.get() - size.get();
      System.out.printf(
          "%d uploads acknowledged through %d cuts, %d bytes of %d sent again%n",
          UPLOADS, proxy.cuts(), again, size.get());
      assertThat(images).hasSize(UPLOADS);
      assertThat(proxy.cuts()).isGreaterThan(UPLOADS * 20);
      assertThat(again).isLessThanOrEqualTo(broken.get() * CHUNK);
    }
  }

  /** No connection lasts, and each has its pace, from 5 KB/s to 50 MB/s. */
  private static Fault fault(Random random) {
    synchronized (random) {
      Act act = random.nextBoolean() ? Act.RESET : Act.CLOSE;
      long pace = (long) (5_000 * Math.pow(10, 4 * random.nextDouble()));
      return random.nextInt(4) == 0
          ? Fault.cutResponse(random.nextInt(1_000), act)
          : new Fault(Half.REQUEST, random.nextInt(2_800), act, pace);
    }
  }

  /** Sends a file as a site does, from whatever offset it is told, until it has the image's id. */
  private static long stubbornly(
      FaultyProxy proxy, byte[] file, AtomicLong sent, AtomicLong broken) {
    var metadata = describing(file);
    TusSender sender = new TusSender(proxy.uri());
    long told = 0;
    for (int attempt = 0; attempt < 500; attempt++) {
      try {
        String upload = location(sender.create(file.length, metadata));
        for (long at = offset(sender.head(upload)); at < file.length; ) {
          assertThat(at).as("an offset never falls").isGreaterThanOrEqualTo(told);
          told = at;
          byte[] piece =
              Arrays.copyOfRange(file, (int) at, (int) Math.min(file.length, at + CHUNK));
          sent.addAndGet(piece.length);
          at = offset(sender.patch(upload, at, piece));
        }
        HttpResponse<String> receipt = sender.decided(upload);
        assertThat(receipt.statusCode()).as(receipt.body()).isEqualTo(200);
        assertThat(json(receipt).path("sha256").asText()).isEqualTo(TusSender.sha256(file));
        return json(receipt).path("server_image_id").asLong();
      } catch (UncheckedIOException e) {
        broken.incrementAndGet(); // again, from wherever the hub is
      }
    }
    throw new AssertionError("not acknowledged after 500 attempts");
  }
}
