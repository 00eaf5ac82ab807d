package io.howdah.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.settings.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/**
 * What can be held to without a Docker engine: that Dockerfile and compose.yaml name what there is.
 */
class ContainerTest {
  private static final Set<String> ALIASES =
      Set.of("REDIS_URL", "UPLOADS_PATH", "ARCHIVE_PATH", "HOST", "LC_ALL");

  @Test
  void every_service_of_compose_has_a_role_there_is_and_variables_that_are_settings()
      throws IOException {
    Set<String> settings = variables();
    List<String> roles = new ArrayList<>();
    for (Map.Entry<String, Object> service : compose("services").entrySet()) {
      Map<?, ?> body = (Map<?, ?>) service.getValue();
      Map<?, ?> environment = (Map<?, ?>) body.get("environment");
      if ("howdah".equals(body.get("image"))) {
        roles.addAll(Arrays.asList(environment.get("HOWDAH_ROLES").toString().split(",")));
        for (Object variable : environment.keySet()) {
          assertThat(
                  settings.contains(variable.toString()) || ALIASES.contains(variable.toString()))
              .as(service.getKey() + ": " + variable)
              .isTrue();
        }
        assertThat(body.get("read_only")).isEqualTo(true);
      }
    }
    assertThat(roles)
        .containsExactly(
            "gateway", "validator", "descriptor", "storage", "batch", "send", "status");
    assertThat(Arrays.stream(Role.values()).map(Role::key)).containsAll(roles);
  }

  @Test
  void what_the_image_is_made_of_is_in_the_repository() throws IOException {
    String dockerfile = Files.readString(Path.of("Dockerfile"));
    Matcher copies = Pattern.compile("(?m)^COPY (?!--from)(.+) \\S+$").matcher(dockerfile);
    int found = 0;
    while (copies.find()) {
      for (String source : copies.group(1).split(" ")) {
        assertThat(Path.of(source)).exists();
        found++;
      }
    }
    assertThat(found).isGreaterThan(3);
    assertThat(dockerfile)
        .contains(
            "USER howdah",
            "STOPSIGNAL SIGTERM",
            "HEALTHCHECK",
            "VOLUME /data",
            "ENTRYPOINT [\"java\"");
  }

  private static Set<String> variables() throws IOException {
    Properties properties = new Properties();
    try (var in = Files.newBufferedReader(Path.of("config/application.properties"))) {
      properties.load(in);
    }
    Set<String> variables = new TreeSet<>();
    properties
        .keySet()
        .forEach(
            key ->
                variables.add(
                    key.toString().toUpperCase(java.util.Locale.ROOT).replaceAll("[.-]", "_")));
    return variables;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> compose(String section) throws IOException {
    try (var in = Files.newInputStream(Path.of("compose.yaml"))) {
      Map<String, Object> whole = new Yaml().load(in);
      return (Map<String, Object>) whole.get(section);
    }
  }
}
