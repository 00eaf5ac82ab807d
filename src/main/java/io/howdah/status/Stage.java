package io.howdah.status;

import io.howdah.settings.Role;
import java.util.Locale;
import java.util.Optional;

/**
 * A step that claims a study, works on it, and records the next state: the state machine as data.
 */
public enum Stage {
  VALIDATE(StudyState.UPLOADED, StudyState.VALIDATING, StudyState.VALIDATED, Role.VALIDATOR),
  DESCRIBE(StudyState.VALIDATED, StudyState.PROCESSING, StudyState.DESCRIBED, Role.DESCRIPTOR),
  ARCHIVE(StudyState.DESCRIBED, StudyState.DESCRIBED, StudyState.ARCHIVED, Role.STORAGE);

  private final StudyState ready;
  private final StudyState working;
  private final StudyState done;
  private final Role role;

  Stage(StudyState ready, StudyState working, StudyState done, Role role) {
    this.ready = ready;
    this.working = working;
    this.done = done;
    this.role = role;
  }

  /** The state in which a study waits for this stage. */
  public StudyState ready() {
    return ready;
  }

  /** The state a study shows while this stage works on it. */
  public StudyState working() {
    return working;
  }

  /** The state after success. */
  public StudyState done() {
    return done;
  }

  /** The role of the processes that run this stage. */
  public Role role() {
    return role;
  }

  /** True for the states in which this stage may leave a study that it worked on. */
  public boolean leadsTo(StudyState state) {
    return state == done
        || state == StudyState.FAILED
        || this == VALIDATE && state == StudyState.VALIDATION_FAILED;
  }

  /** The stage that follows a success of this one. */
  public Optional<Stage> next() {
    return ordinal() + 1 < values().length
        ? Optional.of(values()[ordinal() + 1])
        : Optional.empty();
  }

  /** The stage that waits for studies in {@code state}. */
  public static Optional<Stage> waitingFor(StudyState state) {
    for (Stage stage : values()) {
      if (stage.ready == state) {
        return Optional.of(stage);
      }
    }
    return Optional.empty();
  }

  /** The name in routes, metrics and health. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
