package io.howdah.hub;

/** A request is not granted, and why. */
final class Refused extends Exception {
  private static final long serialVersionUID = 1L;
  private final TusError error;

  Refused(TusError error) {
    super(error.name(), null, false, false);
    this.error = error;
  }

  TusError error() {
    return error;
  }
}
