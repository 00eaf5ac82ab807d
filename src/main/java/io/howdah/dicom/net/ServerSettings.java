package io.howdah.dicom.net;

import java.util.Optional;

/**
 * How associations are accepted.
 *
 * @param aeTitle what peers must call us, or {@code *} for anything
 * @param host address to listen on
 * @param port 0 for any that is free
 * @param peers who may call
 * @param maxAssociations at any time; one more is rejected as a passing local limit (2,3,2)
 * @param maxPerPeer the same for one calling AE title at one address
 * @param maxHandshakes connections that have not asked for an association yet; one more is closed
 * @param maxPdu the longest P-DATA-TF body we take, 4 KiB to 1 MiB
 * @param maxObjectBytes the largest data set taken; a larger one is answered A700
 * @param acceptUnknownClasses whether SOP classes and transfer syntaxes this version has not heard
 *     of are stored too
 * @param window how many requests a peer may send ahead of our answers
 * @param tcpNoDelay whether each answer leaves at once (Nagle's algorithm off)
 * @param tls empty for plain TCP
 */
public record ServerSettings(
    String aeTitle,
    String host,
    int port,
    PeerList peers,
    int maxAssociations,
    int maxPerPeer,
    int maxHandshakes,
    int maxPdu,
    long maxObjectBytes,
    boolean acceptUnknownClasses,
    int window,
    boolean tcpNoDelay,
    Deadlines deadlines,
    Optional<TlsProfile> tls) {
  public ServerSettings {
    if (!AeSyntax.holds(aeTitle)) {
      throw new IllegalArgumentException(
          "an AE title has 1 to 16 printable characters and no backslash");
    }
    if (maxAssociations < 1 || maxPerPeer < 1 || maxHandshakes < 1 || maxObjectBytes < 1) {
      throw new IllegalArgumentException("limits must be at least 1");
    }
    if (maxPdu < 4096 || maxPdu > 1024 * 1024) {
      throw new IllegalArgumentException("max PDU must be 4096 to 1048576: " + maxPdu);
    }
    if (window < 1 || window > 1024) {
      throw new IllegalArgumentException("window must be 1 to 1024: " + window);
    }
  }

  /** The defaults: 32 associations, 16 for one peer, 64 handshakes, 128 KiB PDUs, 8 GiB objects. */
  public static ServerSettings of(String aeTitle, String host, int port, PeerList peers) {
    return new ServerSettings(
        aeTitle,
        host,
        port,
        peers,
        32,
        16,
        64,
        128 * 1024,
        8L * 1024 * 1024 * 1024,
        false,
        32,
        true,
        Deadlines.DEFAULT,
        Optional.empty());
  }

  /** These, with other deadlines. */
  public ServerSettings withDeadlines(Deadlines other) {
    return new ServerSettings(
        aeTitle,
        host,
        port,
        peers,
        maxAssociations,
        maxPerPeer,
        maxHandshakes,
        maxPdu,
        maxObjectBytes,
        acceptUnknownClasses,
        window,
        tcpNoDelay,
        other,
        tls);
  }

  /** These, over TLS. */
  public ServerSettings withTls(TlsProfile profile) {
    return new ServerSettings(
        aeTitle,
        host,
        port,
        peers,
        maxAssociations,
        maxPerPeer,
        maxHandshakes,
        maxPdu,
        maxObjectBytes,
        acceptUnknownClasses,
        window,
        tcpNoDelay,
        deadlines,
        Optional.of(profile));
  }

  /** These, with other caps on associations. */
  public ServerSettings withCaps(int associations, int perPeer, int handshakes) {
    return new ServerSettings(
        aeTitle,
        host,
        port,
        peers,
        associations,
        perPeer,
        handshakes,
        maxPdu,
        maxObjectBytes,
        acceptUnknownClasses,
        window,
        tcpNoDelay,
        deadlines,
        tls);
  }

  /** These, with another limit on the size of an object. */
  public ServerSettings withMaxObjectBytes(long bytes) {
    return new ServerSettings(
        aeTitle,
        host,
        port,
        peers,
        maxAssociations,
        maxPerPeer,
        maxHandshakes,
        maxPdu,
        bytes,
        acceptUnknownClasses,
        window,
        tcpNoDelay,
        deadlines,
        tls);
  }

  /** These, with classes and encodings taken that are not known, or not. */
  public ServerSettings withUnknownClasses(boolean accept) {
    return new ServerSettings(
        aeTitle,
        host,
        port,
        peers,
        maxAssociations,
        maxPerPeer,
        maxHandshakes,
        maxPdu,
        maxObjectBytes,
        accept,
        window,
        tcpNoDelay,
        deadlines,
        tls);
  }
}
