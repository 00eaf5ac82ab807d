package io.howdah.pacsupload;

/** Tells the cloud of images that will never come, until it knows (contract B, off by default). */
public final class FailureReports {
  private static final int AT_ONCE = 20;
  private final UploadLedger ledger;
  private final CloudApi cloud;

  public FailureReports(UploadLedger ledger, CloudApi cloud) {
    this.ledger = ledger;
    this.cloud = cloud;
  }

  /** Sends what is still to be told; stops at the first the cloud does not take. */
  public void send() {
    for (UploadLedger.FailureReport report : ledger.failureReports(AT_ONCE)) {
      if (!cloud.reportFailure(report.messageId(), report.error())) {
        return;
      }
      ledger.reported(report.sopInstanceUid());
    }
  }
}
