package io.howdah.batch;

import java.time.Duration;

/**
 * A batch that has just been taken for complete.
 *
 * @param open for how long instances could join
 */
public record ClosedBatch(
    long id,
    String studyUid,
    String destination,
    int generation,
    int count,
    CompletionReason reason,
    Duration open) {}
