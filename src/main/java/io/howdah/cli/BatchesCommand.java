package io.howdah.cli;

import io.howdah.batch.BatchDesk;
import io.howdah.batch.BatchInstance;
import io.howdah.batch.BatchStatus;
import io.howdah.batch.ExamBatch;
import io.howdah.batch.Wish;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code howdah batches}: studies on their way out; works on the rows themselves, whether a gateway
 * runs or not.
 */
@Command(
    name = "batches",
    header = "Lists, shows, completes, holds, releases and requeues batches of studies.",
    description = {
      "",
      "Run it with the settings of the gateway, in its directory. A running gateway does what is wanted within a moment, any other at its next start."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it did what was asked",
      "1:a batch is not there, or not in a state for it; the output says which",
      "2:the command line or the settings make no sense"
    },
    synopsisSubcommandLabel = "(list | show | complete | hold | release | requeue)")
public final class BatchesCommand implements Runnable {
  private static final int INSTANCES = 1_000;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Name list, show, complete, hold, release or requeue.");
  }

  @Command(name = "list", header = "Lists batches, newest first.", mixinStandardHelpOptions = true)
  int list(
      @Option(
              names = "--status",
              paramLabel = "STATUS",
              description = "Only PENDING, READY, SENDING, SENT or FAILED ones.")
          BatchStatus status,
      @Option(names = "--to", paramLabel = "NAME", description = "Only to this destination.")
          String destination,
      @Option(names = "--study", paramLabel = "UID", description = "Only of this study.")
          String study,
      @Mixin ListOptions options) {
    return Desk.with(
        desk -> {
          BatchDesk.Page page =
              desk.page(
                  new BatchDesk.Filter(
                      Optional.ofNullable(status),
                      Optional.ofNullable(destination),
                      Optional.ofNullable(study)),
                  1,
                  Math.max(1, Math.min(options.limit(), 10_000)));
          Table table =
              new Table(
                  ">ID", "STATUS", "TO", ">GEN", ">SENT", ">OF", "WHY", "UPDATED", "STUDY", "");
          page.batches().forEach(batch -> table.row(row(batch)));
          PrintWriter out = spec.commandLine().getOut();
          if (!table.isEmpty()) {
            table.lines(Terminal.system()).forEach(out::println);
          }
          out.println(page.count() + (page.count() == 1 ? " batch" : " batches"));
          return 0;
        });
  }

  private static Object[] row(ExamBatch batch) {
    return new Object[] {
      batch.id(),
      batch.status() + (batch.held() ? " (held)" : ""),
      batch.destination(),
      batch.generation(),
      batch.confirmed(),
      batch.instances(),
      batch.reason().map(Enum::name).orElse("-"),
      seconds(batch.updatedAt()),
      batch.studyUid(),
      Terminal.safe(batch.error())
    };
  }

  private static String seconds(Instant instant) {
    return Instant.ofEpochSecond(instant.getEpochSecond()).toString();
  }

  @Command(
      name = "show",
      header = "Shows a batch and what became of each of its instances.",
      mixinStandardHelpOptions = true)
  int show(@Parameters(paramLabel = "ID", description = "As list shows it.") long id) {
    return Desk.with(
        desk -> {
          PrintWriter out = spec.commandLine().getOut();
          Optional<ExamBatch> found = desk.find(id);
          if (found.isEmpty()) {
            spec.commandLine().getErr().println("howdah: there is no batch " + id);
            return Howdah.NOT_WELL;
          }
          ExamBatch batch = found.get();
          out.println("study         " + batch.studyUid());
          out.println(
              "to            " + batch.destination() + ", generation " + batch.generation());
          out.println("status        " + batch.status() + (batch.held() ? " (held)" : ""));
          out.println(
              "instances     "
                  + batch.instances()
                  + ", confirmed "
                  + batch.confirmed()
                  + ", refused "
                  + batch.refused()
                  + (batch.expected().isPresent()
                      ? ", expected " + batch.expected().getAsInt()
                      : ""));
          out.println("complete by   " + batch.reason().map(Enum::name).orElse("-"));
          out.println(
              "attempts      " + batch.attempts() + ", associations " + batch.associations());
          out.println("opened        " + batch.createdAt());
          out.println("last arrival  " + batch.lastArrivalAt());
          out.println("ready         " + shown(batch.readyAt()));
          out.println("sent          " + shown(batch.sentAt()));
          if (batch.status() == BatchStatus.READY) {
            out.println("next attempt  " + shown(batch.nextAttemptAt()));
          }
          if (!batch.error().isEmpty()) {
            out.println("error         " + Terminal.safe(batch.error()));
          }
          Table table = new Table("STATUS", "PEER", ">REQUESTS", "SOP INSTANCE UID", "");
          for (BatchInstance instance : desk.instances(id, INSTANCES)) {
            table.row(
                instance.status(),
                instance.peerStatus(),
                instance.requests(),
                instance.sopInstanceUid(),
                Terminal.safe(instance.detail()));
          }
          table.lines(Terminal.system()).forEach(out::println);
          return 0;
        });
  }

  private static String shown(Optional<Instant> instant) {
    return instant.map(Instant::toString).orElse("-");
  }

  @Command(
      name = "complete",
      header = "Takes open batches for complete, whatever the evidence.",
      mixinStandardHelpOptions = true)
  int complete(
      @Parameters(arity = "1..*", paramLabel = "ID", description = "As list shows them.")
          List<Long> ids) {
    return grant(ids, Wish.COMPLETE);
  }

  @Command(
      name = "hold",
      header = "Keeps batches from going on until they are released.",
      mixinStandardHelpOptions = true)
  int hold(
      @Parameters(arity = "1..*", paramLabel = "ID", description = "As list shows them.")
          List<Long> ids) {
    return grant(ids, Wish.HOLD);
  }

  @Command(name = "release", header = "Lets held batches go on.", mixinStandardHelpOptions = true)
  int release(
      @Parameters(arity = "1..*", paramLabel = "ID", description = "As list shows them.")
          List<Long> ids) {
    return grant(ids, Wish.RELEASE);
  }

  @Command(
      name = "requeue",
      header = "Sends again what is not confirmed of failed batches.",
      mixinStandardHelpOptions = true)
  int requeue(
      @Parameters(arity = "1..*", paramLabel = "ID", description = "As list shows them.")
          List<Long> ids) {
    return grant(ids, Wish.REQUEUE);
  }

  private int grant(List<Long> ids, Wish wish) {
    return Desk.with(
        desk -> {
          int failed = 0;
          for (long id : ids) {
            Optional<ExamBatch> batch = desk.find(id);
            if (batch.isEmpty()) {
              spec.commandLine().getErr().println("howdah: there is no batch " + id);
              failed++;
            } else if (!desk.grant(id, wish)) {
              spec.commandLine()
                  .getErr()
                  .println(
                      "howdah: batch "
                          + id
                          + " is "
                          + batch.get().status()
                          + "; "
                          + wish.key()
                          + " is for batches that are "
                          + Arrays.stream(BatchStatus.values())
                              .filter(wish::fits)
                              .map(Enum::name)
                              .collect(Collectors.joining(" or ")));
              failed++;
            } else {
              spec.commandLine().getOut().println("batch " + id + ": " + wish.key());
            }
          }
          return failed == 0 ? 0 : Howdah.NOT_WELL;
        });
  }
}
