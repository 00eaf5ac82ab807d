package io.howdah.cli;

import io.howdah.Gateway;
import io.howdah.settings.Role;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/** {@code howdah run}: the gateway as a service, until it is told to stop. */
@Command(
    name = "run",
    header = "Runs the gateway until SIGTERM or Ctrl-C.",
    description = {
      "",
      "Reads config/application.properties and .env in the directory it is started in and the environment (PORT, HOST, HOWDAH_DATA, HOWDAH_MANAGEMENT_PORT and so on), and says where everything is. On SIGTERM it takes no more work, finishes what is under way for up to 10 s, and ends; what it could not finish goes on at the next start."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:it was told to stop and did",
      "1:it could not start (a port is in use, a folder cannot be written), or did not stop in time",
      "2:the settings make no sense; every complaint is printed"
    })
final class RunCommand implements Callable<Integer> {
  @Override
  public Integer call() throws Exception {
    Settings settings = SettingsReader.read();
    Logs.ofService(settings.config(), settings.logLevel());
    Logger log = LoggerFactory.getLogger(RunCommand.class);
    announce(log, settings);
    Gateway gateway = Starting.gateway(settings);
    Stopping stopping = Stopping.onSignal(gateway, () -> 0);
    log.info("{}", where(settings, gateway));
    gateway.awaitStop();
    stopping.noLonger();
    gateway.close();
    return 0;
  }

  private static void announce(Logger log, Settings settings) throws IOException {
    log.info(
        "howdah {} starting, roles {}",
        Howdah.Version.text(),
        settings.roles().stream().map(Role::key).collect(Collectors.joining(", ")));
    boolean configured = Files.isRegularFile(settings.config().resolve("application.properties"));
    log.info(
        "settings from {}",
        configured
            ? settings.config().resolve("application.properties")
            : "the packaged defaults, there being no " + settings.config());
    EffectiveSettings.lines(settings).forEach(line -> log.info("setting {}", line));
  }

  private static String where(Settings settings, Gateway gateway) {
    String data =
        "data "
            + settings.data()
            + ", inbox "
            + settings.inbox().directory()
            + ", archive "
            + settings.archive().path()
            + ", quarantine "
            + settings.quarantine();
    boolean serves =
        settings.roles().contains(Role.GATEWAY) || settings.roles().contains(Role.STATUS);
    return (serves ? "business http://" + settings.http().host() + ":" + gateway.port() + ", " : "")
        + data;
  }
}
