package io.howdah.cli;

import io.howdah.settings.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code howdah import}: a tree of files into a running gateway, as often as it takes. */
@Command(
    name = "import",
    header = "Sends a tree of files to a running gateway; run it again to go on where it ended.",
    description = {
      "",
      "Every regular file below DIR is sent to POST /upload, several at once; hidden files and symbolic links are left alone. A journal remembers what was accepted, so that a second run sends only the rest; what was sent but not written down is recognised by the gateway and makes no second study. While the gateway is away or full, import waits and tries again for as long as --patience says."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the gateway has every file",
      "1:some were refused, or it gave up; the summary says which and why",
      "2:the command line or the settings make no sense"
    })
final class ImportCommand implements Callable<Integer> {
  private static final Duration LIVE = Duration.ofMillis(100);
  private static final Duration PLAIN = Duration.ofSeconds(5);
  private static final int REFUSED_SHOWN = 20;

  @Mixin private GatewayOptions gateway;

  @Parameters(arity = "1..*", paramLabel = "DIR", description = "Folders or files to send.")
  private List<Path> sources;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "4",
      description = "Files sent at once, 1 to 64. Default: ${DEFAULT-VALUE}.")
  private int connections;

  @Option(
      names = "--journal",
      paramLabel = "FILE",
      description =
          "Where to remember what was accepted. Default: howdah-import-*.jsonl in this directory, one for each DIR and gateway.")
  private Path journalFile;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description =
          "Give up when nothing at all got through for this long. Default: ${DEFAULT-VALUE}.")
  private int patience;

  @Spec private CommandSpec spec;

  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong duplicates = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicReference<IOException> journalTrouble = new AtomicReference<>();
  private final List<Sender.Sent> refused = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (connections < 1 || connections > 64) {
      throw new ParameterException(spec.commandLine(), "--connections must be from 1 to 64");
    }
    if (patience < 0) {
      throw new ParameterException(spec.commandLine(), "--patience must not be negative");
    }
    GatewayClient client = gateway.client();
    Terminal terminal = Terminal.system();
    List<Path> files = FileTree.files(sources);
    if (files.isEmpty()) {
      throw new Unable("there is no file to send in " + sources);
    }
    Path journalPath =
        journalFile == null
            ? ImportJournal.nameFor(sources.get(0).toAbsolutePath().normalize(), client.base())
            : journalFile;
    try (ImportJournal journal = ImportJournal.open(journalPath, client.base())) {
      return send(client, terminal, files, journal);
    }
  }

  private int send(GatewayClient client, Terminal terminal, List<Path> files, ImportJournal journal)
      throws IOException, InterruptedException {
    List<Path> rest = new ArrayList<>();
    long all = 0;
    for (Path file : files) {
      if (!journal.hasAccepted(file)) {
        rest.add(file);
        all += Files.size(file);
      }
    }
    int skipped = files.size() - rest.size();
    terminal.line(
        "importing "
            + Terminal.count(rest.size(), "file", "files")
            + " ("
            + Figures.size(all)
            + ") into "
            + client.base()
            + (skipped == 0 ? "" : "; " + skipped + " accepted in an earlier run"));
    long begun = System.nanoTime();
    try (Sender sender = new Sender(client, connections, Duration.ofSeconds(patience))) {
      sender.start(rest, sent -> note(sent, journal));
      long said = -1;
      while (!sender.await(terminal.isLive() ? LIVE : PLAIN)) {
        String line = progress(terminal, sender, rest.size(), all, System.nanoTime() - begun);
        if (terminal.isLive()) {
          terminal.draw(List.of(line));
        } else if (said != answered()) {
          terminal.line(line);
          said = answered();
        }
      }
      // the bar stays, as full as it got
      terminal.draw(
          List.of(progress(terminal, sender, rest.size(), all, System.nanoTime() - begun)));
      terminal.release();
      if (journalTrouble.get() != null) {
        throw new Unable(
            "the journal "
                + journal.file()
                + " cannot be written: "
                + journalTrouble.get().getMessage());
      }
      summary(terminal, journal, skipped, System.nanoTime() - begun);
      long left = rest.size() - answered();
      if (left > 0) {
        terminal.line();
        terminal.line(
            terminal.bad("gave up")
                + " with "
                + Terminal.count(left, "file", "files")
                + " not sent: "
                + sender.gaveUp().orElse("stopped"));
        terminal.line("run the same command again to send the rest");
      }
      return left > 0 || !refused.isEmpty() ? Howdah.NOT_WELL : 0;
    }
  }

  private void note(Sender.Sent sent, ImportJournal journal) {
    if (sent.outcome() instanceof Sender.Accepted answer) {
      try {
        journal.add(sent, answer);
      } catch (IOException e) {
        journalTrouble.compareAndSet(null, e);
      }
      (answer.duplicate() ? duplicates : accepted).incrementAndGet();
    } else {
      synchronized (refused) {
        refused.add(sent);
      }
    }
    bytes.addAndGet(sent.size());
  }

  private long answered() {
    synchronized (refused) {
      return accepted.get() + duplicates.get() + refused.size();
    }
  }

  private String progress(Terminal terminal, Sender sender, int files, long all, long nanos) {
    double seconds = Math.max(nanos / 1e9, 1e-3);
    long done = bytes.get();
    StringBuilder line = new StringBuilder();
    if (terminal.isLive()) {
      line.append(terminal.bar(done, Math.max(all, 1), 24)).append("  ");
    }
    line.append(answered()).append(" of ").append(files).append(" files");
    line.append("  ")
        .append(Figures.size(done))
        .append(String.format(Locale.ROOT, "  %.0f files/s", answered() / seconds));
    synchronized (refused) {
      if (!refused.isEmpty()) {
        line.append("  ").append(terminal.bad(refused.size() + " refused"));
      }
    }
    if (sender.trouble().isPresent()) {
      String trouble = "  waiting: " + sender.trouble().get();
      int room = terminal.isLive() ? Math.max(10, terminal.width() - 70) : Integer.MAX_VALUE;
      line.append(
          terminal.doubtful(trouble.length() > room ? trouble.substring(0, room) : trouble));
    } else if (done > 0 && done < all) {
      line.append(String.format(Locale.ROOT, "  %.0f s left", (all - done) / (done / seconds)));
    }
    return line.toString();
  }

  private void summary(Terminal terminal, ImportJournal journal, int skipped, long nanos) {
    double seconds = Math.max(nanos / 1e9, 1e-3);
    terminal.line();
    Table table = new Table("", ">FILES", "");
    table.row("accepted", accepted, "");
    table.row("duplicate", duplicates, duplicates.get() == 0 ? "" : "the gateway had these bytes");
    table.row("skipped", skipped, skipped == 0 ? "" : "accepted in an earlier run");
    table.row("refused", refused.size(), "");
    table.lines(terminal).forEach(terminal::line);
    terminal.line();
    terminal.line(
        String.format(
            Locale.ROOT,
            "%s in %.1f s, %.0f files/s, %s/s; journal %s",
            Figures.size(bytes.get()),
            seconds,
            answered() / seconds,
            Figures.size((long) (bytes.get() / seconds)),
            journal.file()));
    refusals(refused).forEach(terminal::line);
  }

  /** Why files were refused: each code once, with the files it was given for. */
  static List<String> refusals(List<Sender.Sent> refused) {
    Map<String, List<Sender.Sent>> byCode = new TreeMap<>();
    for (Sender.Sent sent : refused) {
      if (sent.outcome() instanceof Sender.Refused why) {
        byCode.computeIfAbsent(why.code(), code -> new ArrayList<>()).add(sent);
      }
    }
    List<String> lines = new ArrayList<>();
    byCode.forEach(
        (code, sent) -> {
          lines.add("");
          lines.add(
              Terminal.safe(code + ": " + ((Sender.Refused) sent.get(0).outcome()).sentence()));
          sent.stream()
              .limit(REFUSED_SHOWN)
              .forEach(one -> lines.add("  " + Terminal.safe(one.file().toString())));
          if (sent.size() > REFUSED_SHOWN) {
            lines.add("  and " + (sent.size() - REFUSED_SHOWN) + " more");
          }
        });
    return lines;
  }
}
