package io.howdah.cli;

import io.howdah.dicom.net.Reply;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code howdah echo}: whether a DICOM peer is there. */
@Command(
    name = "echo",
    header = "Asks a DICOM peer whether it is there (C-ECHO).",
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it answered with success",
      "1:it did not; the output says why",
      "2:the command line makes no sense"
    })
final class EchoCommand implements Callable<Integer> {
  @Parameters(paramLabel = "AET@HOST:PORT", description = "The peer, such as PACS@10.1.2.3:104.")
  private String peer;

  @Mixin private PeerOptions options;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.system();
    long begun = System.nanoTime();
    Reply reply = options.sender(peer).echo();
    long millis = (System.nanoTime() - begun) / 1_000_000;
    if (reply instanceof Reply.Answered answered && answered.success()) {
      terminal.line(terminal.good("answered") + "  " + peer + " in " + millis + " ms");
      return 0;
    }
    terminal.line(terminal.bad("failed") + "  " + peer + ": " + PeerWords.of(reply));
    return Howdah.NOT_WELL;
  }
}
