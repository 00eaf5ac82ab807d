package io.howdah.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.settings.SettingsReader;
import io.howdah.validate.Examination;
import io.howdah.validate.Finding;
import io.howdah.validate.ProfileExamination;
import io.howdah.validate.Profiles;
import io.howdah.validate.Validation;
import io.howdah.validate.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code howdah validate}: the gateway's verdict on files, without sending them. */
@Command(
    name = "validate",
    header = "Judges files as the gateway would, by the same profiles.",
    description = {
      "",
      "Reads every file to its end and prints what is wrong with it, each finding with its code, tag and severity; no value from a file is shown. Only an error makes a file invalid."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every file is valid",
      "1:a file is invalid or cannot be read",
      "2:the command line, the settings or a profile make no sense"
    })
final class ValidateCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "FILE|DIR",
      description = "Files, and folders with all regular files below them but hidden ones.")
  private List<Path> paths;

  @Option(
      names = "--json",
      description = "Print one JSON object a line for each file, as GET /status shows it.")
  private boolean json;

  @Option(
      names = "--profiles",
      paramLabel = "DIR",
      description = "Folder with validation profiles. Default: howdah.validate.profiles.")
  private Path profiles;

  @Option(
      names = {"-q", "--quiet"},
      description = "Say nothing of valid files.")
  private boolean quiet;

  @Override
  public Integer call() throws IOException {
    Path folder = profiles == null ? SettingsReader.read().validation().profiles() : profiles;
    Examination examination = new ProfileExamination(Profiles.in(folder));
    Terminal terminal = Terminal.system();
    List<Path> files = FileTree.files(paths);
    int invalid = 0;
    int unreadable = 0;
    for (Path file : files) {
      try {
        Verdict verdict = examination.examine(file);
        invalid += verdict.isValid() ? 0 : 1;
        if (!quiet || !verdict.isValid()) {
          show(terminal, file, verdict);
        }
      } catch (IOException e) {
        unreadable++;
        unreadable(terminal, file);
      }
    }
    if (!json && files.size() != 1) {
      terminal.line(
          Terminal.count(files.size(), "file", "files")
              + ": "
              + (files.size() - invalid - unreadable)
              + " valid, "
              + invalid
              + " invalid"
              + (unreadable == 0 ? "" : ", " + unreadable + " that cannot be read"));
    }
    return invalid + unreadable == 0 ? 0 : Howdah.NOT_WELL;
  }

  private void show(Terminal terminal, Path file, Verdict verdict) {
    if (json) {
      ObjectNode line = JsonNodeFactory.instance.objectNode().put("file", file.toString());
      line.setAll(Validation.details(verdict));
      terminal.line(line.put("sha256", verdict.sha256()).toString());
      return;
    }
    terminal.line(
        (verdict.isValid() ? terminal.good("valid   ") : terminal.bad("invalid "))
            + " "
            + Terminal.safe(file.toString()));
    for (Finding finding : verdict.findings()) {
      String severity = String.format("%-7s", finding.severity().name().toLowerCase(Locale.ROOT));
      terminal.line(
          "  "
              + switch (finding.severity()) {
                case ERROR -> terminal.bad(severity);
                case WARNING -> terminal.doubtful(severity);
                case NOTE -> terminal.faint(severity);
              }
              + "  "
              + finding.code()
              + (finding.tag().isEmpty() ? "" : " " + finding.tag())
              + ": "
              + Terminal.safe(finding.sentence()));
    }
  }

  private void unreadable(Terminal terminal, Path file) {
    if (json) {
      terminal.line(
          JsonNodeFactory.instance
              .objectNode()
              .put("file", file.toString())
              .put("is_valid", false)
              .put("code", "UNREADABLE")
              .toString());
    } else {
      terminal.line(
          terminal.bad("unread  ")
              + " "
              + Terminal.safe(file.toString())
              + ": this computer cannot read it");
    }
  }
}
