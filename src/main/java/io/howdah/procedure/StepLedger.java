package io.howdah.procedure;

import io.howdah.dicom.net.Status;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.Set;

/** What is known of performed procedure steps, durably. Safe for use by many threads. */
public interface StepLedger {
  /** What became of a message. */
  enum Answer {
    RECORDED(Status.SUCCESS),
    /** N-CREATE of a step that exists. */
    EXISTS(Status.DUPLICATE_INSTANCE),
    /** N-SET of a step that was never created. */
    UNKNOWN(Status.NO_SUCH_INSTANCE),
    /** N-SET of a step that has ended, and said something else then (PS3.4 §F.7.2.2.2). */
    ENDED(Status.PROCESSING_FAILURE);

    private final int status;

    Answer(int status) {
      this.status = status;
    }

    /** What the modality is told. */
    public int status() {
      return status;
    }
  }

  /** A step has begun. */
  Answer begun(String step, Set<String> studies, String callingAe, Instant now);

  /**
   * A step goes on or has ended; the same end told twice is recorded once.
   *
   * @param instances how many objects it says it made; empty when it does not say
   */
  Answer changed(String step, StepState state, OptionalInt instances, Instant now);
}
