package io.howdah.validate;

import io.howdah.dicom.Defect;
import io.howdah.dicom.Dictionary;
import io.howdah.dicom.Tag;
import io.howdah.dicom.Uids;
import io.howdah.dicom.VR;
import io.howdah.validate.Finding.Severity;
import java.io.Reader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** Reads one profile; every complaint names file and line, and none ends the reading. */
final class ProfileReader {
  private static final Pattern NUMBERS =
      Pattern.compile("\\(?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})\\)?");
  private static final int PATTERN_LENGTH = 500;

  private final String file;
  private final List<String> complaints;

  private ProfileReader(String file, List<String> complaints) {
    this.file = file;
    this.complaints = complaints;
  }

  /**
   * Reads the profile in {@code text}.
   *
   * @param complaints gets one sentence for each thing wrong; what is returned then is of no use
   */
  static Profile read(String file, Reader text, List<String> complaints) {
    return new ProfileReader(file, complaints).profile(text);
  }

  private Profile profile(Reader text) {
    Set<String> modalities = new LinkedHashSet<>();
    Set<String> sopClasses = new LinkedHashSet<>();
    Map<String, Severity> severities = new HashMap<>();
    Map<String, Set<String>> modalityOf = new HashMap<>();
    List<TagRule> rules = new ArrayList<>();
    try {
      LoaderOptions options = new LoaderOptions();
      options.setMaxAliasesForCollections(0);
      options.setNestingDepthLimit(10);
      Node root = new Yaml(options).compose(text);
      if (root != null) {
        fields(
            root,
            Map.of(
                "description", this::text,
                "when", node -> when(node, modalities, sopClasses),
                "findings", node -> severities(node, severities),
                "modalities", node -> modalityOf(node, modalityOf),
                "rules", node -> each(node, item -> rules.add(rule(item)))));
      }
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      complaints.add(file + ":" + line + ": is not YAML: " + e.getProblem());
    } catch (YAMLException e) {
      complaints.add(file + ":1: is not YAML that can be read: " + e.getMessage());
    }
    return new Profile(
        file,
        Set.copyOf(modalities),
        Set.copyOf(sopClasses),
        Map.copyOf(severities),
        Map.copyOf(modalityOf),
        List.copyOf(rules));
  }

  private void when(Node node, Set<String> modalities, Set<String> sopClasses) {
    fields(
        node,
        Map.of(
            "modality", value -> modalities.addAll(texts(value)),
            "sop_class", value -> each(value, item -> sopClasses.add(sopClass(item)))));
  }

  private void severities(Node node, Map<String, Severity> severities) {
    pairs(
        node,
        (key, value) -> {
          Severity severity = severity(value);
          Optional<Check> check = named(Check.values(), text(key));
          Optional<Defect.Code> defect = named(Defect.Code.values(), text(key));
          if (check.isEmpty() && defect.isEmpty()) {
            complain(
                key, "'" + text(key) + "' is no code of a finding" + nearest(text(key), codes()));
          } else if (check.isPresent() && check.get().hasSeverityOfItsRule()) {
            complain(key, text(key) + " has the severity of the rule that finds it; set it there");
          } else if (severity != Severity.ERROR
              && (check.isPresent() && check.get().isFixed()
                  || defect.isPresent() && Policy.ALWAYS_ERRORS.contains(defect.get()))) {
            complain(key, text(key) + " is always an error: such a file cannot be relied on");
          }
          severities.put(text(key), severity);
        });
  }

