package io.howdah.disk;

/**
 * The database did not do its part, and a later attempt may work. Nothing of this one was
 * committed, unless it is {@linkplain #isUndecided() undecided}.
 */
public final class StorageUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final boolean undecided;

  public StorageUnavailable(String message, Throwable cause) {
    this(message, cause, false);
  }

  private StorageUnavailable(String message, Throwable cause, boolean undecided) {
    super(message, cause);
    this.undecided = undecided;
  }

  /** The commit itself broke off: it may come to light later that it was done. */
  public static StorageUnavailable undecided(String message, Throwable cause) {
    return new StorageUnavailable(message, cause, true);
  }

  /** True when a later look at the database may show this attempt's rows. */
  public boolean isUndecided() {
    return undecided;
  }
}
