package io.howdah.dicom.net;

/** An object is not taken, for a reason that the peer is told as a status. */
public final class StoreRefused extends Exception {
  private static final long serialVersionUID = 1;

  private final int status;

  /**
   * @param status a failure such as {@link Status#OUT_OF_RESOURCES}
   */
  public StoreRefused(int status) {
    super(String.format("status %04X", status));
    this.status = status;
  }

  /** The status for the peer. */
  public int status() {
    return status;
  }
}
