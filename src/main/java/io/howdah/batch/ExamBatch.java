package io.howdah.batch;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A batch as an operator sees it.
 *
 * @param confirmed instances that the destination said it has
 * @param refused instances that it will never take
 * @param expected how many the modality said there are
 * @param dueAt when an open batch is looked at next
 * @param nextAttemptAt a complete batch is not sent before
 * @param error what stands in its way; empty when nothing does
 */
public record ExamBatch(
    long id,
    String studyUid,
    String destination,
    BatchStatus status,
    int generation,
    boolean held,
    int instances,
    int confirmed,
    int refused,
    OptionalInt expected,
    Optional<CompletionReason> reason,
    int attempts,
    int associations,
    String error,
    Instant createdAt,
    Instant lastArrivalAt,
    Instant dueAt,
    Optional<Instant> readyAt,
    Optional<Instant> sentAt,
    Optional<Instant> nextAttemptAt,
    Instant updatedAt) {}
