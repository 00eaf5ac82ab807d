package io.howdah.dicom.net.toy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a toy peer does, read from YAML:
 *
 * <pre>
 * port: 11112           # 0 or absent: any
 * maxPdu: 16384
 * window: 8             # absent: no asynchronous operations
 * associations:         # in turn; the last one also for all that follow
 *   - associate: reject 2,3,2
 *   - accepts: [1.2.840.10008.5.1.4.1.1.2]   # SOP classes; absent: all
 *     store: {3: B000, 7: abort, 50: silent} # by number within the association
 *     otherwise: 0000
 *     release: answer
 *     commitment: report
 * </pre>
 */
public record ToyScript(int port, int maxPdu, int window, List<Visit> associations) {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  public ToyScript {
    associations = List.copyOf(associations);
    if (associations.isEmpty()) {
      throw new IllegalArgumentException("a script needs at least one association");
    }
  }

  /**
   * One association.
   *
   * @param reject result, source and reason when it is rejected, else null
   * @param accepts SOP classes, null for all
   * @param store what is done for the n-th C-STORE, counted from 1
   * @param reports whether a commitment request is followed by its report on the same association
   */
  public record Visit(
      Act associate,
      int[] reject,
      Set<String> accepts,
      Map<Integer, Turn> store,
      Turn otherwise,
      Act release,
      boolean reports) {
    Turn turn(int number) {
      return store.getOrDefault(number, otherwise);
    }

    boolean accepts(String sopClass) {
      return accepts == null || accepts.contains(sopClass);
    }
  }

  /** A peer that does everything right. */
  public static ToyScript good() {
    return parse("associations: [{}]");
  }

  /**
   * @throws IOException when the file cannot be read or is no script; the message says where
   */
  public static ToyScript read(Path file) throws IOException {
    try {
      return parse(Files.readString(file));
    } catch (IllegalArgumentException e) {
      throw new IOException(file.getFileName() + ": " + e.getMessage(), e);
    }
  }

  /**
   * @throws IllegalArgumentException when the text is no script
   */
  public static ToyScript parse(String yaml) {
    try {
      Map<?, ?> map = map(YAML.readValue(yaml, Object.class), "a script");
      only(map, "port", "maxPdu", "window", "associations");
      List<Visit> visits = new ArrayList<>();
      if (!(map.get("associations") instanceof List<?> list)) {
        throw new IllegalArgumentException("associations is a list");
      }
      for (Object each : list) {
        visits.add(visit(map(each, "an association")));
      }
      return new ToyScript(
          number(map, "port", 0), number(map, "maxPdu", 16384), number(map, "window", 0), visits);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not YAML: " + e.getOriginalMessage(), e);
    }
  }

  private static Visit visit(Map<?, ?> map) {
    only(map, "associate", "accepts", "store", "otherwise", "release", "commitment");
    String associate = text(map, "associate", "answer");
    int[] reject = null;
    if (associate.startsWith("reject")) {
      reject = triple(associate.substring(6));
      associate = "answer";
    }
    Set<String> accepts = null;
    if (map.get("accepts") instanceof List<?> list) {
      accepts = Set.copyOf(list.stream().map(String::valueOf).toList());
    }
    Map<Integer, Turn> store = new TreeMap<>();
    if (map.get("store") != null) {
      map(map.get("store"), "store")
          .forEach((at, turn) -> store.put(position(String.valueOf(at)), Turn.parse(turn)));
    }
    return new Visit(
        Act.named(associate),
        reject,
        accepts,
        store,
        map.containsKey("otherwise") ? Turn.parse(map.get("otherwise")) : Turn.GOOD,
        Act.named(text(map, "release", "answer")),
        text(map, "commitment", "silent").equals("report"));
  }

  private static int position(String text) {
    if (!text.matches("[1-9][0-9]{0,8}")) {
      throw new IllegalArgumentException("store is keyed by number, counted from 1: " + text);
    }
    return Integer.parseInt(text);
  }

  private static int[] triple(String text) {
    if (!text.strip().matches("\\d{1,3}\\s*,\\s*\\d{1,3}\\s*,\\s*\\d{1,3}")) {
      throw new IllegalArgumentException("reject needs result,source,reason, three numbers");
    }
    String[] parts = text.strip().split("\\s*,\\s*");
    return new int[] {
      Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2])
    };
  }

  private static Map<?, ?> map(Object value, String what) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new IllegalArgumentException(what + " is a mapping");
  }

  private static void only(Map<?, ?> map, String... keys) {
    for (Object key : map.keySet()) {
      if (!List.of(keys).contains(String.valueOf(key))) {
        throw new IllegalArgumentException("unknown key \"" + key + "\"");
      }
    }
  }

  private static int number(Map<?, ?> map, String key, int otherwise) {
    Object value = map.get(key);
    if (value != null && !(value instanceof Integer)) {
      throw new IllegalArgumentException(key + " is a number");
    }
    return value == null ? otherwise : (Integer) value;
  }

  private static String text(Map<?, ?> map, String key, String otherwise) {
    Object value = map.get(key);
    return value == null ? otherwise : String.valueOf(value);
  }
}
