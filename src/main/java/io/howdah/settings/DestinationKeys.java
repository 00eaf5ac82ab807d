package io.howdah.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The settings {@code howdah.destination.NAME.…}, whose names are the site's own: lower case
 * letters, digits and dashes.
 */
final class DestinationKeys {
  private static final String PREFIX = "howdah.destination.";
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "uri", "",
          "match", "",
          "late", "supplement",
          "priority", "5",
          "windows", "",
          "retry", "",
          "responses", "",
          "verify", "false",
          "quiet-period", "",
          "max-wait", "");
  private static final Pattern KEY =
      Pattern.compile(
          "howdah\\.destination\\.([a-z0-9][a-z0-9-]{0,31})\\.("
              + String.join("|", DEFAULTS.keySet())
              + ")");
  private static final Pattern RESPONSE =
      Pattern.compile(
          "([0-9A-Fa-fx]{3,4}|silence|outage):(delivered|warning|retry|refused|unconfirmed)");

  private final Map<String, String> values;
  private final List<String> complaints;
  private final Settings.Batch batch;

  private DestinationKeys(
      Map<String, String> values, Settings.Batch batch, List<String> complaints) {
    this.values = values;
    this.batch = batch;
    this.complaints = complaints;
  }

  /** True for a key of any destination. */
  static boolean isKey(String key) {
    return KEY.matcher(key).matches();
  }

  /** The key that an environment variable such as HOWDAH_DESTINATION_PACS_URI sets. */
  static Optional<String> ofVariable(String variable) {
    return DEFAULTS.keySet().stream()
        .filter(suffix -> variable.endsWith("_" + SettingsReader.variable(suffix)))
        .map(
            suffix ->
                PREFIX
                    + variable
                        .replaceFirst("^HOWDAH_DESTINATION_", "")
                        .replaceFirst("_" + SettingsReader.variable(suffix) + "$", "")
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '-')
                    + "."
                    + suffix)
        .filter(key -> variable.startsWith("HOWDAH_DESTINATION_") && isKey(key))
        .findFirst();
  }

  /** Every destination there is, by name. */
  static List<Destination> read(
      Map<String, String> values, Settings.Batch batch, List<String> complaints) {
    TreeSet<String> names = new TreeSet<>();
    for (String key : values.keySet()) {
      Matcher matcher = KEY.matcher(key);
      if (matcher.matches()) {
        names.add(matcher.group(1));
      }
    }
    DestinationKeys keys = new DestinationKeys(values, batch, complaints);
    return names.stream().map(keys::destination).toList();
  }

  private Destination destination(String name) {
    String uri = text(name, "uri");
    if (!uri.matches("[a-z][a-z0-9+.-]*:.+")) {
      complaints.add(
          PREFIX
              + name
              + ".uri must be a Camel URI such as dicom:send?host=pacs&port=104&calledAeTitle=PACS");
    }
    return new Destination(
        name,
        uri,
        parsed(name, "match", Match.ALL, Match::parse),
        parsed(name, "late", Late.SUPPLEMENT, DestinationKeys::late),
        parsed(name, "priority", 5, DestinationKeys::priority),
        parsed(name, "windows", Windows.ALWAYS, Windows::parse),
        parsed(name, "retry", batch.retry(), SettingsReader::pauses),
        parsed(name, "responses", Map.of(), DestinationKeys::responses),
        parsed(name, "verify", false, DestinationKeys::flag),
        parsed(name, "quiet-period", batch.quietPeriod(), DestinationKeys::duration),
        parsed(name, "max-wait", batch.maxWait(), DestinationKeys::duration));
  }

  private String text(String name, String suffix) {
    return values.getOrDefault(PREFIX + name + "." + suffix, DEFAULTS.get(suffix)).strip();
  }

  private <T> T parsed(String name, String suffix, T otherwise, Function<String, T> parse) {
    String text = text(name, suffix);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      complaints.add(PREFIX + name + "." + suffix + ": " + e.getMessage());
      return otherwise;
    }
  }

  private static Late late(String text) {
    for (Late late : Late.values()) {
      if (late.key().equals(text)) {
        return late;
      }
    }
    throw new IllegalArgumentException(
        "must be supplement, resend-all or hold, was '" + text + "'");
  }

  private static int priority(String text) {
    if (!text.matches("\\d")) {
      throw new IllegalArgumentException("must be 0 (last) to 9 (first), was '" + text + "'");
    }
    return Integer.parseInt(text);
  }

  private static boolean flag(String text) {
    if (!text.matches("true|false")) {
      throw new IllegalArgumentException("must be true or false, was '" + text + "'");
    }
    return text.equals("true");
  }

  private static Duration duration(String text) {
    return SettingsReader.parsed(text)
        .filter(duration -> !duration.isZero())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "must be a duration such as 500ms, 30s or 5m, was '" + text + "'"));
  }

  private static Map<String, String> responses(String text) {
    Map<String, String> responses = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    for (String part : text.split(",")) {
      Matcher form = RESPONSE.matcher(part.strip());
      if (form.matches()) {
        responses.put(form.group(1), form.group(2));
      } else {
        wrong.add(part.strip());
      }
    }
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(
          "'" + wrong.get(0) + "' is nothing such as A7xx:retry or 0124:refused");
    }
    return responses;
  }
}
