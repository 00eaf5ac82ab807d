package io.howdah;

import static io.howdah.support.Strace.first;
import static io.howdah.support.Strace.synced;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.support.ClientLedger;
import io.howdah.support.GatewayProcess;
import io.howdah.support.Strace;
import io.howdah.support.Strace.Call;
import io.howdah.support.TinyDicom;
import io.howdah.support.Together;
import io.howdah.support.Verifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F11: what the kernel was asked for, in which order: fsync of the file, link, fsync of the
 * directory, fsync of the database's log, and only then the bytes of the answer.
 */
class OrderIT {
  private static final int UPLOADS = 200;
  private static final int SENDERS = 4;
  private static final Pattern LINKED =
      Pattern.compile("\"([^\"]+\\.part)\", \"([^\"]+)/([0-9a-f-]{36})\\.dcm\"\\).*");

  @TempDir Path data;
  @TempDir Path traces;

  @Test
  void bytes_then_name_then_row_then_answer_then_archive_then_removal() {
    assumeTrue(Strace.isInstalled(), "skipped: strace is not here, or may not trace");
    Path trace = traces.resolve("trace");
    ClientLedger ledger = new ClientLedger();
    try (GatewayProcess gateway =
        GatewayProcess.on(data)
            .through(
                Strace.writing(
                    trace, "fsync,fdatasync,link,linkat,unlink,unlinkat,write,writev,sendto"))
            .start()) {
      Together.run(
          SENDERS,
          sender -> {
            for (int i = sender; i < UPLOADS; i += SENDERS) {
              byte[] file = TinyDicom.object(i + 1, 5_000);
              assertThat(ledger.answered(gateway.client().upload(file), file)).isTrue();
            }
          });
      Verifier.of(data).awaitSettled(Duration.ofSeconds(60));
      gateway.sigterm(Duration.ofSeconds(60));
    }
    List<Call> calls = Strace.read(trace);
    List<String> misordered = new ArrayList<>();
    for (ClientLedger.Acked acked : ledger.entries()) {
      misordered.addAll(intake(calls, acked.studyId()));
      misordered.addAll(archive(calls, acked.studyId()));
    }
    assertThat(misordered).isEmpty();
    System.out.printf("%d answers after their fsyncs, 0 before%n", ledger.entries().size());
  }

  private List<String> intake(List<Call> calls, String id) {
    Call link =
        first(
            calls,
            call ->
                call.name().startsWith("link") && call.arguments().contains("/" + id + ".dcm\")"));
    Matcher linked = LINKED.matcher(link.arguments());
    assertThat(linked.matches()).as(link.arguments()).isTrue();
    String uploads = linked.group(2);
    Call answer =
        first(
            calls,
            call ->
                call.arguments().contains("socket:")
                    && call.arguments().contains(" 202 ")
                    && call.arguments().contains(id));
    List<String> wrong = new ArrayList<>();
    if (synced(calls, linked.group(1)).noneMatch(sync -> sync.isBefore(link))) {
      wrong.add(id + ": linked before its bytes were synced");
    }
    if (synced(calls, uploads)
        .noneMatch(
            sync ->
                link.isBefore(sync)
                    && synced(calls, data.resolve("howdah.db-wal").toString())
                        .anyMatch(log -> sync.isBefore(log) && log.isBefore(answer)))) {
      wrong.add(id + ": answered before its name and its row were synced, in this order");
    }
    return wrong;
  }

  private List<String> archive(List<Call> calls, String id) {
    String home = data.resolve("archive").resolve(id).toString();
    Call link =
        first(
            calls,
            call ->
                call.name().startsWith("link")
                    && call.arguments().contains("\"" + home + "/original.dcm\")"));
    Call metadata =
        first(
            calls,
            call ->
                call.name().startsWith("link")
                    && call.arguments().contains("\"" + home + "/metadata.json\")"));
    Call removed =
        first(
            calls,
            call ->
                call.name().startsWith("unlink")
                    && call.arguments().contains("/uploads/" + id + ".dcm\""));
    String waiting = metadata.arguments().substring(1, metadata.arguments().indexOf("\", \""));
    List<Call> needed = new ArrayList<>();
    needed.add(synced(calls, waiting, home + "/metadata.json").findFirst().orElse(null));
    needed.add(after(link, metadata, synced(calls, home)));
    needed.add(after(link, metadata, synced(calls, data.resolve("archive").toString())));
    boolean recorded =
        synced(calls, data.resolve("howdah.db-wal").toString())
            .anyMatch(
                log ->
                    log.isBefore(removed)
                        && needed.stream().allMatch(sync -> sync != null && sync.isBefore(log)));
    return recorded
        ? List.of()
        : List.of(id + ": archived before both files and names were synced");
  }

  private static Call after(Call one, Call other, Stream<Call> syncs) {
    return syncs
        .filter(sync -> one.isBefore(sync) && other.isBefore(sync))
        .findFirst()
        .orElse(null);
  }
}
