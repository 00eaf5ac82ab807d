package io.howdah.status;

import java.time.Instant;
import java.util.Optional;

/**
 * A study that this process alone may work on until its lease ends; every recording of a result
 * carries the fence, so that a process that lost its lease changes nothing.
 *
 * @param validation the validator's details as JSON, once there are any
 * @param carried true when this process had the study in the stage before as well, and proved its
 *     bytes then
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
    boolean carried,
    Optional<Holder> conflict) {

  /** The claim of the next stage by the process that finished this one with {@code outcome}. */
  public Claim followedBy(Stage next, Outcome outcome) {
    return new Claim(
        studyId,
        next,
        fence + 1,
        version + 2,
        originalFilename,
        fileSize,
        sha256,
        outcome.instance().or(this::instance),
        outcome.validation().or(this::validation),
        0,
        acceptedAt,
        true,
        Optional.empty());
  }

  /** The same claim with the holder of its SOP Instance UID. */
  public Claim against(Optional<Holder> holder) {
    return new Claim(
        studyId,
        stage,
        fence,
        version,
        originalFilename,
        fileSize,
        sha256,
        instance,
        validation,
        attempts,
        acceptedAt,
        carried,
        holder);
  }

  /** The UIDs a validated object names itself by. */
  public record Instance(
      String sopClassUid, String sopInstanceUid, String studyUid, String seriesUid) {}

  /** The study that archived a SOP Instance UID first. */
  public record Holder(String studyId, String sha256) {}
}
