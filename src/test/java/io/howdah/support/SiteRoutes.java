package io.howdah.support;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Packaged routes with a step of the test's own, as a site would put them in config/routes. */
public final class SiteRoutes {
  private final Path directory;

  private SiteRoutes(Path directory) {
    this.directory = directory;
  }

  /** For a gateway whose working directory is {@code data}. */
  public static SiteRoutes in(Path data) throws IOException {
    return new SiteRoutes(Files.createDirectories(data.resolve("config/routes")));
  }

  /**
   * Puts a step before the call of a bean's method.
   *
   * @param stage the route file's name
   * @param call such as {@code archive.store}
   * @param step canonical YAML, not indented
   * @return the site's folder of routes
   */
  public Path before(String stage, String call, String step) throws IOException {
    String packaged;
    try (InputStream in =
        SiteRoutes.class.getResourceAsStream("/routes/" + stage + ".camel.yaml")) {
      packaged = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    String[] bean = call.split("\\.");
    String then = "- bean:\n    ref: " + bean[0] + "\n    method: " + bean[1] + "\n";
    if (!packaged.contains(indented(then))) {
      throw new IllegalArgumentException(stage + " does not call " + call);
    }
    Files.writeString(
        directory.resolve(stage + ".camel.yaml"),
        packaged.replace(indented(then), indented(step + then)));
    return directory;
  }

  private static String indented(String step) {
    return step.lines().map(line -> "        " + line + "\n").collect(Collectors.joining());
  }
}
