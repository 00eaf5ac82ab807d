package io.howdah.status;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * What a stage made of a study: recorded in one transaction with its history and events.
 *
 * @param details what GET /status shows; names tags and codes, never a patient's data
 * @param instance the UIDs, when this stage learnt them
 * @param validation validation_details as JSON, when this stage judged
 */
public record Outcome(
    StudyState state,
    ObjectNode details,
    List<Announcement> announcements,
    Optional<Claim.Instance> instance,
    Optional<String> validation) {

  /** An outcome that teaches nothing new about the object itself. */
  public static Outcome of(StudyState state, ObjectNode details, Announcement... announcements) {
    return new Outcome(state, details, List.of(announcements), Optional.empty(), Optional.empty());
  }
}
