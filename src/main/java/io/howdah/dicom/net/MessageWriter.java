package io.howdah.dicom.net;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Cuts messages into P-DATA-TF no longer than the peer takes and hands them to the connection in
 * large writes: many small PDUs, or the end of one message and the begin of the next, leave in one.
 * Nothing is sent before {@link #flush} or a full buffer. For one thread.
 */
final class MessageWriter {
  /** Bytes collected before a write; also the longest PDU sent, whatever the peer would take. */
  static final int BUFFER = 512 * 1024;

  /** The least a peer may take; below it no command would fit. */
  static final int LEAST_PDU = 512;

  private static final int OVERHEAD = Pdu.HEADER + 6;
  private static final int COMMAND = 1;
  private static final int LAST = 2;

  private final Transport transport;
  private final Deadlines deadlines;
  private final ByteBuffer buffer = DirectBuffers.borrow(BUFFER);
  private final int payload;

  /** What is looked at between the pieces of a long data set, before they are sent. */
  interface Between {
    void check() throws AssociationEnded;
  }

  /**
   * @param peerMaxPdu the peer's limit on a P-DATA-TF body, 0 for none
   * @throws AssociationEnded when the peer's limit leaves no room
   */
  MessageWriter(Transport transport, Deadlines deadlines, long peerMaxPdu, int ownLimit)
      throws AssociationEnded {
    this.transport = transport;
    this.deadlines = deadlines;
    if (peerMaxPdu != 0 && peerMaxPdu < LEAST_PDU) {
      free();
      throw AssociationEnded.violated(
          AbortReason.INVALID_PARAMETER, "maximum PDU length below " + LEAST_PDU);
    }
    long body = Math.min(peerMaxPdu == 0 ? ownLimit : Math.min(peerMaxPdu, ownLimit), BUFFER - 6);
    payload = (int) (body - 6) & ~1;
  }

  void free() {
    DirectBuffers.giveBack(buffer);
  }

  void command(int contextId, CommandSet command) throws AssociationEnded {
    write(contextId, ByteBuffer.wrap(command.encode()), COMMAND);
  }

  void dataSet(int contextId, ByteBuffer bytes) throws AssociationEnded {
    write(contextId, bytes, 0);
  }

  private void write(int contextId, ByteBuffer bytes, int kind) throws AssociationEnded {
    do {
      int n = Math.min(payload, bytes.remaining());
      room(n);
      begin(contextId, n, n == bytes.remaining() ? kind | LAST : kind);
      buffer.put(bytes.slice(bytes.position(), n));
      bytes.position(bytes.position() + n);
    } while (bytes.hasRemaining());
  }

  /**
   * Sends {@code length} bytes of a file as a data set, read straight into place.
   *
   * @param pad whether a zero byte is added to an odd length (PS3.5 §A.5)
   * @param between asked before each write and before the last fragment is added
   * @throws EOFException when the file is shorter; the message is then incomplete
   * @throws AssociationEnded when the association is over
   */
  void dataSet(
      int contextId, FileChannel file, long offset, long length, boolean pad, Between between)
      throws IOException {
    file.position(offset);
    long left = length;
    int padding = pad && (length & 1) == 1 ? 1 : 0;
    while (left > 0) {
      int pieces = 0;
      ByteBuffer[] slots = new ByteBuffer[BUFFER / (payload + OVERHEAD) + 1];
      while (left > 0) {
        int n = (int) Math.min(payload, left + padding);
        if (buffer.remaining() < OVERHEAD + n) {
          break;
        }
        boolean end = n == left + padding;
        int bytes = end ? n - padding : n;
        begin(contextId, n, end ? LAST : 0);
        slots[pieces++] = buffer.slice(buffer.position(), bytes);
        buffer.position(buffer.position() + bytes);
        if (end && padding == 1) {
          buffer.put((byte) 0);
        }
        left -= bytes;
      }
      fill(file, slots, pieces);
      between.check();
      if (left > 0) {
        flush();
      }
    }
  }

  private static void fill(FileChannel file, ByteBuffer[] slots, int count) throws IOException {
    int first = 0;
    while (first < count) {
      if (file.read(slots, first, count - first) < 0) {
        throw new EOFException("the file became shorter while it was sent");
      }
      while (first < count && !slots[first].hasRemaining()) {
        first++;
      }
    }
  }

  private void room(int n) throws AssociationEnded {
    if (buffer.remaining() < OVERHEAD + n) {
      flush();
    }
  }

  private void begin(int contextId, int n, int flags) {
    buffer.put((byte) Pdu.P_DATA_TF).put((byte) 0).putInt(n + 6);
    buffer.putInt(n + 2).put((byte) contextId).put((byte) flags);
  }

  boolean isEmpty() {
    return buffer.position() == 0;
  }

  /** Sends what was collected. */
  void flush() throws AssociationEnded {
    if (buffer.position() > 0) {
      buffer.flip();
      try {
        transport.write(buffer, deadlines.write());
      } finally {
        buffer.clear();
      }
    }
  }
}