  private static Set<String> codes() {
    return Stream.concat(Arrays.stream(Check.values()), Arrays.stream(Defect.Code.values()))
        .map(Enum::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static <E extends Enum<E>> Optional<E> named(E[] all, String name) {
    return Arrays.stream(all).filter(one -> one.name().equals(name)).findFirst();
  }

  private void modalityOf(Node node, Map<String, Set<String>> modalityOf) {
    pairs(node, (key, value) -> modalityOf.put(sopClass(key), Set.copyOf(texts(value))));
  }

  /** One rule while its fields are read. */
  private static final class Draft {
    private int tag = -1;
    private String label = "";
    private TagRule.Presence presence = TagRule.Presence.OPTIONAL;
    private Set<String> vrs = Set.of();
    private Set<String> oneOf = Set.of();
    private Optional<Pattern> pattern = Optional.empty();
    private Optional<BigDecimal> least = Optional.empty();
    private Optional<BigDecimal> most = Optional.empty();
    private Severity severity = Severity.ERROR;
    private Optional<String> sentence = Optional.empty();
  }

  private TagRule rule(Node node) {
    Draft draft = new Draft();
    fields(
        node,
        Map.of(
            "tag", value -> draft.tag = tag(value),
            "name", value -> draft.label = text(value),
            "require", value -> draft.presence = presence(value),
            "vr", value -> draft.vrs = vrs(value),
            "one_of", value -> draft.oneOf = Set.copyOf(texts(value)),
            "pattern", value -> draft.pattern = pattern(value),
            "range", value -> range(value, draft),
            "severity", value -> draft.severity = severity(value),
            "sentence", value -> draft.sentence = Optional.of(text(value))));
    if (draft.tag == -1) {
      complain(node, "a rule needs a tag: a keyword such as PatientID, or gggg,eeee");
    } else if (draft.label.isEmpty()) {
      String keyword = Dictionary.keyword(draft.tag);
      draft.label = keyword == null ? Tag.toString(draft.tag) : keyword;
    }
    boolean asksForValues =
        !draft.vrs.isEmpty()
            || !draft.oneOf.isEmpty()
            || draft.pattern.isPresent()
            || draft.least.isPresent()
            || draft.most.isPresent();
    if (draft.presence == TagRule.Presence.OPTIONAL && !asksForValues) {
      complain(node, "a rule must ask for something: require, vr, one_of, pattern or range");
    } else if (draft.presence == TagRule.Presence.ABSENT && asksForValues) {
      complain(node, "what must be absent can have no value to ask for");
    }
    return new TagRule(
        draft.tag,
        draft.label,
        draft.presence,
        draft.vrs,
        draft.oneOf,
        draft.pattern,
        draft.least,
        draft.most,
        draft.severity,
        draft.sentence);
  }

  private int tag(Node node) {
    String text = text(node);
    var numbers = NUMBERS.matcher(text);
    if (numbers.matches()) {
      return Integer.parseUnsignedInt(numbers.group(1) + numbers.group(2), 16);
    }
    int tag = Dictionary.tag(text);
    if (tag == -1) {
      complain(
          node, "'" + text + "' is no keyword of the data dictionary and no tag such as 0010,0020");
      return 0;
    }
    return tag;
  }

  private TagRule.Presence presence(Node node) {
    return switch (text(node)) {
      case "present" -> TagRule.Presence.PRESENT;
      case "value" -> TagRule.Presence.VALUE;
      case "absent" -> TagRule.Presence.ABSENT;
      default -> {
        complain(node, "require must be present, value or absent, was '" + text(node) + "'");
        yield TagRule.Presence.PRESENT;
      }
    };
  }

  private Set<String> vrs(Node node) {
    Set<String> vrs = new LinkedHashSet<>();
    each(
        node,
        item -> {
          if (VR.of(text(item)) == null) {
            complain(item, "'" + text(item) + "' is no VR");
          }
          vrs.add(text(item));
        });
    return Set.copyOf(vrs);
  }

  private Optional<Pattern> pattern(Node node) {
    String text = text(node);
    if (text.length() > PATTERN_LENGTH) {
      complain(node, "a pattern may have " + PATTERN_LENGTH + " characters at most");
      return Optional.empty();
    }
    try {
      return Optional.of(Pattern.compile(text));
    } catch (PatternSyntaxException e) {
      complain(node, "the pattern cannot be read: " + e.getDescription());
      return Optional.empty();
    }
  }

  private void range(Node node, Draft draft) {
    fields(
        node,
        Map.of(
            "min", value -> draft.least = number(value),
            "max", value -> draft.most = number(value)));
    if (draft.least.isPresent()
        && draft.most.isPresent()
        && draft.least.get().compareTo(draft.most.get()) > 0) {
      complain(node, "the range has its min above its max");
    }
  }

  private Optional<BigDecimal> number(Node node) {
    try {
      return Optional.of(new BigDecimal(text(node)));
    } catch (NumberFormatException e) {
      complain(node, "'" + text(node) + "' is no number");
      return Optional.empty();
    }
  }

  private Severity severity(Node node) {
    return switch (text(node)) {
      case "error" -> Severity.ERROR;
      case "warning" -> Severity.WARNING;
      case "note" -> Severity.NOTE;
      default -> {
        complain(node, "a severity is error, warning or note, was '" + text(node) + "'");
        yield Severity.ERROR;
      }
    };
  }

  private String sopClass(Node node) {
    String text = text(node);
    if (Uids.isValid(text)) {
      return text;
    }
    String uid = Uids.uid(text);
    if (uid == null) {
      complain(
          node, "'" + text + "' is no UID and no keyword of a SOP class such as CTImageStorage");
      return text;
    }
    return uid;
  }

  // -- YAML ----------------------------------------------------------------------------------

  private void fields(Node node, Map<String, Consumer<Node>> known) {
    Set<String> seen = new LinkedHashSet<>();
    pairs(
        node,
        (key, value) -> {
          Consumer<Node> field = known.get(text(key));
          if (field == null) {
            complain(
                key, "'" + text(key) + "' is no key here" + nearest(text(key), known.keySet()));
          } else if (!seen.add(text(key))) {
            complain(key, "'" + text(key) + "' is here twice");
          } else {
            field.accept(value);
          }
        });
  }

  private void pairs(Node node, java.util.function.BiConsumer<Node, Node> each) {
    if (node instanceof MappingNode mapping) {
      for (NodeTuple pair : mapping.getValue()) {
        each.accept(pair.getKeyNode(), pair.getValueNode());
      }
    } else {
      complain(node, "keys with values are expected here");
    }
  }

  private void each(Node node, Consumer<Node> each) {
    if (node instanceof SequenceNode sequence) {
      sequence.getValue().forEach(each);
    } else {
      each.accept(node);
    }
  }

  private Set<String> texts(Node node) {
    Set<String> texts = new LinkedHashSet<>();
    each(node, item -> texts.add(text(item)));
    return texts;
  }

  private String text(Node node) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue().strip();
    }
    complain(node, "plain text is expected here");
    return "";
  }

  private void complain(Node node, String sentence) {
    complaints.add(file + ":" + (node.getStartMark().getLine() + 1) + ": " + sentence);
  }

  private static String nearest(String text, Set<String> known) {
    String like = text.toLowerCase(Locale.ROOT);
    return known.stream()
        .sorted()
        .filter(
            one -> {
              String other = one.toLowerCase(Locale.ROOT);
              return like.length() > 3
                  && (other.contains(like) || like.contains(other) || close(other, like));
            })
        .findFirst()
        .map(one -> "; did you mean " + one + "?")
        .orElseGet(
            () ->
                known.size() > 12 ? "" : "; there are " + String.join(", ", new TreeSet<>(known)));
  }

  private static boolean close(String one, String other) {
    int same = 0;
    while (same < Math.min(one.length(), other.length())
        && one.charAt(same) == other.charAt(same)) {
      same++;
    }
    return same >= Math.max(3, Math.max(one.length(), other.length()) - 3);
  }
}
