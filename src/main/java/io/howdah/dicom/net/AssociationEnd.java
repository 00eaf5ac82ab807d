package io.howdah.dicom.net;

/** How an association came to its end. */
public sealed interface AssociationEnd {
  /** Both sides agreed (A-RELEASE). */
  record Released() implements AssociationEnd {}

  /** The peer answered A-ASSOCIATE-RJ: it never began. */
  record Rejected(RejectReason reason) implements AssociationEnd {}

  /** The peer sent A-ABORT with this source and reason (PS3.8 §9.3.8). */
  record PeerAborted(int source, int reason) implements AssociationEnd {}

  /**
   * The peer broke the protocol and we sent A-ABORT; {@code what} names the rule, never a value.
   */
  record Violated(AbortReason reason, String what) implements AssociationEnd {}

  /** The peer was silent for longer than the phase allows. */
  record TimedOut(Phase phase) implements AssociationEnd {}

  /** The connection was closed or reset without a word. */
  record Lost(String what) implements AssociationEnd {}

  /** Our own side gave up, because it was told to or could not read a file. */
  record GivenUp(String why) implements AssociationEnd {}
}
