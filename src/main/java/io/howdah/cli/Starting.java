package io.howdah.cli;

import io.howdah.Gateway;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.net.BindException;

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
      Throwable root = e;
      StringBuilder said = new StringBuilder();
      while (root.getCause() != null && root.getCause() != root) {
        said.append(root.getMessage()).append(' ');
        root = root.getCause();
      }
      if (root instanceof BindException) {
        throw new Unable(inUse(settings, said.append(root.getMessage()).toString()), e);
      }
      throw e;
    }
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
