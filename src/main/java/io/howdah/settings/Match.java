package io.howdah.settings;

import io.howdah.dicom.Dictionary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which instances a destination wants: all conditions must hold, such as {@code modality=CT|MR;
 * calling-ae=CT*; BodyPartExamined!=HEAD; 0008,0080=North*}. No condition: all instances.
 */
public record Match(List<Condition> conditions) {
  /** Every instance. */
  public static final Match ALL = new Match(List.of());

  private static final Pattern FORM = Pattern.compile("([^=!]+?)\\s*(!?=)\\s*(.+)");
  private static final Pattern TAG = Pattern.compile("\\(?([0-9a-fA-F]{4}),?([0-9a-fA-F]{4})\\)?");

  public Match {
    conditions = List.copyOf(conditions);
  }

  /** What an instance says of itself. */
  public interface Facts {
    /** The AE title that sent it; empty when it did not come over DICOM. */
    String callingAe();

    /** The values of an element; none when it is absent. */
    List<String> values(int tag);
  }

  /**
   * One condition: any (or, negated, none) of the element's values matches one of the patterns.
   *
   * @param tag 0 for the calling AE title
   */
  record Condition(int tag, boolean negated, List<Pattern> patterns) {
    boolean holds(Facts facts) {
      List<String> values = tag == 0 ? List.of(facts.callingAe()) : facts.values(tag);
      boolean any =
          values.stream()
              .anyMatch(
                  value -> patterns.stream().anyMatch(one -> one.matcher(value.strip()).matches()));
      return any != negated;
    }
  }

  /** Whether the destination wants this instance. */
  public boolean wants(Facts facts) {
    return conditions.stream().allMatch(condition -> condition.holds(facts));
  }

  /**
   * @throws IllegalArgumentException saying what is no condition
   */
  static Match parse(String text) {
    List<Condition> conditions = new ArrayList<>();
    for (String part : text.split(";")) {
      if (part.isBlank()) {
        continue;
      }
      Matcher form = FORM.matcher(part.strip());
      if (!form.matches()) {
        throw new IllegalArgumentException(
            "'" + part.strip() + "' is no condition such as modality=CT|MR");
      }
      conditions.add(
          new Condition(
              tag(form.group(1).strip()),
              form.group(2).equals("!="),
              Pattern.compile("\\|")
                  .splitAsStream(form.group(3))
                  .map(String::strip)
                  .map(Match::pattern)
                  .collect(Collectors.toList())));
    }
    return new Match(conditions);
  }

  private static int tag(String name) {
    switch (name.toLowerCase(Locale.ROOT)) {
      case "calling-ae":
        return 0;
      case "modality":
        return Dictionary.tag("Modality");
      default:
    }
    Matcher number = TAG.matcher(name);
    int tag =
        number.matches()
            ? Integer.parseUnsignedInt(number.group(1) + number.group(2), 16)
            : Dictionary.tag(name);
    if (tag == -1 || tag == 0) {
      throw new IllegalArgumentException(
          "'"
              + name
              + "' is none of modality, calling-ae, a keyword such as BodyPartExamined, or a tag such as 0008,0080");
    }
    return tag;
  }

  private static Pattern pattern(String text) {
    return Pattern.compile(
        Pattern.compile("\\*")
            .splitAsStream(text + "\0")
            .map(part -> part.replace("\0", ""))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*")),
        Pattern.DOTALL);
  }
}
