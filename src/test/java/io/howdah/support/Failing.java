package io.howdah.support;

/** Steps for a site's own route that go wrong in ways no stage should. */
public final class Failing {
  private static volatile boolean failed;

  /** Overflows the stack the first time, and does nothing after that. */
  public Object once(Object body) {
    if (!failed) {
      failed = true;
      throw new StackOverflowError("planted");
    }
    return body;
  }
}
