package io.howdah.dicom.net;

import java.util.Optional;

/**
 * How associations are accepted.
 *
 * @param aeTitle what peers must call us, or {@code *} for anything
 * @param host address to listen on
 * @param port 0 for any that is free
 * @param peers who may call
 * @param caps how many may call at once
 * @param taken what is taken of them
 * @param tcpNoDelay whether each answer leaves at once (Nagle's algorithm off)
 * @param tls empty for plain TCP
 */
public record ServerSettings(
    String aeTitle,
    String host,
    int port,
    PeerList peers,
    Caps caps,
    Taken taken,
    boolean tcpNoDelay,
    Deadlines deadlines,
    Optional<TlsProfile> tls) {
  public ServerSettings {
    if (!AeSyntax.holds(aeTitle)) {
      throw new IllegalArgumentException(
          "an AE title has 1 to 16 printable characters and no backslash");
    }
  }

  /**
   * How many may call at once.
   *
   * @param associations at any time; one more is rejected as a passing local limit (2,3,2)
   * @param perPeer the same for one calling AE title at one address
   * @param handshakes connections that have not asked for an association yet; one more is closed
   */
  public record Caps(int associations, int perPeer, int handshakes) {
    /** 32 associations, 16 for one peer, 64 handshakes. */
    public static final Caps DEFAULT = new Caps(32, 16, 64);

    public Caps {
      if (associations < 1 || perPeer < 1 || handshakes < 1) {
        throw new IllegalArgumentException("limits must be at least 1");
      }
    }
  }

  /**
   * What is taken on an association.
   *
   * @param maxPdu the longest P-DATA-TF body, 4 KiB to 1 MiB
   * @param maxObjectBytes the largest data set; a larger one is answered A700
   * @param unknownClasses whether SOP classes and transfer syntaxes this version has not heard of
   *     are stored too
   * @param window how many requests a peer may send ahead of our answers
   */
  public record Taken(int maxPdu, long maxObjectBytes, boolean unknownClasses, int window) {
    /** 128 KiB PDUs, 8 GiB objects, 32 requests ahead. */
    public static final Taken DEFAULT = new Taken(128 * 1024, 8L * 1024 * 1024 * 1024, false, 32);

    public Taken {
      if (maxObjectBytes < 1) {
        throw new IllegalArgumentException("limits must be at least 1");
      }
      if (maxPdu < 4096 || maxPdu > 1024 * 1024) {
        throw new IllegalArgumentException("max PDU must be 4096 to 1048576: " + maxPdu);
      }
      if (window < 1 || window > 1024) {
        throw new IllegalArgumentException("window must be 1 to 1024: " + window);
      }
    }

    /** This, with another limit on the size of an object. */
    public Taken withMaxObjectBytes(long bytes) {
      return new Taken(maxPdu, bytes, unknownClasses, window);
    }

    /** This, and classes and encodings that are not known. */
    public Taken withUnknownClasses() {
      return new Taken(maxPdu, maxObjectBytes, true, window);
    }
  }

  /** The defaults, over plain TCP. */
  public static ServerSettings of(String aeTitle, String host, int port, PeerList peers) {
    return new ServerSettings(
        aeTitle,
        host,
        port,
        peers,
        Caps.DEFAULT,
        Taken.DEFAULT,
        true,
        Deadlines.DEFAULT,
        Optional.empty());
  }

  /** These, with other deadlines. */
  public ServerSettings withDeadlines(Deadlines other) {
    return new ServerSettings(aeTitle, host, port, peers, caps, taken, tcpNoDelay, other, tls);
  }

  /** These, over TLS. */
  public ServerSettings withTls(TlsProfile profile) {
    return new ServerSettings(
        aeTitle, host, port, peers, caps, taken, tcpNoDelay, deadlines, Optional.of(profile));
  }

  /** These, with other caps. */
  public ServerSettings withCaps(Caps other) {
    return new ServerSettings(aeTitle, host, port, peers, other, taken, tcpNoDelay, deadlines, tls);
  }

  /** These, with other things taken. */
  public ServerSettings withTaken(Taken other) {
    return new ServerSettings(aeTitle, host, port, peers, caps, other, tcpNoDelay, deadlines, tls);
  }
}
