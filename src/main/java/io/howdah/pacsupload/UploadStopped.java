package io.howdah.pacsupload;

/** This attempt ends here, before anything was sent; the outcome says why. */
public final class UploadStopped extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient UploadOutcome outcome;

  public UploadStopped(UploadOutcome outcome) {
    super(outcome.summary());
    this.outcome = outcome;
  }

  /** Why. */
  public UploadOutcome outcome() {
    return outcome;
  }
}
