package io.howdah.disk;

import java.io.IOException;

/** A file's bytes are not the ones that were accepted: the disk or somebody changed them. */
public final class ChecksumMismatch extends IOException {
  private static final long serialVersionUID = 1L;

  public ChecksumMismatch(String name) {
    super(name + " no longer holds the bytes that were accepted; it is kept as it is and not used");
  }
}
