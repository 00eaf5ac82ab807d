package io.howdah.pacsupload;

import java.time.Instant;
import java.util.Optional;

/**
 * An image that this process alone uploads: UPLOADING in pacs.db, leased in our own database.
 *
 * @param attempt this attempt's number, from 1, as pacs.db counts
 * @param fence tells this claim from a later one of the same image
 * @param claimedAt the last_upload_attempt that pacs.db holds for this claim
 * @param messageId the source message id, when an earlier look at the worklist found it
 * @param linkMissedAt when the message id was first found missing
 * @param tries outcomes other than delivered that this image has had in a row
 * @param ambiguous ambiguous answers among them
 */
public record ClaimedImage(
    PendingImage image,
    int attempt,
    long fence,
    String claimedAt,
    Instant startedAt,
    Optional<String> messageId,
    Optional<Instant> linkMissedAt,
    int tries,
    int ambiguous) {
  /** The same claim, made anew just now so that nobody takes it for dead. */
  ClaimedImage again(String now) {
    return new ClaimedImage(
        image, attempt, fence, now, startedAt, messageId, linkMissedAt, tries, ambiguous);
  }

  /** The image's SOP Instance UID, which is its name everywhere. */
  public String uid() {
    return image.sopInstanceUid();
  }
}
