package io.howdah;

import static io.howdah.support.Strace.first;
import static io.howdah.support.Strace.synced;
import static io.howdah.support.TusSender.describing;
import static io.howdah.support.TusSender.json;
import static io.howdah.support.TusSender.location;
import static io.howdah.support.TusSender.offset;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.support.GatewayProcess;
import io.howdah.support.Strace;
import io.howdah.support.Strace.Call;
import io.howdah.support.TinyDicom;
import io.howdah.support.TusSender;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F11 at the hub: what the kernel was asked for, in which order. An offset is told after the sync
 * of its bytes; an image's directories and then its row are synced before its sender is told its
 * id, and only then its waiting bytes go.
 */
class HubOrderIT {
  private static final int UPLOADS = 30;
  private static final int PIECE = 40_000;

  @TempDir Path data;
  @TempDir Path traces;

  private record Sent(String id, long size, String study, String series, String sop) {}

  @Test
  void bytes_then_offset_then_name_then_row_then_receipt_then_removal() {
    assumeTrue(Strace.isInstalled(), "skipped: strace is not here, or may not trace");
    Path trace = traces.resolve("trace");
    List<Sent> sent = new ArrayList<>();
    try (GatewayProcess hub =
        GatewayProcess.on(data)
            .set("howdah.roles", "hub")
            .through(
                Strace.writing(
                    trace, "fsync,fdatasync,link,linkat,unlink,unlinkat,write,writev,sendto"))
            .start()) {
      TusSender sender = new TusSender(hub.uri());
      for (int i = 0; i < UPLOADS; i++) {
        byte[] file = TinyDicom.object(i + 1, 100_000);
        String upload = location(sender.create(file.length, describing(file)));
        for (long at = 0; at < file.length; ) {
          byte[] piece =
              Arrays.copyOfRange(file, (int) at, (int) Math.min(file.length, at + PIECE));
          at = offset(sender.patch(upload, at, piece));
        }
        HttpResponse<String> receipt = sender.decided(upload);
        assertThat(receipt.statusCode()).isEqualTo(200);
        sent.add(
            new Sent(
                upload.replaceAll(".*/", ""),
                file.length,
                json(receipt).path("study_uid").asText(),
                json(receipt).path("series_uid").asText(),
                json(receipt).path("sop_instance_uid").asText()));
      }
      hub.sigterm(Duration.ofSeconds(60));
    }
    List<Call> calls = Strace.read(trace);
    List<String> wrong = new ArrayList<>();
    int from = 0;
    for (Sent one : sent) {
      from = offsets(calls, one, from, wrong);
      filing(calls, one, wrong);
    }
    assertThat(wrong).isEmpty();
    System.out.printf("%d uploads: every offset and receipt after its syncs%n", sent.size());
  }

  /** Before each answer with a new offset, and after the one before it, the file was synced. */
  private int offsets(List<Call> calls, Sent sent, int from, List<String> wrong) {
    String part = data.resolve("hub/uploads").resolve(sent.id() + ".part").toString();
    int before = from;
    for (long at = PIECE; ; at += PIECE) {
      long told = Math.min(at, sent.size());
      int after = before;
      Call answer =
          first(
              calls,
              call ->
                  call.begun() > after
                      && call.arguments().contains("socket:")
                      && call.arguments().contains("Upload-Offset: " + told + "\\r\\n")
                      && call.arguments().contains(" 204 "));
      if (synced(calls, part).noneMatch(sync -> sync.begun() > after && sync.isBefore(answer))) {
        wrong.add(sent.id() + ": offset " + told + " told before its bytes were synced");
      }
      before = answer.ended();
      if (told == sent.size()) {
        return before;
      }
    }
  }

  private void filing(List<Call> calls, Sent sent, List<String> wrong) {
    Path study = data.resolve("hub/radiology").resolve(sent.study());
    Path home = study.resolve(sent.series()).resolve(sent.sop());
    Call link =
        first(
            calls,
            call ->
                call.name().startsWith("link")
                    && call.arguments().contains("\"" + home + "/original.dcm\")"));
    Call receipt =
        first(
            calls,
            call ->
                call.arguments().contains("socket:")
                    && call.arguments().contains(" 200 ")
                    && call.begun() > link.ended());
    Call removed =
        first(
            calls,
            call ->
                call.name().startsWith("unlink")
                    && call.arguments().contains("/" + sent.id() + ".part\""));
    List<Call> needed =
        Stream.of(home, home.getParent(), study, study.getParent())
            .map(
                directory ->
                    synced(calls, directory.toString())
                        .filter(link::isBefore)
                        .findFirst()
                        .orElse(null))
            .toList();
    boolean inOrder =
        synced(calls, data.resolve("howdah.db-wal").toString())
            .anyMatch(
                row ->
                    row.isBefore(receipt)
                        && row.isBefore(removed)
                        && needed.stream().allMatch(sync -> sync != null && sync.isBefore(row)));
    if (!inOrder) {
      wrong.add(sent.id() + ": told or removed before its names and its row were synced");
    }
  }
}
