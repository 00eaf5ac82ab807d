package io.howdah.batch;

import java.time.Instant;
import java.util.OptionalInt;

/**
 * What is known about an open batch.
 *
 * @param seen instances of the study that have come for this destination, in all its batches
 * @param expected how many there are, once the modality has said so
 * @param asked an operator wants it complete
 * @param held an operator, or the late policy, wants it to wait
 */
public record Evidence(
    Instant openedAt,
    Instant lastArrivalAt,
    int seen,
    OptionalInt expected,
    boolean asked,
    boolean held) {}
