package io.howdah.cli;

import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which running gateway a command talks to, and as whom. */
final class GatewayOptions {
  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "The gateway, such as http://127.0.0.1:8080. Default: the host and port of the settings in this directory.")
  private URI url;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description =
          "A file that holds the API key and nothing else, where the gateway asks for one.")
  private Path keyFile;

  /**
   * @throws Unable when the key cannot be read or the address is none
   */
  GatewayClient client() {
    URI base = url == null ? fromSettings() : url;
    if (base.getHost() == null || !base.getScheme().matches("https?")) {
      throw new Unable("--url must be an address such as http://127.0.0.1:8080, was " + base);
    }
    return new GatewayClient(base, key());
  }

  private static URI fromSettings() {
    Settings.Http http = SettingsReader.read().http();
    String host = http.host().equals("0.0.0.0") ? "127.0.0.1" : http.host();
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + http.port());
  }

  private Optional<String> key() {
    if (keyFile == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Files.readString(keyFile).strip());
    } catch (IOException e) {
      throw new Unable("the API key cannot be read from " + keyFile, e);
    }
  }
}
