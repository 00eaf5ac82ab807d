package io.howdah.hub;

import io.howdah.dicom.Dictionary;
import io.howdah.dicom.Tag;
import io.howdah.dicom.Uids;
import io.howdah.dicom.VR;
import io.howdah.hub.PacsIndex.Match;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The query parameters of a search (PS3.18 §8.3.4), read strictly. */
final class SearchQuery {
  private static final Pattern TAG = Pattern.compile("[0-9a-fA-F]{8}");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");
  private static final int PARAMETERS = 100;
  private static final int VALUES = 500;

  private final List<Match> matches = new ArrayList<>();
  private final List<String> modalities = new ArrayList<>();
  private final List<String> ignored = new ArrayList<>();
  private int limit;
  private int offset;

  private SearchQuery(int most) {
    this.limit = most;
  }

  /** What cannot be understood. */
  static final class Bad extends Exception {
    private static final long serialVersionUID = 1L;

    Bad(String sentence) {
      super(sentence, null, false, false);
    }
  }

  /**
   * Reads what stands behind the question mark.
   *
   * @param most results that are given at most
   * @throws Bad when it cannot be understood
   */
  static SearchQuery read(String query, Attribute.Level level, int most) throws Bad {
    SearchQuery read = new SearchQuery(most);
    String[] parameters =
        query == null || query.isEmpty() ? new String[0] : query.split("&", PARAMETERS + 1);
    if (parameters.length > PARAMETERS) {
      throw new Bad("a search has at most " + PARAMETERS + " parameters");
    }
    for (String parameter : parameters) {
      int equals = parameter.indexOf('=');
      if (equals > 0) {
        read.parameter(
            decoded(parameter.substring(0, equals)),
            decoded(parameter.substring(equals + 1)),
            level,
            most);
      } else if (!parameter.isEmpty()) {
        throw new Bad("a parameter is name=value");
      }
    }
    return read;
  }

  private static String decoded(String text) throws Bad {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new Bad("a parameter is not percent-encoded as it should be");
    }
  }

  private void parameter(String name, String value, Attribute.Level level, int most) throws Bad {
    switch (name) {
      case "limit" -> limit = Math.min(number(name, value), most);
      case "offset" -> offset = number(name, value);
      case "includefield" -> {} // all that is kept is always told
      case "fuzzymatching" -> {
        if (!value.equals("false")) {
          ignored.add("fuzzymatching");
        }
      }
      default -> attribute(name, value, level);
    }
  }

  private static int number(String name, String value) throws Bad {
    if (!NUMBER.matcher(value).matches()) {
      throw new Bad(name + " is a whole number");
    }
    return Integer.parseInt(value);
  }

  private void attribute(String name, String value, Attribute.Level level) throws Bad {
    int tag = TAG.matcher(name).matches() ? Integer.parseUnsignedInt(name, 16) : tag(name);
    if (value.isEmpty()) {
      return; // universal matching
    }
    if (tag == Tag.ModalitiesInStudy) {
      modalities.addAll(values(value));
      return;
    }
    Optional<Attribute> attribute =
        Stream.of(Attribute.values())
            .filter(one -> one.tag() == tag && one.level().compareTo(level) <= 0)
            .findFirst();
    if (attribute.isEmpty()) {
      ignored.add(Tag.hex(tag));
      return;
    }
    matches.add(match(attribute.get(), value));
  }

  private static int tag(String keyword) throws Bad {
    try {
      int tag = Dictionary.tag(keyword);
      if (tag > 0) {
        return tag;
      }
    } catch (IllegalArgumentException e) {
      // not in the dictionary
    }
    throw new Bad("an attribute is named by its keyword or its eight hexadecimal digits");
  }

  private static Match match(Attribute attribute, String value) throws Bad {
    VR vr = attribute.vr();
    if (vr == VR.UI) {
      List<String> uids = values(value);
      if (!uids.stream().allMatch(Uids::isSafe)) {
        throw new Bad("a UID has digits and full stops only");
      }
      return new Match.AnyOf(attribute, uids);
    }
    if ((vr == VR.DA || vr == VR.TM) && value.contains("-")) {
      String[] ends = value.split("-", -1);
      if (ends.length != 2) {
        throw new Bad("a range is from-to");
      }
      // a time of more digits than the end still lies within it
      String last = vr == VR.TM && !ends[1].isEmpty() ? ends[1] + "~" : ends[1];
      return new Match.Range(
          attribute,
          Optional.of(ends[0]).filter(end -> !end.isEmpty()),
          Optional.of(last).filter(end -> !end.isEmpty()));
    }
    if (value.contains("*") || value.contains("?") || vr == VR.PN) {
      return new Match.Like(attribute, value);
    }
    return new Match.AnyOf(attribute, List.of(value));
  }

  private static List<String> values(String list) throws Bad {
    List<String> values = List.of(list.split("[,\\\\]"));
    if (values.size() > VALUES) {
      throw new Bad("a list has at most " + VALUES + " values");
    }
    return values;
  }

  /** The search of these parameters. */
  PacsIndex.Search search(
      Attribute.Level level, Optional<String> studyUid, Optional<String> seriesUid) {
    return new PacsIndex.Search(level, studyUid, seriesUid, matches, modalities, limit, offset);
  }

  /** Results wanted at most. */
  int limit() {
    return limit;
  }

  /** Parameters that were not obeyed. */
  List<String> ignored() {
    return ignored;
  }
}
