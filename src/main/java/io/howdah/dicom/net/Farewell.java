package io.howdah.dicom.net;

import java.nio.ByteBuffer;

/**
 * The last words on a connection: said so that the peer can read them, which a close with unread
 * input would prevent.
 */
final class Farewell {
  private static final int DRAINED_BYTES = 4 * 1024 * 1024;

  private Farewell() {}

  /** Sends {@code last} if the peer takes it, lets the peer close, closes; never throws. */
  static void say(Transport transport, Pdu last, Deadlines deadlines) {
    try {
      transport.write(PduEncoder.encode(last), deadlines.close());
      transport.finishWriting();
      drain(transport, deadlines);
    } catch (AssociationEnded e) {
      // the connection is gone, and the end it was meant to explain is known
    } finally {
      transport.close();
    }
  }

  private static void drain(Transport transport, Deadlines deadlines) throws AssociationEnded {
    transport.await(Phase.CLOSE, deadlines.close());
    ByteBuffer waste = ByteBuffer.allocate(64 * 1024);
    for (int seen = 0; seen < DRAINED_BYTES; seen += waste.position()) {
      transport.read(waste.clear());
    }
  }

  /** What is owed to the peer after this end: an A-ABORT, or nothing. */
  static void after(AssociationEnd end, Transport transport, Deadlines deadlines) {
    if (end instanceof AssociationEnd.Violated violated) {
      say(transport, new Pdu.Abort(2, violated.reason().code()), deadlines);
    } else if (end instanceof AssociationEnd.TimedOut timedOut
        && timedOut.phase() != Phase.WRITE
        && timedOut.phase() != Phase.CONNECT) {
      say(transport, new Pdu.Abort(2, AbortReason.NOT_SPECIFIED.code()), deadlines);
    } else if (end instanceof AssociationEnd.GivenUp) {
      say(transport, new Pdu.Abort(0, 0), deadlines);
    } else {
      transport.close();
    }
  }
}
