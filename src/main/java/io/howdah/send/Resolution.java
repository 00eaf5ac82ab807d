package io.howdah.send;

import io.howdah.batch.BatchStatus;
import java.time.Duration;
import java.util.Optional;

/**
 * What becomes of a batch after an attempt.
 *
 * @param status SENT, FAILED, or READY to be tried again
 * @param charged the attempt is counted
 * @param pause before the next attempt
 * @param trouble why the destination's circuit opens; empty when it stays closed
 */
public record Resolution(
    BatchStatus status, boolean charged, Duration pause, Optional<String> trouble) {}
