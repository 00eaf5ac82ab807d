package io.howdah.cli;

import io.howdah.batch.BatchStatus;
import io.howdah.batch.DestinationFigures;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code howdah destinations}: how it stands with every destination. */
@Command(
    name = "destinations",
    header = "Shows how it stands with every destination.",
    description = {
      "",
      "What waits, what failed, whether its circuit is open and why, and how its associations went."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:shown",
      "1:the rows cannot be read; the output says why",
      "2:the command line or the settings make no sense"
    })
final class DestinationsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    return Desk.with(
        desk -> {
          PrintWriter out = spec.commandLine().getOut();
          List<DestinationFigures> destinations = desk.destinations();
          if (destinations.isEmpty()) {
            out.println(
                "no destination yet; set howdah.destination.NAME.uri and start the gateway");
            return 0;
          }
          Table table =
              new Table(
                  "NAME",
                  "CIRCUIT",
                  ">PENDING",
                  ">READY",
                  ">SENDING",
                  ">FAILED",
                  ">STUCK",
                  ">SENT/24H",
                  ">AVG SIZE",
                  ">AVG TIME",
                  ">ASSOCIATIONS",
                  ">WELL",
                  "LAST DELIVERY",
                  "");
          destinations.forEach(figures -> table.row(row(figures)));
          table.lines(Terminal.system()).forEach(out::println);
          return 0;
        });
  }

  private static Object[] row(DestinationFigures figures) {
    return new Object[] {
      figures.name(),
      figures.circuitFailures() == 0 ? "closed" : "open",
      figures.unfinished(BatchStatus.PENDING),
      figures.unfinished(BatchStatus.READY),
      figures.unfinished(BatchStatus.SENDING),
      figures.unfinished(BatchStatus.FAILED),
      figures.stuck(),
      figures.sentLately(),
      String.format(java.util.Locale.ROOT, "%.1f", figures.averageSize()),
      figures.averageCompletion().toSeconds() + " s",
      figures.associations(),
      Math.round(figures.successRate() * 100) + " %",
      figures.lastDelivery().map(Instant::toString).orElse("-"),
      Terminal.safe(figures.circuitReason())
    };
  }
}
