package io.howdah.dicom.net;

/**
 * How an association is asked for.
 *
 * @param maxPdu the longest P-DATA-TF body we say we take, 4 KiB to 1 MiB
 * @param sendPdu the longest P-DATA-TF body we send to a peer that takes it, 4 KiB to 512 KiB
 * @param window how many requests may be unanswered at once when the peer grants it; 1 does not ask
 * @param tcpNoDelay whether each message leaves at once (Nagle's algorithm off)
 */
public record AssociationSettings(
    int maxPdu, int sendPdu, int window, boolean tcpNoDelay, Deadlines deadlines) {
  /** 128 KiB PDUs, a window of 16, default deadlines. */
  public static final AssociationSettings DEFAULT =
      new AssociationSettings(128 * 1024, 256 * 1024, 16, true, Deadlines.DEFAULT);

  public AssociationSettings {
    if (maxPdu < 4096 || maxPdu > 1024 * 1024) {
      throw new IllegalArgumentException("max PDU must be 4096 to 1048576: " + maxPdu);
    }
    if (sendPdu < 4096 || sendPdu > 512 * 1024) {
      throw new IllegalArgumentException("sent PDU must be 4096 to 524288: " + sendPdu);
    }
    if (window < 1 || window > 1024) {
      throw new IllegalArgumentException("window must be 1 to 1024: " + window);
    }
  }

  /** These, with other deadlines. */
  public AssociationSettings withDeadlines(Deadlines other) {
    return new AssociationSettings(maxPdu, sendPdu, window, tcpNoDelay, other);
  }

  /** These, with another window. */
  public AssociationSettings withWindow(int other) {
    return new AssociationSettings(maxPdu, sendPdu, other, tcpNoDelay, deadlines);
  }
}
