package io.howdah.validate;

import io.howdah.dicom.Defect;
import io.howdah.validate.Finding.Severity;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How bad each code is for one object: as the built-in table says, then the general profiles, then
 * those for objects of its kind; of several that speak about one code the strictest counts.
 */
final class Policy {
  /** Defects after which the bytes cannot be relied on, or are a danger to whoever opens them. */
  static final Set<Defect.Code> ALWAYS_ERRORS =
      Set.copyOf(
          EnumSet.of(
              Defect.Code.EMPTY,
              Defect.Code.NOT_DICOM,
              Defect.Code.TRUNCATED,
              Defect.Code.NESTING,
              Defect.Code.TOO_MANY_ELEMENTS,
              Defect.Code.TOO_LARGE_UNPACKED,
              Defect.Code.DEFLATE_CORRUPT,
              Defect.Code.LENGTH_PAST_END,
              Defect.Code.LENGTH_RESERVED));

  private final Map<String, Severity> severities = new HashMap<>();

  /**
   * @param profiles those that are for the object
   */
  Policy(List<Profile> profiles) {
    profiles.stream()
        .filter(Profile::isGeneral)
        .forEach(profile -> severities.putAll(profile.severities()));
    Map<String, Severity> special = new HashMap<>();
    profiles.stream()
        .filter(profile -> !profile.isGeneral())
        .forEach(
            profile ->
                profile
                    .severities()
                    .forEach((code, severity) -> special.merge(code, severity, Policy::stricter)));
    severities.putAll(special);
  }

  private static Severity stricter(Severity one, Severity other) {
    return one.compareTo(other) <= 0 ? one : other;
  }

  /** How bad this is. */
  Severity of(Check check) {
    return check.isFixed()
        ? Severity.ERROR
        : severities.getOrDefault(check.name(), check.severity());
  }

  /** How bad this is; where reading ended it is always an error. */
  Severity of(Defect defect) {
    if (defect.severity() == Defect.Severity.FATAL || ALWAYS_ERRORS.contains(defect.code())) {
      return Severity.ERROR;
    }
    Severity byReader =
        switch (defect.severity()) {
          case FATAL, ERROR -> Severity.ERROR;
          case WARNING -> Severity.WARNING;
          case NOTE -> Severity.NOTE;
        };
    return severities.getOrDefault(defect.code().name(), byReader);
  }
}
