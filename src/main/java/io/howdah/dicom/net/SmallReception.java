package io.howdah.dicom.net;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Keeps a data set in memory up to a limit and drops the whole of one that is longer. */
final class SmallReception implements MessageReader.Destination {
  private final int limit;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private boolean tooLong;

  SmallReception(int limit) {
    this.limit = limit;
  }

  @Override
  public void write(ByteBuffer fragment) {
    tooLong |= kept.size() + fragment.remaining() > limit;
    if (tooLong) {
      kept.reset();
      return;
    }
    byte[] copy = new byte[fragment.remaining()];
    fragment.get(copy);
    kept.writeBytes(copy);
  }

  boolean tooLong() {
    return tooLong;
  }

  byte[] bytes() {
    return kept.toByteArray();
  }
}
