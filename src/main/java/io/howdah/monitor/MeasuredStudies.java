package io.howdah.monitor;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.monitor.Metrics.Trouble;
import io.howdah.status.Acceptance;
import io.howdah.status.Claim;
import io.howdah.status.HistoryEntry;
import io.howdah.status.LeaseLost;
import io.howdah.status.NewStudy;
import io.howdah.status.Outcome;
import io.howdah.status.Stage;
import io.howdah.status.StatusPage;
import io.howdah.status.Studies;
import io.howdah.status.StudyState;
import io.howdah.status.StudyStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The rows as they are, each claim timed to its outcome; stages know nothing of it. Safe for use by
 * many threads.
 */
final class MeasuredStudies implements Studies {
  private final Studies studies;
  private final Metrics metrics;

  /** When this process took what it works on; as many entries as there are workers. */
  private final Map<String, Long> begun = new ConcurrentHashMap<>();

  MeasuredStudies(Studies studies, Metrics metrics) {
    this.studies = studies;
    this.metrics = metrics;
  }

  @Override
  public List<Acceptance> accept(List<NewStudy> arrived) {
    List<Acceptance> answers = studies.accept(arrived);
    metrics.accepted(arrived, answers);
    return answers;
  }

  @Override
  public Optional<Claim> claim(String studyId, Stage stage) {
    long now = System.nanoTime();
    Optional<Claim> claim = studies.claim(studyId, stage);
    claim.ifPresent(taken -> begun.put(studyId, now));
    return claim;
  }

  @Override
  public Optional<Claim> finish(Claim claim, Outcome outcome) {
    Long since = begun.remove(claim.studyId());
    Optional<Claim> next;
    try {
      next = studies.finish(claim, outcome);
    } catch (LeaseLost e) {
      metrics.trouble(claim.stage(), Trouble.LEASE);
      throw e;
    }
    long now = System.nanoTime();
    metrics.finished(claim, outcome, since == null ? 0 : now - since);
    next.ifPresent(taken -> begun.put(taken.studyId(), now));
    return next;
  }

  @Override
  public void release(Claim claim, Duration delay) {
    begun.remove(claim.studyId());
    metrics.trouble(claim.stage(), Trouble.WAIT);
    studies.release(claim, delay);
  }

  @Override
  public int spendAttempt(Claim claim, Duration delay) {
    begun.remove(claim.studyId());
    metrics.trouble(claim.stage(), Trouble.ATTEMPT);
    return studies.spendAttempt(claim, delay);
  }

  @Override
  public void stepBack(Claim claim) {
    begun.remove(claim.studyId());
    studies.stepBack(claim);
  }

  @Override
  public Optional<String> holding(String sha256) {
    return studies.holding(sha256);
  }

  @Override
  public List<String> due(Stage stage, int limit) {
    return studies.due(stage, limit);
  }

  @Override
  public void renewLeases() {
    studies.renewLeases();
  }

  @Override
  public int releaseAll() {
    return studies.releaseAll();
  }

  @Override
  public int freeAbandoned(List<Stage> stages) {
    return studies.freeAbandoned(stages);
  }

  @Override
  public Optional<StudyStatus> status(String studyId) {
    return studies.status(studyId);
  }

  @Override
  public Set<String> archived(Collection<String> studyIds) {
    return studies.archived(studyIds);
  }

  @Override
  public List<HistoryEntry> history(String studyId) {
    return studies.history(studyId);
  }

  @Override
  public StatusPage page(
      Optional<StudyState> state, Optional<Instant> since, int page, int pageSize) {
    return studies.page(state, since, page, pageSize);
  }

  @Override
  public void report(String studyId, StudyState status, JsonNode details, long version) {
    studies.report(studyId, status, details, version);
  }

  @Override
  public boolean requeue(String studyId) {
    return studies.requeue(studyId);
  }

  @Override
  public Map<Stage, Waiting> waiting() {
    return studies.waiting();
  }
}
