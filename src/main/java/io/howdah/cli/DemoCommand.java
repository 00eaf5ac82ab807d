package io.howdah.cli;

import io.howdah.Gateway;
import io.howdah.dicom.sample.SampleFile;
import io.howdah.dicom.sample.SampleStudies;
import io.howdah.dicom.sample.SampleStudy;
import io.howdah.disk.Disk;
import io.howdah.settings.Figures;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.status.StudyState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code howdah demo}: the whole way of some files, from the sender to the archive, to watch. */
@Command(
    name = "demo",
    header = "Sends files through a gateway of its own and shows every stage.",
    description = {
      "",
      "Starts a gateway on free ports and a fresh data directory, with nothing else to install; makes DICOM studies of people who do not exist, or takes yours; sends them over HTTP; and compares what is in the archive, byte for byte, with what was sent."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every file is archived with the bytes that were sent",
      "1:some are not; the summary says which and why",
      "2:the command line makes no sense"
    })
final class DemoCommand implements Callable<Integer> {
  private static final Duration LIVE = Duration.ofMillis(250);
  private static final Duration PLAIN = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int CONNECTIONS = 4;
  private static final int SHOWN = 20;

  @Option(
      names = "--input",
      paramLabel = "DIR",
      description =
          "Send the files of this folder, hidden ones left out, instead of made ones; may be given several times.")
  private List<Path> input;

  @Option(
      names = "--files",
      paramLabel = "N",
      defaultValue = "88",
      description = "How many files to make, 1 to 20000. Default: ${DEFAULT-VALUE}.")
  private int number;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Where the gateway keeps everything; must be empty or not there. Default: data/demo- and the time.")
  private Path data;

  @Option(
      names = "--keep",
      description = "Leave the gateway running until Ctrl-C, and say where to look at it.")
  private boolean keep;

  @Spec private CommandSpec spec;

