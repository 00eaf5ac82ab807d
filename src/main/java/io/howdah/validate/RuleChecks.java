package io.howdah.validate;

import io.howdah.dicom.DataSet;
import io.howdah.dicom.Element;
import io.howdah.dicom.Tag;
import io.howdah.dicom.Uids;
import io.howdah.validate.Finding.Severity;
import java.util.List;
import java.util.Set;

/** What the profiles ask of the elements of the outermost data set. */
final class RuleChecks {
  private final DataSet object;
  private final Findings findings;

  RuleChecks(DataSet object, Findings findings) {
    this.object = object;
    this.findings = findings;
  }

  /** Applies every rule; labels of required elements that are absent go to {@code missing}. */
  void check(List<Profile> profiles, List<String> missing) {
    for (Profile profile : profiles) {
      for (TagRule rule : profile.rules()) {
        check(rule, missing);
      }
    }
  }

  private void check(TagRule rule, List<String> missing) {
    Element element = object.element(rule.tag());
    if (element == null) {
      if (rule.presence() == TagRule.Presence.PRESENT
          || rule.presence() == TagRule.Presence.VALUE) {
        if (rule.severity() == Severity.ERROR && !missing.contains(rule.label())) {
          missing.add(rule.label());
        }
        found(rule, Check.MISSING_TAG, " is required and absent");
      }
      return;
    }
    if (rule.presence() == TagRule.Presence.ABSENT) {
      found(rule, Check.VALUE_NOT_ALLOWED, " must be absent");
      return;
    }
    if (element.isEmpty()) {
      if (rule.presence() == TagRule.Presence.VALUE) {
        found(rule, Check.EMPTY_TAG, " must have a value and has none");
      }
      return;
    }
    if (!rule.vrs().isEmpty() && !rule.vrs().contains(element.vr().name())) {
      found(rule, Check.VALUE_NOT_ALLOWED, " has another VR than the profile allows");
      return;
    }
    switch (rule.allows(element.strings())) {
      case NOT_ALLOWED ->
          found(rule, Check.VALUE_NOT_ALLOWED, " has a value that the profile does not allow");
      case UNDECIDED ->
          findings.add(
              Check.PATTERN_UNDECIDED,
              Tag.toString(rule.tag()),
              () ->
                  ProfileExamination.name(rule.tag())
                      + " was not matched: the value is too long or the pattern takes too many steps");
      case ALLOWED -> {}
    }
  }

  private void found(TagRule rule, Check check, String what) {
    findings.add(
        rule.severity(),
        check.name(),
        Tag.toString(rule.tag()),
        () -> rule.sentence().orElseGet(() -> ProfileExamination.name(rule.tag()) + what));
  }

  /** Whether the modality goes with the SOP class, where a profile knows which do. */
  static void modality(
      List<Profile> profiles, String modality, String sopClass, Findings findings) {
    for (Profile profile : profiles) {
      Set<String> allowed = profile.modalityOf().get(sopClass);
      if (allowed != null && !modality.isEmpty() && !allowed.contains(modality)) {
        findings.add(
            Check.MODALITY_FOR_SOP_CLASS,
            Tag.toString(Tag.Modality),
            () ->
                ProfileExamination.name(Tag.Modality)
                    + " is not one that goes with "
                    + Uids.name(sopClass));
      }
    }
  }
}
