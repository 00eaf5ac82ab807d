package io.howdah.status;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The rows of all studies: who may work on which, what state each is in, what was said about it.
 * Every method may throw StorageUnavailable, and then nothing was changed. Safe for use by many
 * threads and processes.
 */
public interface Studies {
  /**
   * Records files whose bytes are durable; the answer to each, in order, all in one transaction.
   * Recording a file again under the same study_id changes nothing and is answered as before.
   */
  List<Acceptance> accept(List<NewStudy> arrived);

  /** The study that holds these bytes and has not failed. */
  Optional<String> holding(String sha256);

  /** Takes a study for a stage; empty when it is not its turn or another worker has it. */
  Optional<Claim> claim(String studyId, Stage stage);

  /**
   * Records an outcome and gives the study up, or keeps it for the next stage when this process
   * runs that too.
   *
   * @return the claim to go on with
   * @throws LeaseLost when the study is no longer ours
   * @throws IllegalArgumentException when the claim's stage does not lead to the outcome's state
   */
  Optional<Claim> finish(Claim claim, Outcome outcome);

  /** Gives a study back to be tried again later, because of trouble that is not the study's own. */
  void release(Claim claim, Duration delay);

  /**
   * Gives a study back after an unexpected error, which costs it an attempt; the number of attempts
   * spent.
   */
  int spendAttempt(Claim claim, Duration delay);

  /** Takes a study back to the state before {@code claim}'s stage, to do an earlier stage again. */
  void stepBack(Claim claim);

  /** Studies that wait for a stage and that no event announced lately, longest waiting first. */
  List<String> due(Stage stage, int limit);

  /** Lengthens the leases of everything this process works on. */
  void renewLeases();

  /** Gives back, at once and at no cost, everything this process works on; it is about to end. */
  int releaseAll();

  /**
   * Ends leases left behind by an earlier process of the same roles; only the owner of the data
   * directory may.
   */
  int freeAbandoned(List<Stage> stages);

  /** The latest status. */
  Optional<StudyStatus> status(String studyId);

  /** Which of these studies are archived. */
  Set<String> archived(Collection<String> studyIds);

  /** Every status, oldest first; empty when the study is unknown. */
  List<HistoryEntry> history(String studyId);

  /** One page, newest first; {@code state} and {@code since} narrow it. */
  StatusPage page(Optional<StudyState> state, Optional<Instant> since, int page, int pageSize);

  /**
   * Records a status that another process reports; it counts when it is news and the study is not
   * ours to work on.
   *
   * @param version the reporter's own version of the study, which decides what is news; 0 when it
   *     gives none, and the order of the states decides
   */
  void report(String studyId, StudyState status, JsonNode details, long version);

  /** Makes a failed study wait for validation again, its bytes being back in place. */
  boolean requeue(String studyId);

  /** How many studies wait for or are in each stage, and when the oldest of them was accepted. */
  Map<Stage, Waiting> waiting();

  /** A stage's queue. */
  record Waiting(long count, Optional<Instant> oldest) {}
}
