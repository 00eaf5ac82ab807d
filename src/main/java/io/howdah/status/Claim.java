package io.howdah.status;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A study that this process alone may work on until its lease ends; every recording of a result
 * carries the fence, so that a process that lost its lease changes nothing.
 *
 * @param version of the row, as it was last written
 * @param validation the validator's details as JSON, once there are any
 * @param carried true when this process had the study in the step before as well, and proved its
 *     bytes then
 * @param conflict who already holds the SOP Instance UID in the archive, with other bytes
 * @param written the state its row shows
 * @param writtenAt when its row came to show it
 * @param passed what the study went through since, oldest first, to be written with the next change
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
    Optional<Holder> conflict,
    StudyState written,
    Instant writtenAt,
    List<Passage> passed) {

  /** The claim for validation that goes with the acceptance of a study by the same process. */
  public static Claim ofNew(NewStudy study, long version, Instant at) {
    return new Claim(
        study.studyId(),
        Stage.VALIDATE,
        1,
        version,
        study.originalFilename(),
        study.fileSize(),
        study.sha256(),
        Optional.empty(),
        Optional.empty(),
        0,
        at,
        true,
        Optional.empty(),
        StudyState.VALIDATING,
        at,
        List.of());
  }

  /**
   * The claim of the next stage by the process that finished this one with {@code outcome}.
   *
   * @param now what it went through by that, in order
   */
  public Claim followedBy(Stage next, Outcome outcome, List<Passage> now) {
    return new Claim(
        studyId,
        next,
        fence,
        version,
        originalFilename,
        fileSize,
        sha256,
        outcome.instance().or(this::instance),
        outcome.validation().or(this::validation),
        attempts,
        acceptedAt,
        true,
        Optional.empty(),
        written,
        writtenAt,
        Stream.concat(passed.stream(), now.stream()).toList());
  }

  /** The same claim once its row shows all that the study went through. */
  public Claim writtenDown(Instant at) {
    return new Claim(
        studyId,
        stage,
        fence + 1,
        version + passed.size(),
        originalFilename,
        fileSize,
        sha256,
        instance,
        validation,
        0,
        acceptedAt,
        carried,
        conflict,
        stage.working(),
        at,
        List.of());
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
        holder,
        written,
        writtenAt,
        passed);
  }

  /** The UIDs a validated object names itself by. */
  public record Instance(
      String sopClassUid, String sopInstanceUid, String studyUid, String seriesUid) {}

  /** The study that archived a SOP Instance UID first. */
  public record Holder(String studyId, String sha256) {}

  /** A state a study came to, and what is to be said of that. */
  public record Passage(
      StudyState state, JsonNode details, List<Announcement> announcements, Instant at) {
    /** One that is not worth a word. */
    public static Passage quiet(StudyState state, Instant at) {
      return new Passage(state, null, List.of(), at);
    }
  }
}
