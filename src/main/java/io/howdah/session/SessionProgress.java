package io.howdah.session;

import java.time.Instant;
import java.util.Optional;

/**
 * How far a session has come.
 *
 * @param uploadUrl where the hub takes its bytes, once it was told of them
 * @param ack what the receiver said it holds
 * @param localState whether the copy is still there
 */
public record SessionProgress(
    SessionState state,
    long version,
    long bytesUploaded,
    int retryCount,
    Optional<Trouble> trouble,
    Optional<Instant> metadataUploadedAt,
    Optional<Instant> binaryUploadedAt,
    Optional<String> uploadUrl,
    Optional<Packing> packing,
    Optional<Ack> ack,
    LocalState localState,
    Instant updatedAt) {

  /** Why it failed: a code for programs and a sentence for people, without a patient or a path. */
  public record Trouble(String code, String message) {}

  /**
   * The form in which the bytes travel, when it is not their own.
   *
   * @param encoding such as zstd
   * @param size bytes on the wire
   */
  public record Packing(String encoding, long size) {}

  /**
   * @param sha256 the digest the receiver computed, when it told one
   */
  public record Ack(long imageId, Optional<String> sha256, Instant at) {}

  /** What became of the copy in the store. */
  public enum LocalState {
    PRESENT,
    /** It may be gone or not: whoever finds this removes it. */
    DELETING,
    DELETED
  }

  static SessionProgress queued(Instant now) {
    return new SessionProgress(
        SessionState.QUEUED,
        1,
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        LocalState.PRESENT,
        now);
  }
}
