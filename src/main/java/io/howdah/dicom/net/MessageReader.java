package io.howdah.dicom.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.IntPredicate;

/**
 * Puts PDVs together to messages and insists on their order: a whole command, then the data set it
 * announces, all in one accepted context (PS3.7 §6.3, PS3.8 §E). For one thread.
 */
final class MessageReader {
  /** Bytes a second a data set has to come with in the long run. */
  static final int MIN_RATE = 1024;

  private static final long NANOS = 1_000_000_000;
  private static final int PDV_HEADER = 6;

  private final PduReader pdus;
  private final Deadlines deadlines;
  private final IntPredicate contexts;
  private ByteBuffer pdu = ByteBuffer.allocate(0);
  private int contextId;
  private boolean command;
  private boolean last;
  private ByteBuffer fragment;
  private boolean dataSetDue;

  /** Where the bytes of a data set go. */
  interface Destination {
    /**
     * @param bytes valid during the call only
     */
    void write(ByteBuffer bytes) throws IOException;
  }

  /**
   * @param contexts which context ids were accepted
   */
  MessageReader(PduReader pdus, Deadlines deadlines, IntPredicate contexts) {
    this.pdus = pdus;
    this.deadlines = deadlines;
    this.contexts = contexts;
  }

  /**
   * Waits for the next command.
   *
   * @return null when the peer asks to release instead
   * @throws AssociationEnded also when the peer answers a release that was asked for
   */
  CommandSet next(Phase phase, Duration limit) throws AssociationEnded {
    if (dataSetDue) {
      throw new IllegalStateException("the data set before has not been read");
    }
    if (!nextFragment(phase, limit, true)) {
      return null;
    }
    if (!command) {
      throw invalid("data set without command");
    }
    int id = contextId;
    ByteBuffer whole = fragment;
    if (!last) {
      whole = gather(id);
    }
    CommandSet set = CommandSet.decode(whole);
    contextId = id;
    dataSetDue = set.hasDataSet();
    return set;
  }

  private ByteBuffer gather(int id) throws AssociationEnded {
    ByteBuffer whole = ByteBuffer.allocate(CommandSet.MAX_LENGTH);
    whole.put(fragment);
    while (!last) {
      nextFragment(Phase.PDU, deadlines.pdu(), false);
      if (!command || contextId != id || fragment.remaining() > whole.remaining()) {
        throw invalid("command fragments");
      }
      whole.put(fragment);
    }
    return whole.flip();
  }

  /** The context the last command came in. */
  int contextId() {
    return contextId;
  }

  /**
   * Passes the data set that follows the last command on as it comes; one that comes slower than
   * {@link #MIN_RATE} beyond the PDU deadline is given up.
   *
   * @throws AssociationEnded when it does not come to its end
   * @throws IOException from {@code to}
   */
  void readDataSet(Destination to) throws IOException {
    int id = contextId;
    long begin = System.nanoTime();
    long bytes = 0;
    do {
      nextFragment(Phase.PDU, deadlines.pdu(), false);
      bytes += fragment.remaining();
      if (System.nanoTime() - begin - deadlines.pdu().toNanos() > bytes * NANOS / MIN_RATE) {
        throw new AssociationEnded(new AssociationEnd.TimedOut(Phase.PDU));
      }
      if (command || contextId != id) {
        throw invalid("data set fragments");
      }
      to.write(fragment);
    } while (!last);
    dataSetDue = false;
  }

  /**
   * The data set that follows the last command, kept in memory.
   *
   * @throws AssociationEnded also when it is longer than {@code limit}
   */
  ByteBuffer readSmall(int limit) throws AssociationEnded {
    SmallReception kept = new SmallReception(limit);
    try {
      readDataSet(kept);
    } catch (AssociationEnded e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (kept.tooLong()) {
      throw invalid("data set above " + limit + " bytes");
    }
    return ByteBuffer.wrap(kept.bytes());
  }

  /**
   * Reads the next PDV, false when the peer asks for the release that is allowed between messages.
   */
  private boolean nextFragment(Phase phase, Duration limit, boolean between)
      throws AssociationEnded {
    if (!pdu.hasRemaining() && !nextPdu(phase, limit, between)) {
      return false;
    }
    int length = pdu.getInt() - 2;
    contextId = pdu.get() & 0xff;
    int flags = pdu.get();
    command = (flags & 1) != 0;
    last = (flags & 2) != 0;
    fragment = pdu.slice(pdu.position(), length);
    pdu.position(pdu.position() + length);
    if (command && length > CommandSet.MAX_LENGTH) {
      throw invalid("command length above " + CommandSet.MAX_LENGTH);
    }
    if (!contexts.test(contextId)) {
      throw invalid("presentation context not accepted");
    }
    return true;
  }

  private boolean nextPdu(Phase phase, Duration limit, boolean between) throws AssociationEnded {
    ByteBuffer body = pdus.next(phase, limit);
    if (pdus.type() == Pdu.P_DATA_TF) {
      checkFragments(body);
      pdu = body;
      return true;
    }
    Pdu other = PduDecoder.decode(pdus.type(), body);
    if (other instanceof Pdu.Abort abort) {
      throw new AssociationEnded(new AssociationEnd.PeerAborted(abort.source(), abort.reason()));
    }
    if (other instanceof Pdu.ReleaseRequest && between) {
      return false;
    }
    if (other instanceof Pdu.ReleaseReply && phase == Phase.RELEASE) {
      throw new AssociationEnded(new AssociationEnd.Released());
    }
    throw AssociationEnded.violated(AbortReason.UNEXPECTED_PDU, "PDU type " + pdus.type());
  }

  private static void checkFragments(ByteBuffer body) throws AssociationEnded {
    int at = 0;
    do {
      long length = body.remaining() - at < PDV_HEADER ? 0 : body.getInt(at) & 0xffffffffL;
      if (length < 2 || length > body.remaining() - at - 4) {
        throw invalid("PDV length");
      }
      at += 4 + (int) length;
    } while (at < body.remaining());
  }

  private static AssociationEnded invalid(String what) {
    return AssociationEnded.violated(AbortReason.INVALID_PARAMETER, what);
  }
}
