package io.howdah.routes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.howdah.dicom.camel.DicomComponent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.catalog.CamelCatalog;
import org.apache.camel.catalog.DefaultCamelCatalog;
import org.apache.camel.catalog.EndpointValidationResult;

/**
 * Route files read as trees, and what is wrong with them by the house's rules and by Camel's own.
 */
final class RouteFiles {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final CamelCatalog CATALOG = catalog();
  private static final int MOST_STEPS = 7;

  /** Languages and steps in which a route could hide a program. */
  private static final Set<String> SCRIPTS =
      Set.of("script", "groovy", "joor", "java", "js", "mvel", "ognl", "python", "spel", "csimple");

  /** Components of our own, which Camel's catalogue does not know. */
  private static final Set<String> OURS = Set.of("upload", "tus");

  private static final Set<String> CALLS =
      Set.of("from", "to", "toD", "wireTap", "enrich", "pollEnrich");

  /** Where canonical notation wants a language's name between the step and its expression. */
  private static final Set<String> WITH_EXPRESSION =
      Set.of(
          "split", "filter", "setBody", "setHeader", "setVariable", "setProperty", "recipientList");

  private static final Set<String> LANGUAGES =
      Set.of("simple", "constant", "jsonpath", "header", "variable");
  private static final Pattern KEBAB = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

  /** A header read by the name of a path's or query's parameter, in small letters. */
  private static final Pattern READ = Pattern.compile("\\$\\{header\\.([a-z][^}]*)}");

  private final Map<String, JsonNode> files = new TreeMap<>();
  private final List<String> complaints = new ArrayList<>();

