package io.howdah.pacsupload;

import java.time.Duration;

/** Who counts what becomes of images. */
public interface UploadObserver {
  /**
   * An attempt has ended.
   *
   * @param took the time since the image was claimed
   */
  void ended(ClaimedImage image, UploadOutcome outcome, Duration took);
}
