package io.howdah.cli;

import io.howdah.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The settings in force as lines for people, one for each area; what is empty is left out, and
 * secrets are hidden.
 */
final class EffectiveSettings {
  private EffectiveSettings() {}

  /** Such as {@code http: host=127.0.0.1 port=8080}. */
  static List<String> lines(Settings settings) {
    Map<String, List<String>> areas = new TreeMap<>();
    new TreeMap<>(settings.effective())
        .forEach(
            (key, value) -> {
              if (value.isEmpty()) {
                return;
              }
              String name = key.substring("howdah.".length());
              int dot = name.indexOf('.');
              areas
                  .computeIfAbsent(dot < 0 ? name : name.substring(0, dot), a -> new ArrayList<>())
                  .add(
                      (dot < 0 ? name : name.substring(dot + 1))
                          + "="
                          + (isSecret(name) ? "***" : shown(value)));
            });
    return areas.entrySet().stream()
        .map(area -> area.getKey() + ": " + String.join(" ", area.getValue()))
        .toList();
  }

  private static boolean isSecret(String name) {
    return name.matches("(.*[.-])?(token|password|secret|key)");
  }

  /** A value without the passwords that an address may carry. */
  static String shown(String value) {
    return value
        .replaceAll("(//[^/@:\\s]*):\\S*@", "$1:***@")
        .replaceAll("//[^/@:\\s]+@", "//***@")
        .replaceAll("(?i)((?:password|passwd|pwd|secret|token)=)[^&;\\s]*", "$1***");
  }
}
