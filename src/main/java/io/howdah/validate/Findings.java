package io.howdah.validate;

import io.howdah.validate.Finding.Severity;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The findings about one file, each code at each tag once, errors first and no more than {@link
 * #LIMIT}, so that no number of notes hides an error.
 */
final class Findings {
  /** So many are listed, and so many of each severity are kept until then. */
  static final int LIMIT = 100;

  private final Policy policy;
  private final Map<Severity, Map<Key, Finding>> found = new EnumMap<>(Severity.class);
  private boolean more;

  private record Key(String code, String tag) {}

  Findings(Policy policy) {
    this.policy = policy;
    for (Severity severity : Severity.values()) {
      found.put(severity, new LinkedHashMap<>());
    }
  }

  /** Adds what a check found, as bad as policy says. */
  void add(Check check, String tag, Supplier<String> sentence) {
    add(policy.of(check), check.name(), tag, sentence);
  }

  /** Adds what something found. */
  void add(Severity severity, String code, String tag, Supplier<String> sentence) {
    Map<Key, Finding> alike = found.get(severity);
    Key key = new Key(code, tag);
    if (alike.containsKey(key)) {
      return;
    }
    if (alike.size() >= LIMIT) {
      more = true;
      return;
    }
    alike.put(key, new Finding(code, tag, severity, sentence.get()));
  }

  /** Errors, then warnings, then notes, each in the order found. */
  List<Finding> list() {
    List<Finding> list = new ArrayList<>();
    found.values().forEach(alike -> list.addAll(alike.values()));
    if (!more && list.size() <= LIMIT) {
      return List.copyOf(list);
    }
    List<Finding> first = new ArrayList<>(list.subList(0, Math.min(list.size(), LIMIT - 1)));
    first.add(
        new Finding(
            Check.MORE_FINDINGS.name(),
            "",
            policy.of(Check.MORE_FINDINGS),
            "there are more findings; the first "
                + (LIMIT - 1)
                + " are listed, errors before others"));
    return List.copyOf(first);
  }
}
