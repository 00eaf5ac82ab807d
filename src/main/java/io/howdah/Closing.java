package io.howdah;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Parts that are let go in the reverse of the order they were made in, each of them even when
 * another cannot be. For one thread at a time.
 */
final class Closing implements AutoCloseable {
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /** Remembers a part. */
  <T extends AutoCloseable> T last(T part) {
    parts.push(part);
    return part;
  }

  /**
   * Lets all go.
   *
   * @throws RuntimeException what went wrong first; the rest is suppressed in it
   */
  @Override
  public void close() {
    RuntimeException wrong = null;
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        if (wrong == null) {
          wrong = unchecked(e);
        } else {
          wrong.addSuppressed(e);
        }
      }
    }
    if (wrong != null) {
      throw wrong;
    }
  }

  private static RuntimeException unchecked(Exception e) {
    return e instanceof RuntimeException already
        ? already
        : e instanceof IOException io
            ? new UncheckedIOException(io)
            : new IllegalStateException(e.getMessage(), e);
  }
}
