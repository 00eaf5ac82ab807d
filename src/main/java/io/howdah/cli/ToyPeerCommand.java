package io.howdah.cli;

import io.howdah.dicom.net.toy.ToyPeer;
import io.howdah.dicom.net.toy.ToyScript;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code howdah toy-peer}: a DICOM peer that misbehaves as scripted. */
@Command(
    name = "toy-peer",
    header = "Plays a DICOM peer that accepts, rejects, aborts, stalls or lies as a script says.",
    description = {
      "",
      "For trying out what happens when a PACS misbehaves, before one does. A script:",
      "",
      "  port: 11112                             # 0: any, on this machine only",
      "  associations:                           # in turn; the last one for all that follow",
      "    - associate: reject 2,3,2",
      "    - accepts: [1.2.840.10008.5.1.4.1.1.2]  # SOP classes; absent: all",
      "      store: {3: B000, 7: abort, 50: silent}  # by number within the association",
      "      otherwise: 0000",
      "      release: answer",
      "      commitment: report",
      "",
      "Acts: answer, abort, abort-during, silent, stall, close, reset, answer-and-reset, answer-and-close, twice, early, wrong-message-id, wrong-context, wrong-instance, wrong-kind, without-status, giant, garbage, half, release; or a status such as A700."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:it played until it was told to stop", "1:the script is none", "2:misuse"})
final class ToyPeerCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SCRIPT", description = "A YAML file.")
  private Path script;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Terminal terminal = Terminal.system();
    try (ToyPeer peer = ToyPeer.start(ToyScript.read(script))) {
      terminal.line("playing " + script + " on port " + peer.port() + "; Ctrl-C ends");
      String shown = counts(peer);
      while (true) {
        TimeUnit.MILLISECONDS.sleep(500);
        String now = counts(peer);
        if (!now.equals(shown)) {
          shown = now;
          terminal.line(now);
        }
      }
    }
  }

  private static String counts(ToyPeer peer) {
    return Terminal.count(peer.associations(), "association", "associations")
        + ", "
        + Terminal.count(peer.storeRequests(), "C-STORE", "C-STOREs")
        + ", "
        + Terminal.count(peer.kept().size(), "object", "objects")
        + " whole";
  }
}
