package io.howdah.support;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that only a test moves, forwards or back. Safe for use by many threads. */
public final class MutableClock implements InstantSource {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-21T10:00:00Z"));

  @Override
  public Instant instant() {
    return now.get();
  }

  /** Moves the clock; a negative duration sets it back. */
  public void advance(Duration by) {
    now.updateAndGet(time -> time.plus(by));
  }
}
