package io.howdah.pacsupload;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Another system's pacs.db, of which only the contracted columns are written, in short
 * transactions. Safe for use by many threads. Every method throws {@link PacsUnavailable} when the
 * database does not do its part.
 */
public interface Pacs {
  /** What is the matter with the database, as the last use of it found. */
  PacsCondition condition();

  /** How often another file has taken the database's place since the start. */
  int replacements();

  /** Adds the contracted upload columns and index where an older system left them out. */
  void prepare();

  /** Images to upload, oldest first, {@code limit} at most, none of {@code except}. */
  List<PendingImage> pending(int limit, int maxAttempts, Set<String> except);

  /**
   * Takes images, in one transaction: PENDING becomes UPLOADING and one attempt is counted; those
   * that are not to be had are missing in the answer.
   */
  Map<String, PendingImage> claim(Collection<String> sopInstanceUids, int maxAttempts, Instant now);

  /**
   * Makes a claim anew: its row's last_upload_attempt becomes {@code now}.
   *
   * @return false when the row is no longer this claim's
   */
  boolean renew(ClaimedImage claim, Instant now);

  /** Writes outcomes, each once however often it is told, in one transaction. */
  void mark(Collection<Mark> marks, Instant now);

  /** Rows that say UPLOADING. */
  List<UploadingRow> uploading();

  /**
   * Gives a row whose uploader is gone back to be uploaded.
   *
   * @param maxAttempts the attempt stays counted, and the row is FAILED when it was the last of
   *     these; empty: the attempt is given back
   */
  boolean takeBack(UploadingRow row, Optional<Integer> maxAttempts, String reason);

  /** Sets failed images back to be uploaded with all their attempts; empty: every failed one. */
  int requeue(Optional<Collection<String>> sopInstanceUids);

  /** Rows for an operator, newest first. */
  List<Upload> list(Optional<String> status, int limit);

  /** One row. */
  Optional<Upload> find(String sopInstanceUid);

  /** When the image was stored that has been pending longest. */
  Optional<Instant> oldestPending();

  /** How many rows are in each state. */
  Map<String, Long> counts();
}
