package io.howdah.cli;

import io.howdah.audit.AuditAnchor;
import io.howdah.audit.AuditTrail.Anchor;
import io.howdah.audit.AuditVerification;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.storage.Database;
import io.howdah.storage.SqlAudit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code howdah audit}: whether the audit trail is as it was written. */
@Command(
    name = "audit",
    header = "Verifies the audit trail.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it did what was asked",
      "1:the trail was changed, or is not there; the output says where",
      "2:the command line or the settings make no sense"
    },
    synopsisSubcommandLabel = "verify")
public final class AuditCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name verify.");
  }

  @Command(
      name = "verify",
      header =
          "Reads the whole trail and finds what was changed, removed, inserted or put in another order.",
      description = {
        "",
        "What was cut off at the end, or written anew as a whole, is found by what the gateway's log said of it: give --log or --anchor."
      },
      mixinStandardHelpOptions = true)
  int verify(
      @Option(
              names = "--log",
              paramLabel = "FILE",
              description = "A log of the gateway, for its lines 'audit head SEQ:HASH'.")
          List<Path> logs,
      @Option(
              names = "--anchor",
              paramLabel = "SEQ:HASH",
              description = "An end of the trail that was noted elsewhere.")
          List<String> anchors)
      throws IOException {
    List<Anchor> known = new ArrayList<>();
    for (String text : anchors == null ? List.<String>of() : anchors) {
      known.add(
          Anchor.parse(text)
              .orElseThrow(
                  () ->
                      new ParameterException(
                          spec.subcommands().get("verify"),
                          "--anchor must be SEQ:HASH as the log has it")));
    }
    for (Path log : logs == null ? List.<Path>of() : logs) {
      read(log, known);
    }
    Settings settings = SettingsReader.read();
    Optional<Database> database = OwnDatabase.open(settings);
    if (database.isEmpty()) {
      spec.commandLine().getErr().println("howdah: there is no database yet, so no trail");
      return Howdah.NOT_WELL;
    }
    try (Database open = database.get()) {
      return told(AuditVerification.of(new SqlAudit(open), known), known.size());
    }
  }

  private static void read(Path log, List<Anchor> known) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(log, StandardCharsets.ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int at = line.indexOf(AuditAnchor.MARK);
        if (at >= 0) {
          Anchor.parse(line.substring(at + AuditAnchor.MARK.length())).ifPresent(known::add);
        }
      }
    }
  }

  private int told(AuditVerification verification, int anchors) {
    PrintWriter out = spec.commandLine().getOut();
    verification.faults().forEach(fault -> out.println("  " + fault));
    if (!verification.isIntact()) {
      out.println(
          "the audit trail was changed: "
              + Terminal.count(verification.faults().size(), "fault", "faults")
              + " in "
              + Terminal.count(verification.entries(), "entry", "entries"));
      return Howdah.NOT_WELL;
    }
    out.println(
        "the audit trail is intact: "
            + Terminal.count(verification.entries(), "entry", "entries")
            + ", "
            + Terminal.count(anchors, "anchor", "anchors")
            + (anchors == 0 ? " (a cut end shows only against the log: --log FILE)" : ""));
    out.println("head " + verification.head());
    return 0;
  }
}
