package io.howdah.dicom.net;

import java.util.Optional;

/**
 * Whom to call and as whom.
 *
 * @param tls empty for plain TCP
 */
public record PeerAddress(
    String host, int port, String calledAe, String callingAe, Optional<TlsProfile> tls) {
  public PeerAddress {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("a port is 1 to 65535: " + port);
    }
    if (!AeSyntax.holds(calledAe) || !AeSyntax.holds(callingAe)) {
      throw new IllegalArgumentException(
          "an AE title has 1 to 16 printable characters and no backslash");
    }
  }

  /** Over plain TCP. */
  public PeerAddress(String host, int port, String calledAe, String callingAe) {
    this(host, port, calledAe, callingAe, Optional.empty());
  }

  @Override
  public String toString() {
    return calledAe + "@" + host + ":" + port;
  }
}
