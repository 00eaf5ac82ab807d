package io.howdah.status;

/**
 * The lease ended while the work was done, and another process has the study now; nothing was
 * recorded.
 */
public final class LeaseLost extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LeaseLost(String studyId) {
    super("study " + studyId + " was taken up by another worker; this result is dropped");
  }
}
