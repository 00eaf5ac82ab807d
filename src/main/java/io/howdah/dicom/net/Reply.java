package io.howdah.dicom.net;

/** What a request other than C-STORE came to. */
public sealed interface Reply {
  /** The peer answered with this status. */
  record Answered(int status) implements Reply {
    /** True for 0000. */
    public boolean success() {
      return status == Status.SUCCESS;
    }

    @Override
    public String toString() {
      return String.format("Answered[%04X]", status);
    }
  }

  /** The peer did not accept the service when the association was opened. */
  record NotAccepted() implements Reply {}

  /** The association ended first. */
  record Ended(AssociationEnd end) implements Reply {}
}
