package io.howdah.hub;

/** Told of what the hub does, so that it can be counted. */
public interface HubMeter {
  /** Bytes became durable. */
  void kept(long bytes);

  /** A request was not granted. */
  void refused(TusError error);

  /** A silent writer was made to leave. */
  void preempted();

  /** An upload was acknowledged. */
  void acknowledged(long nanos);

  /** An upload was rejected for good. */
  void rejected(Verdict verdict);
}
