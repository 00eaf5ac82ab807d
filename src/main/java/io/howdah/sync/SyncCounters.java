package io.howdah.sync;

import java.util.concurrent.atomic.AtomicLong;

/** What came of sessions since the start. Safe for use by many threads. */
public final class SyncCounters {
  private final AtomicLong acknowledged = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong waited = new AtomicLong();

  void acknowledged(long size) {
    acknowledged.incrementAndGet();
    bytes.addAndGet(size);
  }

  void failed() {
    failed.incrementAndGet();
  }

  void waited() {
    waited.incrementAndGet();
  }

  /** Sessions that became images. */
  public long acknowledgedSessions() {
    return acknowledged.get();
  }

  /** Bytes of those. */
  public long acknowledgedBytes() {
    return bytes.get();
  }

  /** Sessions that became FAILED. */
  public long failedSessions() {
    return failed.get();
  }

  /** Attempts that ended because the hub was away or busy. */
  public long waits() {
    return waited.get();
  }
}
