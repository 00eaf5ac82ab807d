package io.howdah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.disk.Disk;
import io.howdah.support.GatewayClient;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Pause;
import io.howdah.support.TinyDicom;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F92: an object of 2 GB passes a process whose heap is an eighth of it, from intake to archive.
 */
class BigObjectIT {
  private static final int FRAMES = 2_000;
  private static final long PIXELS = 1024L * 1024 * FRAMES;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final long MB = 1024 * 1024;

  @TempDir Path data;

  @Test
  void two_gigabytes_pass_a_heap_of_256_mb() throws IOException {
    assumeTrue(
        Disk.free(data) > 3 * PIXELS,
        "skipped: less than three times 2 GB is free in the temporary folder");
    byte[] head = TinyDicom.headOfFrames(1, 1024, 1024, FRAMES);
    MessageDigest digest = Disk.sha256();
    try (GatewayProcess gateway =
        GatewayProcess.on(data)
            .variable("MAX_FILE_SIZE", "3GB")
            .set("howdah.health.stage-age", "10m")
            .start()) {
      GatewayClient client = gateway.client();
      GatewayClient.Reply reply =
          client.upload(head.length + PIXELS, () -> new Generated(head, PIXELS, digest), LIMIT);
      assertThat(reply.status()).as(reply.toString()).isEqualTo(202);
      String id = reply.studyId().orElseThrow();
      Pause.until(
          "archived", LIMIT, () -> client.status(id).orElseThrow().matches("archived|.*failed"));
      assertThat(client.status(id)).contains("archived");

      Path archived = data.resolve("archive").resolve(id).resolve("original.dcm");
      assertThat(Files.size(archived)).isEqualTo(head.length + PIXELS);
      assertThat(Disk.sha256(archived)).isEqualTo(HexFormat.of().formatHex(digest.digest()));
      assertThat(Files.size(archived.resolveSibling("metadata.json"))).isLessThan(MB);
      assertThat(mostResident(gateway)).as("resident at most, MB").isLessThan(600);
      System.out.printf("2 GB passed with at most %d MB resident%n", mostResident(gateway));
    }
  }

  private static long mostResident(GatewayProcess gateway) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(gateway.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }

  /** A header, and then as many bytes as are wanted, of which no two kilobytes are alike. */
  private static final class Generated extends InputStream {
    private final byte[] head;
    private final long length;
    private final MessageDigest digest;
    private long at;

    Generated(byte[] head, long pixels, MessageDigest digest) {
      this.head = head;
      this.length = head.length + pixels;
      this.digest = digest;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int most) {
      if (at == length) {
        return -1;
      }
      int count = (int) Math.min(most, length - at);
      for (int i = 0; i < count; i++, at++) {
        into[offset + i] = at < head.length ? head[(int) at] : (byte) (at * 31 + (at >> 10));
      }
      digest.update(into, offset, count);
      return count;
    }
  }
}
