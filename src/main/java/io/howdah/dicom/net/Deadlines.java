package io.howdah.dicom.net;

import java.time.Duration;

/**
 * How long each phase of an association may last.
 *
 * @param connect TCP connection and TLS handshake, as requestor
 * @param associate from A-ASSOCIATE-RQ to its answer, as requestor
 * @param artim from TCP accept to a whole A-ASSOCIATE-RQ, as acceptor (PS3.8 §9.1.5)
 * @param write any one write that the peer does not take
 * @param pdu from the first to the last byte of one PDU
 * @param response from the last byte of a request to its answer
 * @param release from A-RELEASE-RQ to its answer
 * @param idle between messages, as acceptor
 * @param close from the last PDU to the end of the connection
 */
public record Deadlines(
    Duration connect,
    Duration associate,
    Duration artim,
    Duration write,
    Duration pdu,
    Duration response,
    Duration release,
    Duration idle,
    Duration close) {

  /** The defaults: seconds where a peer only has to think, a minute where it has to store. */
  public static final Deadlines DEFAULT =
      new Deadlines(
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(2));

  public Deadlines {
    for (Duration each :
        new Duration[] {connect, associate, artim, write, pdu, response, release, idle, close}) {
      if (each.isNegative() || each.isZero() || each.compareTo(Duration.ofDays(1)) > 0) {
        throw new IllegalArgumentException("a deadline must be above 0 and at most 1 day: " + each);
      }
    }
  }

  /** The same limit for every phase. */
  public static Deadlines all(Duration limit) {
    return new Deadlines(limit, limit, limit, limit, limit, limit, limit, limit, limit);
  }

  /** These, with another wait for an answer. */
  public Deadlines withResponse(Duration other) {
    return new Deadlines(connect, associate, artim, write, pdu, other, release, idle, close);
  }

  Duration of(Phase phase) {
    return switch (phase) {
      case CONNECT -> connect;
      case ASSOCIATE -> associate;
      case WRITE -> write;
      case RESPONSE -> response;
      case PDU -> pdu;
      case RELEASE -> release;
      case IDLE -> idle;
      case CLOSE -> close;
    };
  }
}
