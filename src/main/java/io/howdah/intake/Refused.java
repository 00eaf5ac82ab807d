package io.howdah.intake;

/** An upload or a file ends here; nothing of it is kept by intake. */
public final class Refused extends Exception {
  private static final long serialVersionUID = 1L;
  private final UploadError error;

  public Refused(UploadError error) {
    super(error.name());
    this.error = error;
  }

  /** The reason. */
  public UploadError error() {
    return error;
  }
}
