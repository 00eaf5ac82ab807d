package io.howdah.dicom.net;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Cuts what a peer sends into PDUs, each whole and within its limit before anyone looks at it: at
 * most {@link Pdu#MAX_BEFORE_ASSOCIATION} before the association is agreed, at most the announced
 * size of a P-DATA-TF after. For one thread.
 */
final class PduReader {
  private static final int FIRST_BUFFER = 8 * 1024;
  private static final int LEAST_BUFFER = 256 * 1024;
  private static final int SHORT_PDU = 4;

  private final Transport transport;
  private final Deadlines deadlines;
  private ByteBuffer buffer = ByteBuffer.allocate(FIRST_BUFFER).flip();
  private Before beforeWaiting = () -> {};
  private boolean lent;
  private boolean established;
  private int maxPdu;
  private int type;

  /** What is done before the connection is read, which may take long. */
  interface Before {
    void act() throws AssociationEnded;
  }

  PduReader(Transport transport, Deadlines deadlines) {
    this.transport = transport;
    this.deadlines = deadlines;
  }

  /** Answers that were held back to leave together must leave before we wait for more. */
  void beforeWaiting(Before action) {
    beforeWaiting = action;
  }

  /** From here on P-DATA-TF up to {@code announced} bytes may come. */
  void established(int announced) {
    established = true;
    maxPdu = announced;
    ByteBuffer large = DirectBuffers.borrow(Math.max(LEAST_BUFFER, 2 * (announced + Pdu.HEADER)));
    buffer = large.put(buffer).flip();
    lent = true;
  }

  /** Returns the buffer; nothing may be read afterwards. */
  void free() {
    if (lent) {
      lent = false;
      DirectBuffers.giveBack(buffer);
      buffer = ByteBuffer.allocate(0);
    }
  }

  /**
   * Waits for the next PDU and gives its body, which is valid until the next call.
   *
   * @param limit how long until its first byte; the rest has the PDU deadline, or in the phases
   *     before the association is agreed no more than {@code limit} in all
   */
  ByteBuffer next(Phase phase, Duration limit) throws AssociationEnded {
    transport.await(phase, limit);
    if (!buffer.hasRemaining()) {
      fill();
    }
    if (established) {
      transport.await(Phase.PDU, deadlines.pdu());
    }
    while (buffer.remaining() < Pdu.HEADER) {
      fill();
    }
    type = buffer.get(buffer.position()) & 0xff;
    int length = checkedLength();
    if (buffer.capacity() < Pdu.HEADER + length) {
      buffer = ByteBuffer.allocate(Pdu.HEADER + length).put(buffer).flip();
    }
    while (buffer.remaining() < Pdu.HEADER + length) {
      fill();
    }
    ByteBuffer body = buffer.slice(buffer.position() + Pdu.HEADER, length);
    buffer.position(buffer.position() + Pdu.HEADER + length);
    return body;
  }

  /** The type of the PDU whose body was given last. */
  int type() {
    return type;
  }

  private int checkedLength() throws AssociationEnded {
    long length = buffer.getInt(buffer.position() + 2) & 0xffffffffL;
    long limit;
    switch (type) {
      case Pdu.ASSOCIATE_RQ, Pdu.ASSOCIATE_AC -> {
        if (established) {
          throw AssociationEnded.violated(AbortReason.UNEXPECTED_PDU, "PDU type " + type);
        }
        limit = Pdu.MAX_BEFORE_ASSOCIATION - Pdu.HEADER;
      }
      case Pdu.P_DATA_TF -> {
        if (!established) {
          throw AssociationEnded.violated(AbortReason.UNEXPECTED_PDU, "P-DATA-TF too early");
        }
        limit = maxPdu;
      }
      case Pdu.ASSOCIATE_RJ, Pdu.RELEASE_RQ, Pdu.RELEASE_RP, Pdu.ABORT -> limit = SHORT_PDU;
      default -> throw AssociationEnded.violated(AbortReason.UNRECOGNIZED_PDU, "PDU type " + type);
    }
    if (length > limit) {
      throw AssociationEnded.violated(
          AbortReason.INVALID_PARAMETER, "PDU length " + length + " above " + limit);
    }
    return (int) length;
  }

  private void fill() throws AssociationEnded {
    beforeWaiting.act();
    if (!buffer.hasRemaining()) {
      buffer.clear();
    } else if (buffer.limit() == buffer.capacity()) {
      buffer.compact();
    } else {
      int start = buffer.position();
      buffer.position(buffer.limit()).limit(buffer.capacity());
      readMarking(start);
      return;
    }
    readMarking(0);
  }

  private void readMarking(int start) throws AssociationEnded {
    try {
      transport.read(buffer);
    } finally {
      buffer.limit(buffer.position()).position(start);
    }
  }
}
