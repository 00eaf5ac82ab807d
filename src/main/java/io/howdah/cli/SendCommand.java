package io.howdah.cli;

import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.SendableFiles;
import io.howdah.dicom.net.StoreListener;
import io.howdah.dicom.net.StoreOutcome;
import io.howdah.dicom.net.StoreTally;
import io.howdah.dicom.net.StudySender;
import io.howdah.settings.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code howdah send}: files to a DICOM peer over one association. */
@Command(
    name = "send",
    header = "Sends DICOM files to a peer over one association (C-STORE).",
    description = {
      "",
      "Proposes exactly the SOP classes and encodings that occur and sends the files as they are; each counts as stored only when the peer itself said so. It needs no gateway."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the peer has every file",
      "1:it has not; the output says which are missing and why",
      "2:the command line makes no sense; nothing was sent"
    })
final class SendCommand implements Callable<Integer> {
  private static final long REDRAW = 100_000_000;
  private static final int SHOWN = 20;

  @Parameters(arity = "1..*", paramLabel = "FILE|DIR", description = "Files or folders to send.")
  private List<Path> sources;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "AET@HOST:PORT",
      description = "The peer, such as PACS@10.1.2.3:104.")
  private String peer;

  @Mixin private PeerOptions options;

  private final Terminal terminal = Terminal.system();

  @Override
  public Integer call() throws IOException {
    StudySender sender = options.sender(peer);
    SendableFiles files = SendableFiles.of(FileTree.files(sources));
    if (files.instances().isEmpty()) {
      throw new Unable("there is no DICOM object in " + sources);
    }
    long bytes = 0;
    for (Instance each : files.instances()) {
      bytes += Files.size(each.file());
    }
    terminal.line(
        "sending "
            + Terminal.count(files.instances().size(), "object", "objects")
            + " ("
            + Figures.size(bytes)
            + ") to "
            + peer);
    Progress progress = new Progress(files.instances().size());
    files.others().forEach(file -> progress.tally.unsendable());
    long begun = System.nanoTime();
    StudySender.Sent sent = sender.send(files.instances(), progress);
    double seconds = Math.max((System.nanoTime() - begun) / 1e9, 1e-3);
    terminal.clear();
    summary(progress, files.others());
    terminal.line(
        String.format(
            Locale.ROOT,
            "%s in %.1f s, %.0f objects/s, %s/s, %s; %s",
            Figures.size(progress.bytes),
            seconds,
            progress.tally.stored() / seconds,
            Figures.size((long) (progress.bytes / seconds)),
            Terminal.count(sent.associations(), "association", "associations"),
            PeerWords.of(sent.end())));
    return progress.tally.notStored() == 0 ? 0 : Howdah.NOT_WELL;
  }

  private void summary(Progress progress, List<Path> others) {
    Table table = new Table("STATUS", ">OBJECTS", "");
    progress.tally.outcomes().forEach((label, number) -> table.row(label, number, words(label)));
    terminal.line();
    table.lines(terminal).forEach(terminal::line);
    terminal.line();
    List<String> missing = new ArrayList<>(progress.missing);
    others.forEach(file -> missing.add(file + ": no DICOM object"));
    missing.stream()
        .limit(SHOWN)
        .forEach(line -> terminal.line(terminal.bad("not stored") + "  " + Terminal.safe(line)));
    if (missing.size() > SHOWN) {
      terminal.line("and " + (missing.size() - SHOWN) + " more");
    }
    if (!missing.isEmpty()) {
      terminal.line();
    }
  }

  private static String words(String label) {
    return label.matches("[0-9A-F]{4}")
        ? PeerWords.status(Integer.parseInt(label, 16))
        : switch (label) {
          case "unanswered" -> "sent without an answer; the peer may or may not have it";
          case "context not accepted" -> "the peer takes no such object in this encoding";
          default -> "";
        };
  }

  /** Hears outcomes and shows how far it is. */
  private final class Progress implements StoreListener {
    private final StoreTally tally = new StoreTally();
    private final List<String> missing = new ArrayList<>();
    private final int all;
    private int done;
    private long bytes;
    private long drawn;

    Progress(int all) {
      this.all = all;
    }

    @Override
    public void outcome(Instance instance, StoreOutcome outcome) {
      tally.outcome(instance, outcome);
      done++;
      if (outcome.stored()) {
        bytes += instance.file().toFile().length();
      } else {
        missing.add(instance.file() + ": " + why(outcome));
      }
      long now = System.nanoTime();
      if (terminal.isLive() && (now - drawn > REDRAW || done == all)) {
        drawn = now;
        terminal.draw(
            List.of(
                terminal.bar(done, all, 24)
                    + "  "
                    + done
                    + " of "
                    + all
                    + "  "
                    + Figures.size(bytes)
                    + (missing.isEmpty()
                        ? ""
                        : "  " + terminal.bad(missing.size() + " not stored"))));
      }
    }

    private String why(StoreOutcome outcome) {
      if (outcome instanceof StoreOutcome.Refused refused) {
        return refused.label() + " " + PeerWords.status(refused.status());
      }
      if (outcome instanceof StoreOutcome.ContextNotAccepted context) {
        return PeerWords.context(context.result());
      }
      if (outcome instanceof StoreOutcome.Unreadable unreadable) {
        return unreadable.why();
      }
      return outcome.label();
    }
  }
}
