package io.howdah.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The Accept header (RFC 9110 §12.5.1): media ranges, the most wanted first. */
public final class Accept {
  private static final int LIMIT = 50;

  private Accept() {}

  /**
   * A media range.
   *
   * @param type in lower case, such as {@code text/html} or {@code *}{@code /*}
   * @param parameters by lower case names, without q
   */
  public record Range(String type, Map<String, String> parameters, double quality) {}

  /** The ranges of a header that are wanted at all; no header is {@code *}{@code /*}. */
  public static List<Range> ranges(String header) {
    List<Range> ranges = new ArrayList<>();
    if (header == null || header.isBlank()) {
      return List.of(new Range("*/*", Map.of(), 1));
    }
    for (String text : split(header, ',')) {
      List<String> parts = split(text, ';');
      Map<String, String> parameters = new HashMap<>();
      for (String part : parts.subList(1, parts.size())) {
        int equals = part.indexOf('=');
        if (equals > 0) {
          parameters.put(
              part.substring(0, equals).strip().toLowerCase(Locale.ROOT),
              unquoted(part.substring(equals + 1).strip()));
        }
      }
      double quality = quality(parameters.remove("q"));
      String type = parts.get(0).strip().toLowerCase(Locale.ROOT);
      if (quality > 0 && !type.isEmpty() && ranges.size() < LIMIT) {
        ranges.add(new Range(type, parameters, quality));
      }
    }
    ranges.sort(Comparator.comparingDouble(Range::quality).reversed());
    return ranges;
  }

  private static double quality(String text) {
    return text == null ? 1 : text.matches("[01](\\.\\d{0,3})?") ? Double.parseDouble(text) : 0;
  }

  private static String unquoted(String text) {
    return text.length() > 1 && text.startsWith("\"") && text.endsWith("\"")
        ? text.substring(1, text.length() - 1)
        : text;
  }

  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        parts.add(text.substring(from, i));
        from = i + 1;
      }
    }
    parts.add(text.substring(from));
    return parts;
  }
}
