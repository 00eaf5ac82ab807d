package io.howdah.cli;

import java.util.ArrayList;
import java.util.List;

/** What a doctor found so far, in the order of looking. */
final class Diagnosis {
  private final List<Finding> findings = new ArrayList<>();

  /** All is well. */
  void ok(String about, String sentence) {
    findings.add(new Finding(Level.OK, about, sentence, ""));
  }

  /** Work goes on, but somebody should look. */
  void warn(String about, String sentence, String advice) {
    findings.add(new Finding(Level.WARN, about, sentence, advice));
  }

  /** The gateway cannot do its work like this. */
  void fail(String about, String sentence, String advice) {
    findings.add(new Finding(Level.FAIL, about, sentence, advice));
  }

  List<Finding> findings() {
    return List.copyOf(findings);
  }

  /** True when nothing keeps the gateway from its work. */
  boolean isWell() {
    return findings.stream().noneMatch(finding -> finding.level() == Level.FAIL);
  }

  /** How bad a finding is. */
  enum Level {
    OK,
    WARN,
    FAIL
  }

  /**
   * One thing that was looked at.
   *
   * @param advice what to do; empty when all is well
   */
  record Finding(Level level, String about, String sentence, String advice) {}
}
