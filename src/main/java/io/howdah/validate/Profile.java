package io.howdah.validate;

import io.howdah.validate.Finding.Severity;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a site asks of some of its objects, as one file of {@code config/validation} says it.
 *
 * @param modalities the objects it is for; empty: of every modality
 * @param sopClasses UIDs of the objects it is for; empty: of every SOP class
 * @param severities by code of a check or defect, where they differ from the built-in ones
 * @param modalityOf the modalities that go with a SOP class UID
 */
record Profile(
    String name,
    Set<String> modalities,
    Set<String> sopClasses,
    Map<String, Severity> severities,
    Map<String, Set<String>> modalityOf,
    List<TagRule> rules) {

  /** True when an object of this modality and SOP class is one the profile is for. */
  boolean isFor(String modality, String sopClass) {
    return (modalities.isEmpty() || modalities.contains(modality))
        && (sopClasses.isEmpty() || sopClasses.contains(sopClass));
  }

  /** True when it is for every object. */
  boolean isGeneral() {
    return modalities.isEmpty() && sopClasses.isEmpty();
  }
}
