package io.howdah.send;

import io.howdah.batch.BatchStatus;
import java.time.Duration;

/**
 * What a batch is now.
 *
 * @param sinceOpened from its first instance until now
 * @param summary what is not confirmed, by UID and the peer's status; empty when all is
 */
public record Settled(BatchStatus status, Duration sinceOpened, String summary) {}