  private Terminal terminal;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (number < 1 || number > 20_000) {
      throw new ParameterException(spec.commandLine(), "--files must be from 1 to 20000");
    }
    Path home = home();
    List<Path> own = input == null ? List.of() : FileTree.files(input);
    if (input != null && own.isEmpty()) {
      throw new Unable("there is no file to send in " + input);
    }
    Disk.createDirectories(home);
    Logs.into(home.resolve("howdah.log"));
    terminal = Terminal.system();
    terminal.line(terminal.bold("Howdah demo"));
    List<Path> files = input == null ? make(home.resolve("sent")) : own;
    if (input != null) {
      terminal.line(
          "  files      " + Terminal.count(files.size(), "file", "files") + " of " + names(input));
    }
    Settings settings = settings(home);
    long begun = System.nanoTime();
    if (terminal.isLive()) {
      terminal.draw(List.of("  gateway    starting"));
    }
    int exitCode;
    try (Gateway gateway = Starting.gateway(settings)) {
      terminal.clear();
      GatewayClient client =
          new GatewayClient(URI.create("http://127.0.0.1:" + gateway.port()), Optional.empty());
      terminal.line(
          String.format(
              Locale.ROOT,
              "  gateway    ready in %.1f s at %s, log %s",
              (System.nanoTime() - begun) / 1e9,
              client.base(),
              home.resolve("howdah.log")));
      terminal.line();
      exitCode = demonstrate(client, files, settings);
      if (keep) {
        keep(gateway, client, settings, exitCode);
      }
    }
    Logs.flush();
    return exitCode;
  }

  private static String names(List<Path> folders) {
    return String.join(", ", folders.stream().map(path -> Terminal.safe(path.toString())).toList());
  }

  private Path home() throws IOException {
    if (data == null) {
      String time =
          DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")
              .format(LocalDateTime.now(ZoneId.systemDefault()));
      Path home = Path.of("data", "demo-" + time);
      for (int i = 2; Files.exists(home); i++) {
        home = Path.of("data", "demo-" + time + "-" + i);
      }
      return home;
    }
    if (Files.exists(data)) {
      if (!Files.isDirectory(data)) {
        throw new Unable(data + " is no folder");
      }
      try (Stream<Path> there = Files.list(data)) {
        if (there.findAny().isPresent()) {
          throw new Unable(data + " is not empty; the demo wants a data directory of its own");
        }
      }
    }
    return data;
  }

  /** As shipped, but on free ports; nothing of the site's own settings but its profiles. */
  private static Settings settings(Path home) throws IOException {
    Path absolute = home.toAbsolutePath().normalize();
    return SettingsReader.read(
        absolute,
        absolute.resolve("config"),
        Map.of(
            "HOWDAH_DATA", absolute.toString(),
            "HOWDAH_HTTP_PORT", "0",
            "HOWDAH_MANAGEMENT_PORT", Integer.toString(freePort()),
            "HOWDAH_ROLES", "gateway,validator,descriptor,storage,status",
            "HOWDAH_VALIDATE_PROFILES",
                Path.of("config", "validation").toAbsolutePath().toString()),
        Map.of());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private List<Path> make(Path folder) throws IOException {
    Disk.createDirectories(folder);
    List<Path> files = new ArrayList<>();
    int studies = 0;
    long bytes = 0;
    for (int seed = 1; files.size() < number; seed++) {
      for (SampleStudy study : new SampleStudies(seed).all()) {
        if (files.size() == number) {
          break;
        }
        studies++;
        for (SampleFile sample : study.files()) {
          if (files.size() == number) {
            break;
          }
          Path file = folder.resolve(String.format(Locale.ROOT, "%04d-%s", seed, sample.name()));
          sample.writeTo(file);
          bytes += Files.size(file);
          files.add(file);
          terminal.draw(List.of("  files      making " + files.size() + " of " + number));
        }
      }
    }
    terminal.clear();
    terminal.line(
        "  files      "
            + files.size()
            + " made, "
            + Terminal.count(studies, "study", "studies")
            + ", "
            + Figures.size(bytes)
            + ", in "
            + folder);
    return files;
  }

  private int demonstrate(GatewayClient client, List<Path> files, Settings settings)
      throws IOException, InterruptedException {
    ConcurrentLinkedQueue<Sender.Sent> answers = new ConcurrentLinkedQueue<>();
    long begun = System.nanoTime();
    String trouble;
    try (Sender sender = new Sender(client, CONNECTIONS, PATIENCE)) {
      sender.start(files, answers::add);
      trouble = watch(client, sender, files.size(), answers);
    }
    long nanos = System.nanoTime() - begun;
    DemoSummary summary = new DemoSummary(client, settings.archive().path(), List.copyOf(answers));
    terminal.line();
    summary.stages().lines(terminal).forEach(terminal::line);
    terminal.line();
    if (trouble != null) {
      terminal.line("  " + terminal.bad("stopped waiting: " + Terminal.safe(trouble)));
    }
    boolean all = summary.archived() == files.size();
    String line =
        String.format(
            Locale.ROOT,
            "%d of %d files archived with the SHA-256 of what was sent, in %.1f s (%.0f files/s)",
            summary.archived(),
            files.size(),
            nanos / 1e9,
            summary.archived() / (nanos / 1e9));
    terminal.line(
        "  "
            + (all
                ? terminal.good(terminal.glyph("✓ ", "") + line)
                : terminal.bad(terminal.glyph("✗ ", "") + line)));
    if (summary.duplicates() > 0) {
      terminal.line(
          "  "
              + Terminal.count(summary.duplicates(), "file has", "files have")
              + " the bytes of another and became one study with it");
    }
    problems(summary, files.size() - answers.size());
    terminal.line(
        "  archive    "
            + settings.archive().path().resolve("{study_id}").resolve("original.dcm")
            + ", metadata.json beside it");
    return all ? 0 : Howdah.NOT_WELL;
  }

  private void problems(DemoSummary summary, int unsent) {
    Table table = new Table("NOT ARCHIVED", "CODE", "WHY");
    summary.problems().stream()
        .limit(SHOWN)
        .forEach(
            problem ->
                table.row(
                    Terminal.safe(problem.file().toString()),
                    Terminal.safe(problem.code()),
                    Terminal.safe(problem.sentence())));
    if (!table.isEmpty()) {
      terminal.line();
      table.lines(terminal).forEach(terminal::line);
      if (summary.problems().size() > SHOWN) {
        terminal.line("  and " + (summary.problems().size() - SHOWN) + " more");
      }
      terminal.line();
    }
    if (unsent > 0) {
      terminal.line("  " + Terminal.count(unsent, "file was", "files were") + " not sent");
    }
  }

  /** Shows how far the files are, until they are all at their end; why it stopped before, if so. */
  private String watch(
      GatewayClient client, Sender sender, int files, ConcurrentLinkedQueue<Sender.Sent> answers)
      throws InterruptedException {
    long changed = System.nanoTime();
    List<String> before = List.of();
    while (true) {
      boolean sentAll = sender.await(terminal.isLive() ? LIVE : PLAIN);
      Map<StudyState, Long> counts = counts(client);
      long accepted = counts.values().stream().mapToLong(Long::longValue).sum();
      long ended = counted(counts, StudyState.ARCHIVED) + setAside(counts);
      List<String> stages = stages(files, answers, counts);
      if (terminal.isLive()) {
        terminal.draw(stages);
      } else if (!stages.equals(before)) {
        terminal.line(plain(files, answers.size(), counts));
      }
      if (!stages.equals(before)) {
        changed = System.nanoTime();
        before = stages;
      }
      if (sentAll && ended >= accepted) {
        terminal.release();
        return sender.gaveUp().orElse(null);
      }
      if (System.nanoTime() - changed > PATIENCE.toNanos()) {
        terminal.release();
        return sender.trouble().orElse("nothing moved for " + PATIENCE.toSeconds() + " s");
      }
    }
  }

  private static Map<StudyState, Long> counts(GatewayClient client) throws InterruptedException {
    Map<StudyState, Long> counts = new EnumMap<>(StudyState.class);
    for (StudyState state : StudyState.values()) {
      counts.put(state, client.ask("status?state=" + state.word()).path("count").asLong());
    }
    return counts;
  }

  private static long counted(Map<StudyState, Long> counts, StudyState... states) {
    long sum = 0;
    for (StudyState state : states) {
      sum += counts.get(state);
    }
    return sum;
  }

  private static long setAside(Map<StudyState, Long> counts) {
    return counted(counts, StudyState.FAILED, StudyState.VALIDATION_FAILED);
  }

  private static long archived(Map<StudyState, Long> counts) {
    return counted(counts, StudyState.ARCHIVED);
  }

  /** A study that moved on between two questions is in both answers, and still one. */
  private static long described(int files, Map<StudyState, Long> counts) {
    return Math.min(files, archived(counts) + counted(counts, StudyState.DESCRIBED));
  }

  private static long validated(int files, Map<StudyState, Long> counts) {
    return Math.min(
        files,
        described(files, counts) + counted(counts, StudyState.VALIDATED, StudyState.PROCESSING));
  }

  private List<String> stages(
      int files, ConcurrentLinkedQueue<Sender.Sent> answers, Map<StudyState, Long> counts) {
    long refused =
        answers.stream().filter(sent -> sent.outcome() instanceof Sender.Refused).count();
    List<String> lines = new ArrayList<>();
    lines.add(stage("accepted", answers.size() - refused, files));
    lines.add(stage("validated", validated(files, counts), files));
    lines.add(stage("described", described(files, counts), files));
    lines.add(stage("archived", archived(counts), files));
    if (refused > 0) {
      lines.add(terminal.bad("  refused    " + refused));
    }
    if (setAside(counts) > 0) {
      lines.add(terminal.bad("  set aside  " + setAside(counts)));
    }
    return lines;
  }

  private String stage(String name, long done, int files) {
    int cells = Math.min(48, terminal.width() - 30);
    return String.format(
        Locale.ROOT, "  %-10s %s %5d of %d", name, terminal.bar(done, files, cells), done, files);
  }

  static String plain(int files, int answered, Map<StudyState, Long> counts) {
    return String.format(
        Locale.ROOT,
        "  of %d files: %d answered, %d validated, %d described, %d archived, %d set aside",
        files,
        answered,
        validated(files, counts),
        described(files, counts),
        archived(counts),
        setAside(counts));
  }

  private void keep(Gateway gateway, GatewayClient client, Settings settings, int exitCode)
      throws InterruptedException {
    Stopping stopping = Stopping.onSignal(gateway, () -> exitCode);
    URI management =
        URI.create(
            "http://" + settings.management().host() + ":" + settings.management().port() + "/");
    terminal.line();
    terminal.line(terminal.bold("  The gateway goes on until Ctrl-C"));
    terminal.line("  upload     curl -F file=@image.dcm " + client.base().resolve("upload"));
    terminal.line("  status     howdah status --url " + client.base());
    terminal.line("  console    " + management.resolve("hawtio/"));
    terminal.line(
        "             user howdah, its password is in "
            + settings.data().resolve("management-users.properties"));
    terminal.line("  health     " + management.resolve("observe/health"));
    terminal.line("  metrics    " + management.resolve("observe/metrics"));
    gateway.awaitStop();
    stopping.noLonger();
  }
}
