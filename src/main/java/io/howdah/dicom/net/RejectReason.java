package io.howdah.dicom.net;

/**
 * Why an association is not accepted: result, source and reason of A-ASSOCIATE-RJ (PS3.8 §9.3.4).
 *
 * @param result 1 permanent, 2 transient
 * @param source 1 service-user, 2 service-provider (ACSE), 3 service-provider (presentation)
 * @param reason meaning depends on the source
 */
public record RejectReason(int result, int source, int reason) {
  public static final RejectReason APPLICATION_CONTEXT = new RejectReason(1, 1, 2);
  public static final RejectReason CALLING_AE = new RejectReason(1, 1, 3);
  public static final RejectReason CALLED_AE = new RejectReason(1, 1, 7);
  public static final RejectReason PROTOCOL_VERSION = new RejectReason(1, 2, 2);
  public static final RejectReason LOCAL_LIMIT = new RejectReason(2, 3, 2);

  /** True when the peer may accept the same association later. */
  public boolean mayPass() {
    return result == 2;
  }

  @Override
  public String toString() {
    return "rejected(" + result + "," + source + "," + reason + ")";
  }
}
