package io.howdah.pacsupload;

import java.time.Instant;
import java.util.Optional;

/**
 * What becomes of an image after an attempt, in pacs.db and in our own rows.
 *
 * @param status PENDING, COMPLETE or FAILED, as pacs.db is to say
 * @param error upload_error, null when delivered
 * @param refund true when the attempt counted at the start is given back
 * @param waiting why our own rows keep it back
 */
public record Decision(
    String status,
    String error,
    boolean refund,
    Optional<UploadOutcome.Kind> waiting,
    Instant nextAttemptAt,
    int tries,
    int ambiguous,
    Optional<Instant> linkMissedAt) {}