  /** Camel's own and the dicom: component's. */
  private static CamelCatalog catalog() {
    CamelCatalog catalog = new DefaultCamelCatalog(true);
    try (InputStream json =
        DicomComponent.class.getResourceAsStream("/META-INF/io/howdah/dicom/camel/dicom.json")) {
      catalog.addComponent(
          "dicom",
          DicomComponent.class.getName(),
          new String(json.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return catalog;
  }

  static RouteFiles in(Path directory) throws IOException {
    RouteFiles files = new RouteFiles();
    try (Stream<Path> paths = Files.list(directory)) {
      for (Path path : paths.filter(one -> one.toString().endsWith(".yaml")).toList()) {
        files.files.put(path.getFileName().toString(), YAML.readTree(path.toFile()));
      }
    }
    return files;
  }

  static RouteFiles of(String name, String yaml) throws IOException {
    RouteFiles files = new RouteFiles();
    files.files.put(name, YAML.readTree(yaml));
    return files;
  }

  boolean isEmpty() {
    return files.isEmpty();
  }

  /** Ids of all routes. */
  Set<String> ids() {
    Set<String> ids = new TreeSet<>();
    files.values().forEach(file -> file.forEach(item -> ids.add(item.at("/route/id").asText())));
    ids.remove("");
    return ids;
  }

  /** Names, descriptions, sizes, error policies, notation and pairs of endpoints. */
  List<String> againstTheHouse() {
    Set<String> policies = new TreeSet<>();
    files
        .values()
        .forEach(
            file -> file.forEach(item -> policies.add(item.at("/routeConfiguration/id").asText())));
    policies.remove("");
    Set<String> ids = new TreeSet<>();
    files.forEach(
        (name, file) -> {
          if (!name.endsWith(".camel.yaml")) {
            complaints.add(name + ": a route file is called stage.camel.yaml");
          }
          String stage = name.replaceFirst("\\.camel\\.yaml$", "");
          for (JsonNode item : file) {
            if (item.has("route")) {
              route(name, stage, item.get("route"), policies, ids);
            } else if (item.has("routeTemplate")) {
              template(name, stage, item.get("routeTemplate"), policies, ids);
            } else if (item.has("routeConfiguration")) {
              described(name, item.get("routeConfiguration"));
            } else {
              complaints.add(
                  name
                      + ": holds only routes, their templates and route configurations, not "
                      + item.fieldNames().next());
            }
            notation(name, item);
          }
        });
    pairs();
    return complaints;
  }

  /** A template's route is named after its template, and its endpoints after a parameter. */
  private void template(
      String file, String stage, JsonNode template, Set<String> policies, Set<String> ids) {
    ObjectNode route = template.get("route").deepCopy();
    route(file, stage, route.put("id", template.path("id").asText()), policies, ids);
  }

  private void route(
      String file, String stage, JsonNode route, Set<String> policies, Set<String> ids) {
    String id = route.path("id").asText();
    if (!(id + "-").startsWith(stage + "-") || !KEBAB.matcher(id).matches()) {
      complaints.add(file + ": route id '" + id + "' must be " + stage + "-something");
    }
    if (!ids.add(id)) {
      complaints.add(file + ": route id '" + id + "' is taken");
    }
    described(file, route);
    boolean named = policies.contains(route.path("routeConfigurationId").asText());
    boolean left = route.at("/errorHandler/noErrorHandler").isObject();
    if (named == left) {
      complaints.add(
          file
              + ": route "
              + id
              + " must name one error policy, or leave errors to its caller with noErrorHandler");
    }
    JsonNode all = route.at("/from/steps");
    if (route.at("/from/uri").asText().startsWith("platform-http:")) {
      READ.matcher(all.toString())
          .results()
          .map(read -> read.group(1))
          .filter(name -> !route.at("/from/uri").asText().contains("{" + name + "}"))
          .forEach(
              name ->
                  complaints.add(
                      file
                          + ": route "
                          + id
                          + " reads "
                          + name
                          + ", which is neither of its path nor, as Howdah-Query-"
                          + name
                          + ", of the query"));
    }
    if (route.at("/from/uri").asText().startsWith("platform-http:")
        && !all.path(all.size() - 1).at("/process/ref").asText().equals("answer")
        && !all.at("/0/removeHeaders/pattern").asText().equals("*")) {
      complaints.add(
          file
              + ": route "
              + id
              + " would send a client's own headers and query back: end with process: answer, or begin with removeHeaders: *");
    }
    int steps = all.size();
    if (steps < 1 || steps > MOST_STEPS) {
      complaints.add(
          file
              + ": route "
              + id
              + " has "
              + steps
              + " steps; 1 to "
              + MOST_STEPS
              + " tell a story");
    }
  }

  private void described(String file, JsonNode item) {
    if (item.path("description").asText().split("\\s+").length < 4) {
      complaints.add(
          file
              + ": "
              + item.path("id").asText()
              + " needs a description: one sentence for a stranger");
    }
  }

  private void notation(String file, JsonNode tree) {
    tree.fields()
        .forEachRemaining(
            entry -> {
              String name = entry.getKey();
              JsonNode value = entry.getValue();
              if (SCRIPTS.contains(name)) {
                complaints.add(file + ": " + name + " is a program in a route; a bean knows how");
              }
              if (CALLS.contains(name) && !value.isObject()) {
                complaints.add(
                    file + ": " + name + ": is written with uri: and parameters: below it");
              }
              if (name.equals("uri") && value.asText().contains("?")) {
                complaints.add(
                    file
                        + ": "
                        + value.asText()
                        + " carries options that belong below parameters:");
              }
              if (WITH_EXPRESSION.contains(name) && LANGUAGES.stream().noneMatch(value::has)) {
                complaints.add(
                    file
                        + ": "
                        + name
                        + " needs a language (simple, constant …) with expression: below it");
              }
              if (LANGUAGES.contains(name) && !value.isObject() && !tree.has("name")) {
                complaints.add(file + ": " + name + ": is written with expression: below it");
              }
            });
    tree.forEach(child -> notation(file, child));
  }

  private void pairs() {
    Set<String> taken = new TreeSet<>();
    Set<String> given = new TreeSet<>();
    files
        .values()
        .forEach(
            file ->
                endpoints(
                    file,
                    "",
                    (step, node) -> {
                      String uri = inGeneral(node.path("uri").asText());
                      if (uri.startsWith("direct:") || uri.startsWith("seda:")) {
                        (step.equals("from") ? taken : given).add(uri);
                      }
                    }));
    given.stream()
        .filter(uri -> !taken.contains(uri))
        .forEach(uri -> complaints.add("no route takes from " + uri));
    taken.stream()
        .filter(uri -> uri.startsWith("direct:") && !given.contains(uri))
        .forEach(uri -> complaints.add("no route gives to " + uri));
  }

  /** An endpoint whose name is made at run time stands for all that it may be. */
  private static String inGeneral(String uri) {
    return uri.replaceAll("\\$\\{[^}]*\\}|\\{\\{[^}]*\\}\\}", "*");
  }

  private interface EndpointVisitor {
    void visit(String step, JsonNode endpoint);
  }

  private static void endpoints(JsonNode tree, String name, EndpointVisitor visitor) {
    if (tree.has("uri")) {
      visitor.visit(name, tree);
    }
    tree.fields().forEachRemaining(entry -> endpoints(entry.getValue(), entry.getKey(), visitor));
    if (tree.isArray()) {
      tree.forEach(child -> endpoints(child, name, visitor));
    }
  }

  /** Camel's JSON schema of its YAML DSL, in canonical notation. */
  List<String> againstCamelsSchema() throws IOException {
    JsonSchema schema;
    try (InputStream in = RouteFiles.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
      schema =
          JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4)
              .getSchema(new ObjectMapper().readTree(in));
    }
    files.forEach(
        (name, file) ->
            schema.validate(file).stream()
                .filter(
                    message -> !message.getType().equals("type")) // {{placeholder}} for a number
                .forEach(message -> complaints.add(name + ": " + message)));
    return complaints;
  }

  /** Every endpoint's options, by Camel's catalogue of components. */
  List<String> againstCamelsCatalogue() {
    files.forEach((name, file) -> endpoints(file, "", (step, node) -> options(name, step, node)));
    return complaints;
  }

  private void options(String file, String step, JsonNode node) {
    String uri = node.get("uri").asText();
    if (uri.startsWith("{{") || OURS.contains(uri.split(":")[0])) {
      return;
    }
    Map<String, String> options = new HashMap<>();
    node.path("parameters")
        .fields()
        .forEachRemaining(entry -> options.put(entry.getKey(), entry.getValue().asText()));
    String scheme = uri.split(":")[0];
    if (CATALOG.componentJSonSchema(scheme) == null) {
      complaints.add(file + ": there is no component " + scheme);
      return;
    }
    try {
      if (uri.contains(":")) {
        options.putAll(CATALOG.endpointProperties(uri));
      }
      String whole = options.isEmpty() ? uri : CATALOG.asEndpointUri(scheme, options, false);
      EndpointValidationResult result =
          CATALOG.validateEndpointProperties(
              whole, false, step.equals("from"), !step.equals("from"));
      if (!result.isSuccess()) {
        complaints.add(file + ": " + result.summaryErrorMessage(false));
      }
    } catch (Exception e) {
      complaints.add(file + ": " + uri + ": " + e.getMessage());
    }
  }
}
