package io.howdah.dicom.net;

/** What one attempt to store one instance at a peer came to. */
public sealed interface StoreOutcome {
  /** True only when the peer itself said that it has the instance. */
  default boolean stored() {
    return false;
  }

  /** What to call it in a count: the peer's status, or what came instead of one. */
  String label();

  /** Status 0000. */
  record Stored() implements StoreOutcome {
    @Override
    public boolean stored() {
      return true;
    }

    @Override
    public String label() {
      return "0000";
    }
  }

  /** A warning status such as B000: stored, with a remark. */
  record StoredWithWarning(int status) implements StoreOutcome {
    @Override
    public boolean stored() {
      return true;
    }

    @Override
    public String label() {
      return String.format("%04X", status);
    }

    @Override
    public String toString() {
      return String.format("StoredWithWarning[%04X]", status);
    }
  }

  /**
   * Any other status; {@code comment} is the peer's own text, may name a patient, and is never part
   * of {@link #toString}.
   */
  record Refused(int status, String comment) implements StoreOutcome {
    @Override
    public String label() {
      return String.format("%04X", status);
    }

    @Override
    public String toString() {
      return String.format("Refused[%04X]", status);
    }
  }

  /**
   * The peer takes no such object in this encoding; nothing was sent.
   *
   * @param result of the presentation context, -1 when the peer did not answer to it
   */
  record ContextNotAccepted(String sopClass, String transferSyntax, int result)
      implements StoreOutcome {
    @Override
    public String label() {
      return "context not accepted";
    }
  }

  /** Sending had begun and no valid answer came: the peer may or may not have the instance. */
  record Unanswered(AssociationEnd end) implements StoreOutcome {
    @Override
    public String label() {
      return "unanswered";
    }
  }

  /** The association ended before a byte of this instance was sent. */
  record NotSent(AssociationEnd end) implements StoreOutcome {
    @Override
    public String label() {
      return "not sent";
    }
  }

  /** Our own file cannot be read; nothing was sent of it that the peer could take for whole. */
  record Unreadable(String why) implements StoreOutcome {
    @Override
    public String label() {
      return "unreadable";
    }
  }
}
