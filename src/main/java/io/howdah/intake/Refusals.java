package io.howdah.intake;

/** Hears of every file or upload that was not accepted; must be quick and safe for many threads. */
@FunctionalInterface
public interface Refusals {
  /** One more was refused for this reason. */
  void refused(UploadError reason);
}
