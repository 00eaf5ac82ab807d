package io.howdah.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.settings.BadSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets what on the management port, and that nothing of it is on the business port (A36). */
class ManagementPortTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path base;
  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws IOException {
    gateway = RunningGateway.start(base, Map.of());
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/hawtio",
        "/hawtio/",
        "/hawtio/index.html",
        "/hawtio/user",
        "/hawtio/jolokia",
        "/hawtio/jolokia/",
        "/hawtio/jolokia/version",
        "/hawtio/jolokia/read/java.lang:type=Memory",
        "//hawtio/jolokia",
        "/hawtio//jolokia",
        "/./hawtio/jolokia",
        "/observe/../hawtio/jolokia",
        "/observe/health/../../hawtio/jolokia/version",
        "/%68awtio/jolokia/version",
        "/hawtio/%6aolokia/version",
        "/hawtio/;x=1/jolokia",
        "/hawtio?/observe/health",
        "/sessions",
        "/sessions/",
        "/hawtio/../sessions",
      })
  void the_console_asks_for_a_password_however_its_path_is_spelt(String path) {
    var answer = gateway.get(gateway.management(path));

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).startsWith("Basic ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/HAWTIO/jolokia",
        "/hawtio%2fjolokia",
        "/hawtio;x/jolokia",
        "/hawtiox",
        "/",
        "/jolokia",
        "/q/health",
        "/q/dev",
        "/q/jolokia",
        "/observe",
        "/actuator/env",
        "/upload",
        "/status",
        "/status/1",
        "/health",
      })
  void what_is_not_the_console_health_or_metrics_is_not_there(String path) {
    assertThat(gateway.get(gateway.management(path)).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/hawtio",
        "/hawtio/",
        "/hawtio/jolokia",
        "/observe/health",
        "/observe/health/live",
        "/observe/metrics",
        "/sessions",
        "/q/health",
        "/jolokia",
      })
  void the_business_port_serves_nothing_of_it(String path) throws IOException {
    assertThat(
            gateway.get(gateway.business(path), "Authorization", gateway.password()).statusCode())
        .isEqualTo(404);
  }

  @Test
  void a_wrong_password_or_user_is_not_let_in() {
    for (String wrong :
        List.of(
            RunningGateway.basic("howdah", "howdah"),
            RunningGateway.basic("howdah", ""),
            RunningGateway.basic("admin", "admin"),
            RunningGateway.basic("", ""),
            "Basic",
            "Basic !!!",
            "Bearer howdah")) {
      assertThat(
              gateway
                  .get(gateway.management("/hawtio/jolokia/version"), "Authorization", wrong)
                  .statusCode())
          .as(wrong)
          .isEqualTo(401);
    }
  }

  @Test
  void the_password_made_at_the_first_start_lets_its_reader_in_and_only_its_owner_may_read_it()
      throws IOException {
    var answer =
        gateway.get(
            gateway.management("/hawtio/jolokia/version"), "Authorization", gateway.password());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(answer.body()).path("value").path("protocol").asText()).isNotEmpty();
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(gateway.data.resolve(Users.DEFAULT_FILE))))
        .isEqualTo("rw-------");
  }

  @Test
  void another_sites_page_can_do_nothing_with_the_password_its_visitor_has() throws IOException {
    String list = "{\"type\":\"version\"}";

    assertThat(gateway.jolokia(list).statusCode()).isEqualTo(200);
    assertThat(gateway.jolokia(list, "Origin", "http://evil.example").statusCode()).isEqualTo(403);
    assertThat(gateway.jolokia(list, "Origin", "null").statusCode()).isEqualTo(403);
    assertThat(gateway.jolokia(list, "Sec-Fetch-Site", "cross-site").statusCode()).isEqualTo(403);
    assertThat(gateway.jolokia(list, "Referer", "http://evil.example/x").statusCode())
        .isEqualTo(403);
    assertThat(gateway.jolokia(list, "Origin", gateway.management("").toString()).statusCode())
        .isEqualTo(200);
    assertThat(
            gateway
                .get(
                    gateway.management("/hawtio/jolokia/version"),
                    "Authorization",
                    gateway.password(),
                    "Sec-Fetch-Site",
                    "cross-site",
                    "Sec-Fetch-Mode",
                    "navigate")
                .statusCode())
        .isEqualTo(403);
  }

  @Test
  void jolokia_shows_everything_and_does_only_what_operators_need() throws IOException {
    String context = "org.apache.camel:context=howdah,type=context,name=\\\"howdah\\\"";
    String route = "org.apache.camel:context=howdah,type=routes,name=\\\"intake-upload\\\"";

    assertThat(status(read(route, "Description"))).isEqualTo(200);
    assertThat(status(read("java.lang:type=Memory", "HeapMemoryUsage"))).isEqualTo(200);
    assertThat(status(exec(route, "dumpRouteAsXml(boolean)", "true"))).isEqualTo(200);
    assertThat(status(exec(route, "getRouteProperties()", ""))).isEqualTo(403);

    assertThat(
            status(
                exec(
                    context,
                    "sendBody(java.lang.String,java.lang.Object)",
                    "\"seda:validate\",\"1\"")))
        .isEqualTo(403);
    assertThat(status(exec(context, "stop()", ""))).isEqualTo(403);
    assertThat(status(exec(context, "sendBody", "\"seda:validate\",\"1\""))).isEqualTo(403);
    assertThat(
            status(
                exec(
                    context,
                    "requestBody(java.lang.String,java.lang.Object)",
                    "\"direct:intake-ring\",\"1\"")))
        .isEqualTo(403);
    assertThat(status(exec(route, "updateRouteFromXml(java.lang.String)", "\"<route/>\"")))
        .isEqualTo(403);
    assertThat(
            status(
                exec("com.sun.management:type=HotSpotDiagnostic", "dumpHeap", "\"x.hprof\",true")))
        .isEqualTo(403);
    assertThat(status(exec("com.sun.management:type=DiagnosticCommand", "gcClassHistogram", "[]")))
        .isEqualTo(403);
    assertThat(
            status(
                "{\"type\":\"write\",\"mbean\":\"java.lang:type=Memory\",\"attribute\":\"Verbose\",\"value\":true}"))
        .isEqualTo(403);
  }

  private static int status(String request) throws IOException {
    JsonNode answer = JSON.readTree(gateway.jolokia(request).body());
    assertThat(answer.toString()).doesNotContain("stacktrace");
    return answer.path("status").asInt();
  }

  private static String read(String bean, String attribute) {
    return "{\"type\":\"read\",\"mbean\":\"" + bean + "\",\"attribute\":\"" + attribute + "\"}";
  }

  private static String exec(String bean, String operation, String arguments) {
    return "{\"type\":\"exec\",\"mbean\":\""
        + bean
        + "\",\"operation\":\""
        + operation
        + "\",\"arguments\":["
        + arguments
        + "]}";
  }

  @Test
  void every_route_says_in_jmx_what_it_is_for() throws Exception {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    List<String> seen = new ArrayList<>();
    for (ObjectName route :
        beans.queryNames(new ObjectName("org.apache.camel:context=howdah,type=routes,*"), null)) {
      assertThat((String) beans.getAttribute(route, "Description"))
          .as(route.getKeyProperty("name"))
          .hasSizeGreaterThan(20);
      seen.add(ObjectName.unquote(route.getKeyProperty("name")));
    }
    assertThat(seen).contains("intake-upload", "validate-claimed", "archive-claimed");
  }

  @Test
  void a_method_that_changes_things_is_refused() throws IOException {
    var request =
        HttpRequest.newBuilder(gateway.management("/hawtio/"))
            .header("Authorization", gateway.password())
            .PUT(HttpRequest.BodyPublishers.ofString("x"));

    assertThat(gateway.send(request).statusCode()).isEqualTo(405);
    assertThat(
            gateway
                .send(
                    HttpRequest.newBuilder(gateway.management("/observe/health"))
                        .POST(HttpRequest.BodyPublishers.noBody()))
                .statusCode())
        .isEqualTo(405);
  }

  @Test
  void a_body_without_end_is_cut_off() throws IOException {
    assertThat(gateway.jolokia("[" + " ".repeat(2_000_000) + "]").statusCode()).isEqualTo(413);
  }

  @Test
  void no_start_shows_the_console_to_other_machines_without_users_of_the_owners_choice(
      @TempDir Path other) {
    assertThatThrownBy(
            () -> RunningGateway.settings(other, Map.of("howdah.management.host", "0.0.0.0")))
        .isInstanceOf(BadSettings.class)
        .hasMessageContaining("howdah.management.users-file");
  }

  @Test
  void metrics_ask_for_a_password_where_other_machines_can_reach_them(@TempDir Path other)
      throws IOException {
    Path users = Files.writeString(other.resolve("users"), "user.anna = s3cret,admin\n");
    try (RunningGateway open =
        RunningGateway.start(
            other,
            Map.of(
                "howdah.management.host",
                "0.0.0.0",
                "howdah.management.users-file",
                users.toString()))) {
      assertThat(open.get(open.management("/observe/health")).statusCode()).isEqualTo(200);
      assertThat(open.get(open.management("/observe/metrics")).statusCode()).isEqualTo(401);
      assertThat(
              open.get(
                      open.management("/observe/metrics"),
                      "Authorization",
                      RunningGateway.basic("anna", "s3cret"))
                  .statusCode())
          .isEqualTo(200);
      assertThat(open.data.resolve(Users.DEFAULT_FILE)).doesNotExist();
    }
  }

  @Test
  void a_users_file_that_names_no_one_stops_the_start(@TempDir Path other) throws IOException {
    Path users = Files.writeString(other.resolve("users"), "user.anna =\n# nobody\n");

    assertThatThrownBy(
            () ->
                RunningGateway.start(
                    other, Map.of("howdah.management.users-file", users.toString())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("user.NAME = password");
  }

  @Test
  void two_ports_of_one_number_stop_the_start(@TempDir Path other) {
    assertThatThrownBy(
            () ->
                RunningGateway.settings(
                    other, Map.of("howdah.http.port", "18080", "howdah.management.port", "18080")))
        .isInstanceOf(BadSettings.class)
        .hasMessageContaining("howdah.management.port and howdah.http.port are both 18080");
  }

  @Test
  void a_management_port_in_use_stops_the_start(@TempDir Path other) throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () ->
                  RunningGateway.start(
                      other,
                      Map.of("howdah.management.port", Integer.toString(taken.getLocalPort()))))
          .hasStackTraceContaining("127.0.0.1:" + taken.getLocalPort());
    }
  }
}
