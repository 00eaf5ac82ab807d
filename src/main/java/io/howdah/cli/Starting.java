package io.howdah.cli;

import io.howdah.Gateway;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** Starts a gateway, and says in one sentence what to do where it does not. */
final class Starting {
  private Starting() {}

  /**
   * @throws Unable when it cannot start for a reason a person can put right
   */
  static Gateway gateway(Settings settings) throws IOException {
    try {
      return Gateway.start(settings);
    } catch (RuntimeException e) {
      if (root(e) instanceof BindException) {
        throw new Unable(inUse(settings, said(e)), e);
      }
      Path routes = settings.config().resolve("routes");
      if (isMistakeInRoute(e) && Files.isDirectory(routes)) {
        throw new Unable(
            "a route makes no sense to Camel; correct what this names in "
                + routes
                + ":\n"
                + sentence(e).strip().indent(2).stripTrailing(),
            e);
      }
      throw e;
    }
  }

  /** True where Camel could not read a route file, or could not make a route of what it says. */
  private static boolean isMistakeInRoute(Throwable failure) {
    return ofRoute(failure).isPresent()
        || causes(failure).anyMatch(MarkedYamlEngineException.class::isInstance);
  }

  /** Camel's own, which names the route, or the file and line. */
  private static String sentence(Throwable failure) {
    return ofRoute(failure).orElseGet(() -> root(failure)).getMessage();
  }

  private static Optional<Throwable> ofRoute(Throwable failure) {
    return causes(failure)
        .filter(
            cause ->
                cause instanceof FailedToCreateRouteException
                    || cause instanceof FailedToStartRouteException)
        .findFirst();
  }

  private static Throwable root(Throwable failure) {
    return causes(failure).reduce((outer, inner) -> inner).orElseThrow();
  }

  /** What all of them say. */
  private static String said(Throwable failure) {
    return causes(failure).map(Throwable::getMessage).collect(Collectors.joining(" "));
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
  }

  private static String inUse(Settings settings, String said) {
    boolean management = said.contains(":" + settings.management().port());
    String host = management ? settings.management().host() : settings.http().host();
    int port = management ? settings.management().port() : settings.http().port();
    if (said.contains("assign requested address")) {
      return host
          + " is no address of this machine; correct "
          + (management ? "howdah.management.host" : "HOST (howdah.http.host)");
    }
    if (said.contains("ermission denied")) {
      return "this user may not open port "
          + port
          + "; choose one above 1023 with "
          + (management
              ? "HOWDAH_MANAGEMENT_PORT (howdah.management.port)"
              : "PORT (howdah.http.port)");
    }
    return (management ? "the management port " : "the business port ")
        + host
        + ":"
        + port
        + " is in use by another program; stop that one, or choose another port with "
        + (management
            ? "HOWDAH_MANAGEMENT_PORT (howdah.management.port)"
            : "PORT (howdah.http.port)");
  }
}
