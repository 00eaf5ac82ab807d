package io.howdah.hub;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The rows of uploads. Safe for use by many threads; the database decides every race. */
public interface Uploads {
  /** What came of a creation. */
  sealed interface Creation {
    /** There is an upload for it, new or known. */
    record Created(String uploadId) implements Creation {}

    /**
     * An open upload of the same file was announced in another form; it is to be ended first.
     *
     * @param uploadId the one in the way
     */
    record InTheWay(String uploadId) implements Creation {}

    /** Its creator has as many unfinished uploads, or bytes in them, as one may have. */
    record TooMuch() implements Creation {}
  }

  /** How much one principal may have unfinished. */
  record Allowance(int uploads, long bytes) {}

  /**
   * Records an upload, or finds the live one of the same principal, session and digest.
   *
   * @param uploadId what a new one is called
   */
  Creation create(
      String uploadId, String principal, AnnouncedFile announced, Allowance allowance, Instant now);

  /** An upload that {@code principal} created. */
  Optional<HubUpload> find(String uploadId, String principal);

  /** An upload, whoever created it. */
  Optional<HubUpload> find(String uploadId);

  /**
   * Moves an upload on, when it still is in the state {@code from}.
   *
   * @param code why, when it is rejected
   * @return false when it was not
   */
  boolean move(
      String uploadId, UploadState from, UploadState to, Optional<String> code, Instant now);

  /** Received uploads whose turn it is, oldest first. */
  List<String> toFile(int limit, Instant now);

  /** Puts a received upload off after an attempt that failed through no fault of its own. */
  void putOff(String uploadId, boolean countAttempt, Instant until, Instant now);

  /** Open uploads untouched for {@code age}, oldest first. */
  List<HubUpload> openSince(Duration age, int limit, Instant now);

  /** Says that an open upload is alive. */
  void touch(String uploadId, Instant now);

  /**
   * Records that an upload's image is in PACS-lite, with its study and series and its order, and
   * acknowledges the upload, in one transaction.
   *
   * @param upload in state received
   */
  Filed file(HubUpload upload, Image image, Instant now);

  /** What came of filing. */
  sealed interface Filed {
    /** Acknowledged under this server_image_id, or was before. */
    record Acknowledged(long instanceId) implements Filed {}

    /** Other bytes have this SOP Instance UID. */
    record UidTaken() implements Filed {}
  }

  /** The image of an acknowledged upload, and when it was acknowledged. */
  Optional<Receipt> receipt(String uploadId);

  /** What a sender is told of its acknowledged upload. */
  record Receipt(
      long instanceId,
      String sha256,
      long size,
      String studyUid,
      String seriesUid,
      String sopInstanceUid,
      Instant acknowledgedAt) {}

  /** What uploads there are, for metrics. */
  Totals totals();

  /** Numbers of uploads. */
  record Totals(long open, long openBytes, long received, Optional<Instant> oldestReceived) {}
}
