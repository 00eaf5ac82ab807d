package io.howdah.dicom.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Direct buffers lent to associations and taken back, so that a churn of associations does not
 * churn native memory; keeps at most {@link #KEPT_BYTES} for later. Safe for use by many threads.
 */
final class DirectBuffers {
  private static final long KEPT_BYTES = 32L * 1024 * 1024;
  private static final DirectBuffers SHARED = new DirectBuffers();

  private final Deque<ByteBuffer> free = new ArrayDeque<>();
  private long kept;

  static ByteBuffer borrow(int capacity) {
    return SHARED.take(capacity);
  }

  static void giveBack(ByteBuffer buffer) {
    SHARED.put(buffer);
  }

  private synchronized ByteBuffer take(int capacity) {
    for (var each = free.iterator(); each.hasNext(); ) {
      ByteBuffer buffer = each.next();
      if (buffer.capacity() == capacity) {
        each.remove();
        kept -= capacity;
        return buffer.clear();
      }
    }
    return ByteBuffer.allocateDirect(capacity);
  }

  private synchronized void put(ByteBuffer buffer) {
    free.addFirst(buffer);
    kept += buffer.capacity();
    while (kept > KEPT_BYTES) {
      kept -= free.removeLast().capacity();
    }
  }
}
