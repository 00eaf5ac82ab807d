package io.howdah.validate;

import io.howdah.status.Claim;
import java.util.List;
import java.util.Optional;

/**
 * What an examination of a file's bytes came to.
 *
 * @param sha256 digest of the bytes that were examined
 * @param missingTags keywords of required tags that are absent, in the contract's snake case
 * @param instance the UIDs it names itself by, when it has them
 */
public record Verdict(
    List<Finding> findings,
    List<String> missingTags,
    long fileSize,
    String sha256,
    Optional<String> modality,
    Optional<String> studyDate,
    Optional<Claim.Instance> instance) {

  /** True when nothing found is an error. */
  public boolean isValid() {
    return findings.stream().noneMatch(finding -> finding.severity() == Finding.Severity.ERROR);
  }
}
