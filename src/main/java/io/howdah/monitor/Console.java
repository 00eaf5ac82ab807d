package io.howdah.monitor;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The Hawtio console's files, read from {@code hawtio-console.jar} when they are asked for, and the
 * few answers its pages expect of a server.
 */
final class Console {
  private static final String ROOT = "hawtio/";
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");

  /** The user is known by then, and there is no session to end: no login page, no plugins. */
  private static final Map<String, String> ANSWERS =
      Map.of(
          "user", "\"public\"",
          "plugin", "[]",
          "proxy/enabled", "false",
          "keycloak/enabled", "false",
          "auth/config/session-timeout", "{\"timeout\":-1}");

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("json", "application/json"),
          Map.entry("txt", "text/plain; charset=utf-8"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("png", "image/png"),
          Map.entry("jpg", "image/jpeg"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("ttf", "font/ttf"));

  /**
   * A file.
   *
   * @param lasting true when its name changes with its content
   */
  record Page(String type, byte[] body, boolean lasting) {}

  /**
   * @param name what follows {@code /hawtio/}
   */
  Optional<Page> page(String name) throws IOException {
    if (ANSWERS.containsKey(name)) {
      return Optional.of(
          new Page(
              TYPES.get("json"),
              ANSWERS.get(name).getBytes(java.nio.charset.StandardCharsets.UTF_8),
              false));
    }
    if (!NAME.matcher(name).matches() && !name.isEmpty()) {
      return Optional.empty();
    }
    int dot = name.lastIndexOf('.');
    // a place within the console has no ending; it is the console's own to find
    String file = dot < 0 ? "index.html" : name;
    String type = TYPES.get(file.substring(file.lastIndexOf('.') + 1));
    if (type == null) {
      return Optional.empty();
    }
    try (InputStream in = Console.class.getClassLoader().getResourceAsStream(ROOT + file)) {
      return in == null
          ? Optional.empty()
          : Optional.of(new Page(type, in.readAllBytes(), file.startsWith("static/")));
    }
  }
}
