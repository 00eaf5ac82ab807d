package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The OpenAPI document says what the routes do, no more and no less. */
class OpenApiTest {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private static JsonNode document() throws IOException {
    return YAML.readTree(Path.of("src/main/resources/openapi/upload-sessions.yaml").toFile());
  }

  @Test
  void every_route_is_documented_and_every_documented_call_has_a_route() throws IOException {
    Set<String> documented = new TreeSet<>();
    document()
        .get("paths")
        .fields()
        .forEachRemaining(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        method -> {
                          if (!method.equals("parameters")) {
                            documented.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
                          }
                        }));
    Set<String> routes = new TreeSet<>();
    for (JsonNode item :
        YAML.readTree(Path.of("src/main/resources/routes/sessions.camel.yaml").toFile())) {
      String uri = item.at("/route/from/uri").asText();
      if (uri.startsWith("platform-http:")) {
        routes.add(
            item.at("/route/from/parameters/httpMethodRestrict").asText()
                + " "
                + uri.substring("platform-http:".length()));
      } else if (uri.startsWith("upload:")) {
        routes.add("POST " + uri.substring("upload:".length()));
      }
    }
    assertThat(documented).isEqualTo(routes).hasSizeGreaterThan(12);
  }

  @Test
  void the_documents_session_and_states_are_the_codes() throws IOException {
    JsonNode schemas = document().at("/components/schemas");
    List<String> states = new ArrayList<>();
    schemas.at("/Status/enum").forEach(state -> states.add(state.asText()));
    assertThat(states)
        .containsExactly(
            java.util.Arrays.stream(SessionState.values()).map(Enum::name).toArray(String[]::new));
    Set<String> required = new TreeSet<>();
    schemas.at("/Session/required").forEach(name -> required.add(name.asText()));
    Set<String> properties = new TreeSet<>();
    schemas.at("/Session/properties").fieldNames().forEachRemaining(properties::add);
    assertThat(required).isEqualTo(properties).hasSize(24);
  }

  @Test
  void every_reference_leads_somewhere() throws IOException {
    JsonNode document = document();
    List<JsonNode> references = document.findValues("$ref");
    assertThat(references).isNotEmpty();
    for (JsonNode reference : references) {
      assertThat(document.at(reference.asText().substring(1)).isMissingNode())
          .as(reference.asText())
          .isFalse();
    }
  }
}
