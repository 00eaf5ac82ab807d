package io.howdah.batch;

/** The evidence by which a batch was taken for complete. */
public enum CompletionReason {
  /** Nothing arrived for the quiet period. */
  QUIET,
  /** It was open for the longest time allowed. */
  CAP,
  /** As many instances as the modality said it made (MPPS). */
  EXPECTED,
  /** A person said so. */
  OPERATOR
}
