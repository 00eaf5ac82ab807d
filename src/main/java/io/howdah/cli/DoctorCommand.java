package io.howdah.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.howdah.settings.BadSettings;
import io.howdah.settings.Figures;
import io.howdah.settings.Role;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.validate.Profiles;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code howdah doctor}: whether a gateway could work here, and what to do where not. */
@Command(
    name = "doctor",
    header = "Looks for what would keep the gateway from its work.",
    description = {
      "",
      "Checks the settings, the JDK, the folders (there, writable, private, on one device, with room), the ports (free, or taken by our own gateway and what that says of its health), the database, Redis, the validation profiles and the clock, and says what to do about each finding. Changes nothing; a gateway may run."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:nothing keeps the gateway from its work; there may be warnings",
      "1:something does; see the findings marked FAIL",
      "2:the command line makes no sense"
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int LEAST_JAVA = 17;
  private static final long LEAST_FILES = 4_096;
  private static final long LEAST_HEAP = 200L << 20;

  /** Before this version was made; a clock that says so is not set. */
  private static final Instant LONG_AGO = Instant.parse("2026-01-01T00:00:00Z");

  @Option(names = "--json", description = "Print one JSON object a line for each finding.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    Diagnosis diagnosis = new Diagnosis();
    InstantSource clock = InstantSource.system();
    java(diagnosis);
    clock(diagnosis, clock);
    try {
      Settings settings = SettingsReader.read();
      settings(diagnosis, settings);
      profiles(diagnosis, settings);
      new FolderChecks(settings, diagnosis, clock).check();
      new DatabaseChecks(settings, diagnosis, clock).check();
      new NetworkChecks(settings, diagnosis).check();
      pacs(diagnosis, settings);
    } catch (BadSettings e) {
      e.complaints()
          .forEach(
              complaint ->
                  diagnosis.fail(
                      "settings",
                      complaint,
                      "correct it in config/application.properties, .env or the environment; nothing else was looked at"));
    }
    show(diagnosis);
    return diagnosis.isWell() ? 0 : Howdah.NOT_WELL;
  }

  private static void java(Diagnosis diagnosis) {
    int version = Runtime.version().feature();
    String sentence = "Java " + Runtime.version() + " of " + System.getProperty("java.vendor");
    if (version < LEAST_JAVA) {
      diagnosis.fail("java", sentence, "install JDK " + LEAST_JAVA + " or newer");
    } else {
      diagnosis.ok("java", sentence);
    }
    long heap = Runtime.getRuntime().maxMemory();
    if (heap < LEAST_HEAP) {
      diagnosis.warn(
          "memory",
          "the heap may grow to " + Figures.size(heap) + " only",
          "give it more memory, or -Xmx256m in HOWDAH_JAVA_OPTS");
    } else {
      diagnosis.ok("memory", "the heap may grow to " + Figures.size(heap));
    }
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.UnixOperatingSystemMXBean unix) {
      long files = unix.getMaxFileDescriptorCount();
      if (files < LEAST_FILES) {
        diagnosis.warn(
            "open files",
            "this user may have " + files + " files and connections open",
            "raise the limit to " + LEAST_FILES + " (ulimit -n, or LimitNOFILE in systemd)");
      } else {
        diagnosis.ok("open files", "up to " + files);
      }
    }
  }

  private static void clock(Diagnosis diagnosis, InstantSource clock) {
    Instant now = clock.instant();
    if (now.isBefore(LONG_AGO)) {
      diagnosis.fail("clock", "it says " + now, "set it by a time server");
    } else {
      diagnosis.ok("clock", now.toString());
    }
  }

  private static void settings(Diagnosis diagnosis, Settings settings) {
    boolean configured = Files.isRegularFile(settings.config().resolve("application.properties"));
    diagnosis.ok(
        "settings",
        (configured
                ? settings.config().resolve("application.properties").toString()
                : "packaged defaults, there being no " + settings.config())
            + "; roles "
            + settings.roles().stream().map(Role::key).collect(Collectors.joining(", ")));
  }

  private static void profiles(Diagnosis diagnosis, Settings settings) {
    if (!settings.roles().contains(Role.VALIDATOR)) {
      return;
    }
    try {
      Profiles.in(settings.validation().profiles());
      diagnosis.ok(
          "profiles",
          Files.isDirectory(settings.validation().profiles())
              ? settings.validation().profiles().toString()
              : "the built-in default, there being no " + settings.validation().profiles());
    } catch (BadSettings e) {
      e.complaints()
          .forEach(
              complaint ->
                  diagnosis.fail(
                      "profiles", complaint, "correct it in " + settings.validation().profiles()));
    }
  }

  private static void pacs(Diagnosis diagnosis, Settings settings) {
    if (!settings.roles().contains(Role.PACS_UPLOAD)) {
      return;
    }
    if (Files.notExists(settings.pacsUpload().database())) {
      diagnosis.ok(
          "pacs-upload",
          "there is no " + settings.pacsUpload().database() + ", so this role idles");
    } else if (Files.isWritable(settings.pacsUpload().database())) {
      diagnosis.ok("pacs-upload", settings.pacsUpload().database().toString());
    } else {
      diagnosis.fail(
          "pacs-upload",
          settings.pacsUpload().database() + " cannot be written",
          "give user " + System.getProperty("user.name") + " the right to write it and its folder");
    }
  }

  private void show(Diagnosis diagnosis) {
    Terminal terminal = Terminal.system();
    for (Diagnosis.Finding finding : diagnosis.findings()) {
      if (json) {
        terminal.line(
            JsonNodeFactory.instance
                .objectNode()
                .put("level", finding.level().name())
                .put("about", finding.about())
                .put("finding", finding.sentence())
                .put("advice", finding.advice())
                .toString());
        continue;
      }
      String level = String.format(Locale.ROOT, "%-4s", finding.level());
      terminal.line(
          (switch (finding.level()) {
                case OK -> terminal.good(level);
                case WARN -> terminal.doubtful(level);
                case FAIL -> terminal.bad(level);
              })
              + String.format(Locale.ROOT, "  %-22s  ", finding.about())
              + Terminal.safe(finding.sentence()));
      if (!finding.advice().isEmpty()) {
        terminal.line(
            " ".repeat(30) + terminal.glyph("→ ", "-> ") + Terminal.safe(finding.advice()));
      }
    }
    if (!json) {
      terminal.line();
      terminal.line(
          diagnosis.isWell()
              ? terminal.good("nothing keeps the gateway from its work")
              : terminal.bad("the gateway cannot work like this; see what is marked FAIL"));
    }
  }
}
