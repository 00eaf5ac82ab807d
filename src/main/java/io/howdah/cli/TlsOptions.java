package io.howdah.cli;

import io.howdah.dicom.net.TlsProfile;
import io.howdah.dicom.net.TlsSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Keys for DICOM over TLS; TLS is spoken as soon as one of them is given. */
final class TlsOptions {
  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Our private key with its certificate: PKCS #12 (.p12, .pfx) or PEM.")
  private Path key;

  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description = "Our certificate in PEM, when --tls-key holds the key alone.")
  private Path certificate;

  @Option(
      names = "--tls-key-password-file",
      paramLabel = "FILE",
      description = "A file with the key's password.")
  private Path passwordFile;

  @Option(
      names = "--tls-trust",
      paramLabel = "FILE",
      description = "The authorities whose certificates are believed; switches TLS on.")
  private Path trust;

  @Option(
      names = "--tls-any-host",
      description = "Do not insist that the peer's certificate names its host.")
  private boolean anyHost;

  /** Of one who calls. */
  Optional<TlsProfile> calling(CommandSpec spec) throws IOException {
    if (trust == null && key != null) {
      throw new ParameterException(
          spec.commandLine(), "--tls-key needs --tls-trust, the authorities to believe");
    }
    return profile(false);
  }

  /** Of one who is called. */
  Optional<TlsProfile> listening(CommandSpec spec, boolean mutual) throws IOException {
    if ((trust != null || mutual) && key == null) {
      throw new ParameterException(spec.commandLine(), "to listen with TLS give --tls-key");
    }
    return profile(mutual);
  }

  private Optional<TlsProfile> profile(boolean mutual) throws IOException {
    if (key == null && trust == null) {
      return Optional.empty();
    }
    Path own = certificate == null ? key : certificate;
    return Optional.of(
        new TlsSettings(
                key,
                certificate,
                passwordFile == null ? "" : Files.readString(passwordFile).strip(),
                trust == null ? own : trust,
                mutual,
                !anyHost)
            .load());
  }
}
