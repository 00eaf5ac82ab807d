package io.howdah.dicom.net;

/** Why the upper layer ends an association at once (PS3.8 §9.3.8, source service-provider). */
public enum AbortReason {
  NOT_SPECIFIED(0),
  UNRECOGNIZED_PDU(1),
  UNEXPECTED_PDU(2),
  UNRECOGNIZED_PARAMETER(4),
  UNEXPECTED_PARAMETER(5),
  INVALID_PARAMETER(6);

  private final int code;

  AbortReason(int code) {
    this.code = code;
  }

  /** The reason byte of the A-ABORT PDU. */
  public int code() {
    return code;
  }
}
