package io.howdah.cli;

import io.howdah.dicom.Uids;
import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.NegotiatedContext;
import io.howdah.dicom.net.SendableFiles;
import io.howdah.dicom.net.StudySender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code howdah preflight}: what a DICOM peer would refuse, without sending anything. */
@Command(
    name = "preflight",
    header = "Asks a peer which objects of a study it would take, and sends nothing.",
    description = {
      "",
      "Negotiates an association with the study's real SOP classes and encodings, shows the peer's answer to each, and releases it."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the peer would take every object",
      "1:it would not, or was not reached; the output says which and why",
      "2:the command line makes no sense"
    })
final class PreflightCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "STUDY|FILE|DIR",
      description =
          "Files or folders, or the Study Instance UID of a study in this gateway's archive.")
  private List<String> sources;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DEST",
      description = "AET@HOST:PORT, or the NAME of a howdah.destination.NAME.uri.")
  private String destination;

  @Mixin private PeerOptions options;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.system();
    StudySender sender =
        destination.contains("@") ? options.sender(destination) : Site.destination(destination);
    SendableFiles files = SendableFiles.of(FileTree.files(paths()));
    if (files.instances().isEmpty()) {
      throw new Unable("there is no DICOM object in " + sources);
    }
    StudySender.Preflight preflight = sender.preflight(files.instances());
    if (preflight.contexts().isEmpty()) {
      terminal.line(
          terminal.bad("failed") + "  " + destination + ": " + PeerWords.of(preflight.end()));
      return Howdah.NOT_WELL;
    }
    Table table = new Table("SOP CLASS", "TRANSFER SYNTAX", ">OBJECTS", "ANSWER");
    long refused = files.others().size();
    for (NegotiatedContext context : preflight.contexts()) {
      long number = files.instances().stream().filter(each -> travelsIn(each, context)).count();
      refused += context.accepted() ? 0 : number;
      table.row(
          name(context.proposed().abstractSyntax()),
          name(context.proposed().transferSyntaxes().get(0)),
          number,
          PeerWords.context(context.result()));
    }
    table.lines(terminal).forEach(terminal::line);
    terminal.line();
    files
        .others()
        .forEach(file -> terminal.line(Terminal.safe(file + ": no DICOM object, cannot be sent")));
    terminal.line(
        refused == 0
            ? terminal.good("would take")
                + "  all "
                + Terminal.count(files.instances().size(), "object", "objects")
            : terminal.bad("would refuse")
                + "  "
                + refused
                + " of "
                + Terminal.count(
                    files.instances().size() + files.others().size(), "object", "objects"));
    return refused == 0 ? 0 : Howdah.NOT_WELL;
  }

  private List<Path> paths() throws IOException {
    List<Path> paths = new ArrayList<>();
    for (String source : sources) {
      if (Files.exists(Path.of(source)) || !Uids.isSafe(source)) {
        paths.add(Path.of(source));
      } else {
        paths.addAll(Site.archived(source));
      }
    }
    return paths;
  }

  private static boolean travelsIn(Instance instance, NegotiatedContext context) {
    return instance.sopClass().equals(context.proposed().abstractSyntax())
        && context.proposed().transferSyntaxes().contains(instance.transferSyntax());
  }

  private static String name(String uid) {
    String name = Uids.name(uid);
    return name == null || name.isEmpty() ? uid : name;
  }
}
