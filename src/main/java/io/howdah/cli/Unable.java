package io.howdah.cli;

/** A command cannot go on; the message says why and what to do about it. */
final class Unable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Unable(String message) {
    super(message);
  }

  Unable(String message, Throwable cause) {
    super(message, cause);
  }
}
