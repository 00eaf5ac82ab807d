package io.howdah.cli;

import io.howdah.dicom.net.AssociationSettings;
import io.howdah.dicom.net.Deadlines;
import io.howdah.dicom.net.PeerAddress;
import io.howdah.dicom.net.StudySender;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a command calls a DICOM peer. */
final class PeerOptions {
  private static final Pattern PEER =
      Pattern.compile("(.{1,16})@(\\[[0-9A-Fa-f:.]+]|[^@:\\[\\]]+):(\\d{1,5})");

  @Option(
      names = "--as",
      paramLabel = "AET",
      defaultValue = "HOWDAH",
      description = "What to call ourselves. Default: ${DEFAULT-VALUE}.")
  private String callingAe;

  @Option(
      names = "--window",
      paramLabel = "N",
      defaultValue = "16",
      description =
          "Requests that may be unanswered at once where the peer agrees, 1 to 1024. Default: ${DEFAULT-VALUE}.")
  private int window;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "The longest wait for an answer. Default: ${DEFAULT-VALUE}.")
  private int timeout;

  @Mixin private TlsOptions tls;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Reads {@code AET@host:port}. */
  PeerAddress address(String peer) throws IOException {
    Matcher matcher = PEER.matcher(peer);
    if (!matcher.matches()) {
      throw new ParameterException(
          spec.commandLine(), "a peer is AET@host:port, such as PACS@10.1.2.3:104, not " + peer);
    }
    try {
      return new PeerAddress(
          matcher.group(2).replaceAll("[\\[\\]]", ""),
          Integer.parseInt(matcher.group(3)),
          matcher.group(1),
          callingAe,
          tls.calling(spec));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  StudySender sender(String peer) throws IOException {
    if (timeout < 1 || timeout > 86_400) {
      throw new ParameterException(spec.commandLine(), "--timeout must be from 1 to 86400");
    }
    if (window < 1 || window > 1024) {
      throw new ParameterException(spec.commandLine(), "--window must be from 1 to 1024");
    }
    return new StudySender(
        address(peer),
        AssociationSettings.DEFAULT
            .withWindow(window)
            .withDeadlines(Deadlines.DEFAULT.withResponse(Duration.ofSeconds(timeout))));
  }
}
