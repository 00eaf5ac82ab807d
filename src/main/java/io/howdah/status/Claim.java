package io.howdah.status;

import java.time.Instant;
import java.util.Optional;

/**
 * A study that this process alone may work on until its lease ends; every recording of a result
 * carries the fence, so that a process that lost its lease changes nothing.
 *
 * @param validation the validator's details as JSON, once there are any
 * @param conflict who already holds the SOP Instance UID in the archive, with other bytes
 */
public record Claim(
    String studyId,
    Stage stage,
    long fence,
    long version,
    String originalFilename,
    long fileSize,
    String sha256,
    Optional<Instance> instance,
    Optional<String> validation,
    int attempts,
    Instant acceptedAt,
    Optional<Holder> conflict) {

  /** The UIDs a validated object names itself by. */
  public record Instance(
      String sopClassUid, String sopInstanceUid, String studyUid, String seriesUid) {}

  /** The study that archived a SOP Instance UID first. */
  public record Holder(String studyId, String sha256) {}
}
