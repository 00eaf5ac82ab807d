package io.howdah.disk;

/**
 * The database did not do its part: nothing of this attempt was committed, and a later one may
 * work.
 */
public final class StorageUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StorageUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}
