package io.howdah.dicom.net;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where objects from peers are kept. Called by one thread for each association, many at a time. */
public interface StoreSink {
  /**
   * Makes ready for one object, whose first bytes have been seen and fit its command.
   *
   * @throws StoreRefused to answer with its status, such as A700 when the disk is short
   * @throws IOException our own trouble: the peer is told A700 and may come again
   */
  Incoming open(AssociationInfo association, IncomingObject object)
      throws StoreRefused, IOException;

  /**
   * True when {@link Incoming#complete} takes no time worth sharing. Otherwise, for a peer with an
   * asynchronous window, it is called on another thread than {@link Incoming#write}, after it,
   * while the next object comes in.
   */
  default boolean completesAtOnce() {
    return false;
  }

  /** One object on its way in; ended by exactly one of {@link #complete} and {@link #discard}. */
  interface Incoming {
    /**
     * The next bytes of a whole Part 10 file, from the preamble on.
     *
     * @param bytes valid during the call only
     * @throws StoreRefused to take no more and answer with its status
     * @throws IOException our own trouble: the peer is told A700
     */
    void write(ByteBuffer bytes) throws StoreRefused, IOException;

    /**
     * Makes the object durable; only then is the peer answered.
     *
     * @return the status for the peer, {@link Status#SUCCESS} or a warning
     * @throws StoreRefused to answer with its status; nothing is kept
     * @throws IOException our own trouble, nothing is kept: the peer is told A700
     */
    int complete() throws StoreRefused, IOException;

    /** Forgets what was written. */
    void discard();
  }
}
