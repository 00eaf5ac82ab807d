package io.howdah.batch;

import java.time.Instant;

/**
 * One instance of a batch.
 *
 * @param status PENDING, DELIVERED, WARNING, RETRY, UNCONFIRMED or REFUSED
 * @param peerStatus the destination's own word; empty before it said one
 * @param requests how often it was sent to this destination, in all batches
 */
public record BatchInstance(
    String sopInstanceUid,
    String studyId,
    String status,
    String peerStatus,
    String detail,
    int requests,
    Instant updatedAt) {}
