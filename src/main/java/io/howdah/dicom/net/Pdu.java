package io.howdah.dicom.net;

import java.util.List;

/**
 * A protocol data unit of the upper layer other than P-DATA-TF, which is never kept (PS3.8 §9.3).
 */
sealed interface Pdu {
  int ASSOCIATE_RQ = 0x01;
  int ASSOCIATE_AC = 0x02;
  int ASSOCIATE_RJ = 0x03;
  int P_DATA_TF = 0x04;
  int RELEASE_RQ = 0x05;
  int RELEASE_RP = 0x06;
  int ABORT = 0x07;

  /** Type, reserved byte and length that begin every PDU. */
  int HEADER = 6;

  /** The longest PDU anyone may send before an association is agreed. */
  int MAX_BEFORE_ASSOCIATION = 128 * 1024;

  /** A-ASSOCIATE-RQ; AE titles as they were in the PDU, trailing spaces removed. */
  record AssociateRequest(
      int protocolVersion,
      String calledAe,
      String callingAe,
      String applicationContext,
      List<PresentationContext> contexts,
      UserInformation user)
      implements Pdu {}

  /** A-ASSOCIATE-AC. */
  record AssociateAccept(
      int protocolVersion,
      String calledAe,
      String callingAe,
      String applicationContext,
      List<ContextResult> contexts,
      UserInformation user)
      implements Pdu {}

  /** A-ASSOCIATE-RJ. */
  record AssociateReject(RejectReason reason) implements Pdu {}

  /** A-RELEASE-RQ. */
  record ReleaseRequest() implements Pdu {}

  /** A-RELEASE-RP. */
  record ReleaseReply() implements Pdu {}

  /** A-ABORT. */
  record Abort(int source, int reason) implements Pdu {}
}
