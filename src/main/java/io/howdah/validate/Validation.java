package io.howdah.validate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.ChecksumMismatch;
import io.howdah.disk.CrashPoint;
import io.howdah.quarantine.Quarantine;
import io.howdah.status.Announcement;
import io.howdah.status.Claim;
import io.howdah.status.Outcome;
import io.howdah.status.Studies;
import io.howdah.status.StudyState;
import io.howdah.status.Work;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The validate stage: judges a study's bytes and records the verdict. Safe for use by many threads.
 */
public final class Validation {
  private static final Logger LOG = LoggerFactory.getLogger(Validation.class);

  private final Examination examination;
  private final Studies studies;
  private final Work work;
  private final Quarantine quarantine;

  public Validation(Examination examination, Studies studies, Work work, Quarantine quarantine) {
    this.examination = examination;
    this.studies = studies;
    this.work = work;
    this.quarantine = quarantine;
  }

  /**
   * Examines a study's bytes.
   *
   * @throws ChecksumMismatch when they are not the ones that were accepted
   * @throws IOException when the disk refused
   */
  public Judged judge(Claim claim) throws IOException {
    CrashPoint.VALIDATE_CLAIMED.reached();
    Path file = work.waitingFile(claim);
    Verdict verdict =
        claim.carried() ? examination.examine(file, claim.sha256()) : examination.examine(file);
    if (!verdict.sha256().equals(claim.sha256())) {
      throw new ChecksumMismatch("study " + claim.studyId());
    }
    if (!verdict.isValid()) {
      ObjectNode reason = details(verdict);
      reason.put("code", "INVALID").put("study_id", claim.studyId());
      quarantine.hold(claim.studyId(), file, claim.sha256(), reason);
    }
    CrashPoint.VALIDATE_JUDGED.reached();
    return new Judged(claim, file, verdict);
  }

  /** Records the verdict; the claim to go on with, or null. */
  public Claim record(Judged judged) throws IOException {
    Claim claim = judged.claim();
    Verdict verdict = judged.verdict();
    ObjectNode details = details(verdict);
    StudyState state = verdict.isValid() ? StudyState.VALIDATED : StudyState.VALIDATION_FAILED;
    Path kept = verdict.isValid() ? judged.file() : quarantine.file(claim.studyId());
    ObjectNode event =
        JsonNodeFactory.instance
            .objectNode()
            .put("event", verdict.isValid() ? "study.validated" : "study.validation.failed")
            .put("study_id", claim.studyId())
            .put("file_path", kept.toString());
    event.set("validation_details", details);
    Optional<Claim> next =
        studies.finish(
            claim,
            new Outcome(
                state,
                details,
                List.of(new Announcement("validation", event)),
                verdict.instance(),
                Optional.of(details.toString())));
    CrashPoint.VALIDATE_RECORDED.reached();
    if (!verdict.isValid()) {
      CrashPoint.QUARANTINE_RECORDED.reached();
      Files.deleteIfExists(judged.file());
      LOG.warn("study invalid study={} findings={}", claim.studyId(), codes(verdict));
    }
    return next.orElse(null);
  }

  private static List<String> codes(Verdict verdict) {
    return verdict.findings().stream()
        .filter(finding -> finding.severity() == Finding.Severity.ERROR)
        .map(Finding::code)
        .distinct()
        .limit(10)
        .toList();
  }

  /** validation_details of contract §3, and the findings themselves. */
  public static ObjectNode details(Verdict verdict) {
    ObjectNode details = JsonNodeFactory.instance.objectNode().put("is_valid", verdict.isValid());
    ArrayNode errors = details.putArray("errors");
    ArrayNode findings = JsonNodeFactory.instance.arrayNode();
    verdict
        .findings()
        .forEach(
            finding -> {
              if (finding.severity() == Finding.Severity.ERROR) {
                errors.add(finding.sentence());
              }
              findings
                  .addObject()
                  .put("code", finding.code())
                  .put("tag", finding.tag())
                  .put("severity", finding.severity().name().toLowerCase(java.util.Locale.ROOT))
                  .put("message", finding.sentence());
            });
    ArrayNode missing = details.putArray("missing_tags");
    verdict.missingTags().forEach(missing::add);
    details
        .put("file_size", verdict.fileSize())
        .put("modality", verdict.modality().orElse(null))
        .put("study_date", verdict.studyDate().orElse(null));
    details.set("findings", findings);
    return details;
  }

  /** A study with its verdict. */
  public record Judged(Claim claim, Path file, Verdict verdict) {}
}
