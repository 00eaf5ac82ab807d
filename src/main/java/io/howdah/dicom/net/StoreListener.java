package io.howdah.dicom.net;

/** Hears what becomes of each instance, on the sending thread, as soon as it is known. */
@FunctionalInterface
public interface StoreListener {
  /** Called exactly once for each instance given, stored or not. */
  void outcome(Instance instance, StoreOutcome outcome);

  /** The first bytes of this instance are about to leave. */
  default void sending(Instance instance) {}
}
