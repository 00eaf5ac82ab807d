package io.howdah.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.support.RunningGateway;
import io.howdah.support.Together;
import io.howdah.support.ToyHub;
import io.howdah.support.ToyHub.Fault;
import io.howdah.support.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Contracts §2, call by call, on a gateway whose client takes the steps itself; the hub is one that
 * does what the test says.
 */
abstract class SessionApiContract {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SESSIONS = "/api/v1/visits/7/radiology/upload-sessions/";
  private static final Set<String> FIELDS =
      new TreeSet<>(
          Set.of(
              "session_id",
              "radiology_order_id",
              "file_name",
              "file_size",
              "content_type",
              "status",
              "status_display",
              "bytes_uploaded",
              "upload_progress_percent",
              "retry_count",
              "max_retries",
              "error_message",
              "error_code",
              "server_ack_received",
              "server_ack_at",
              "server_image_id",
              "metadata_uploaded",
              "metadata_uploaded_at",
              "binary_uploaded",
              "binary_uploaded_at",
              "created_at",
              "updated_at",
              "metadata",
              "checksum"));

  @TempDir Path base;
  private Path allowed;
  private ToyHub hub;
  private RunningGateway gateway;
  private int serial;

  /** The database's address; empty: SQLite. */
  abstract String database();

  @BeforeEach
  void start() throws IOException {
    allowed = Files.createDirectories(base.toRealPath().resolve("allowed"));
    hub = ToyHub.start();
    gateway =
        RunningGateway.start(
            base,
            "howdah.roles",
            "sessions",
            "howdah.db.url",
            database(),
            "howdah.sessions.allowed-paths",
            allowed.toString(),
            "howdah.sessions.max-file-size",
            "8MB",
            "howdah.sessions.max-open",
            "40",
            "howdah.sync.hub.url",
            hub.uri().toString());
  }

  @AfterEach
  void stop() {
    gateway.close();
    hub.close();
  }

  private Wire.Answer post(String path, String json) throws IOException {
    return gateway.send(Wire.Request.of("POST", SESSIONS + path).json(json));
  }

  private Wire.Answer get(String path) throws IOException {
    return gateway.send(Wire.Request.of("GET", SESSIONS + path));
  }

  private byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(++serial).nextBytes(bytes);
    return bytes;
  }

  private Path file(int size) throws IOException {
    return Files.write(allowed.resolve("image" + serial + ".dcm"), bytes(size));
  }

  private static String body(long order, Path file) {
    return JSON.createObjectNode()
        .put("radiology_order_id", order)
        .put("local_file_path", file.toString())
        .put("file_name", "image.dcm")
        .put("content_type", "application/dicom")
        .set("metadata", JSON.createObjectNode().put("view", "MLO"))
        .toString();
  }

  private JsonNode created(long order, int size) throws IOException {
    Wire.Answer answer = post("create_session/", body(order, file(size)));
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return answer.json();
  }

  private String createdId(int size) throws IOException {
    return created(123, size).get("session_id").asText();
  }

  private String synced(int size) throws IOException {
    String id = createdId(size);
    assertThat(post(id + "/upload_metadata/", "").status()).isEqualTo(200);
    assertThat(post(id + "/upload_binary/", "{}").status()).isEqualTo(200);
    return id;
  }

  private String failed() throws IOException {
    String id = createdId(100);
    hub.script((method, path) -> Optional.of(new Fault(400, "{\"detail\":\"no\"}")));
    assertThat(post(id + "/upload_metadata/", "").status()).isEqualTo(400);
    hub.script((method, path) -> Optional.empty());
    return id;
  }

  private static Set<String> fields(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static List<String> ids(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(session -> session.get("session_id").asText())
        .toList();
  }

  @Test
  void a_session_has_the_contracts_fields_and_no_others() throws IOException {
    JsonNode session = created(123, 1000);
    assertThat(fields(session)).isEqualTo(FIELDS);
    assertThat(session.get("radiology_order_id").isInt()).isTrue();
    assertThat(session.get("status").asText()).isEqualTo("QUEUED");
    assertThat(session.get("status_display").asText()).isEqualTo("Queued");
    assertThat(session.get("upload_progress_percent").textValue()).isEqualTo("0.00");
    assertThat(session.get("file_size").asInt()).isEqualTo(1000);
    assertThat(session.get("max_retries").asInt()).isEqualTo(5);
    assertThat(session.get("server_image_id").isNull()).isTrue();
    assertThat(session.get("metadata_uploaded").booleanValue()).isFalse();
    assertThat(session.get("metadata").get("view").asText()).isEqualTo("MLO");
    assertThat(session.get("created_at").asText())
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
    assertThat(session.get("checksum").asText()).matches("[0-9a-f]{64}");
    String id = session.get("session_id").asText();
    assertThat(get(id + "/").json()).isEqualTo(session);
    assertThat(get(id).json()).as("the slash is optional").isEqualTo(session);
  }

  @Test
  void the_seeds_own_example_runs_from_create_to_acknowledge() throws IOException {
    String id = createdId(3_000_000);
    JsonNode metadata = post(id + "/upload_metadata/", "").json();
    assertThat(fields(metadata))
        .containsExactlyInAnyOrder("session_id", "status", "metadata_uploaded", "next_step");
    assertThat(metadata.get("status").asText()).isEqualTo("METADATA_UPLOADED");
    assertThat(metadata.get("next_step").asText()).isEqualTo("upload_binary");
    JsonNode binary =
        post(id + "/upload_binary/", "{\"resume_from\": 0, \"chunk_size\": 1048576}").json();
    assertThat(fields(binary))
        .containsExactlyInAnyOrder(
            "session_id", "status", "binary_uploaded", "progress_percent", "image_id");
    assertThat(binary.get("status").asText()).isEqualTo("SYNCED");
    assertThat(binary.get("progress_percent").textValue()).isEqualTo("100.00");
    assertThat(hub.of(id).orElseThrow().received()).isEqualTo(3_000_000);
    assertThat(hub.of(id).orElseThrow().metadata())
        .containsEntry("visit_id", "7")
        .containsEntry("radiology_order_id", "123")
        .containsEntry("metadata", "{\"view\":\"MLO\"}");
    assertThat(binary.get("image_id").asLong()).isEqualTo(hub.image(id).orElseThrow());
    Wire.Answer wrong = post(id + "/acknowledge/", "{\"server_image_id\": 1}");
    assertThat(wrong.status()).as("A26: the hub says another image").isEqualTo(400);
    assertThat(fields(wrong.json())).containsExactly("error");
    long image = hub.image(id).orElseThrow();
    Wire.Answer done = post(id + "/acknowledge/", "{\"server_image_id\": " + image + "}");
    assertThat(done.status()).isEqualTo(200);
    assertThat(fields(done.json()))
        .containsExactlyInAnyOrder("session_id", "status", "ack_received", "safe_to_delete_local");
    assertThat(done.json().get("safe_to_delete_local").booleanValue()).isTrue();
    Wire.Answer again = post(id + "/acknowledge", "{\"server_image_id\": " + image + "}");
    assertThat(again.body()).as("A26: repeated").isEqualTo(done.body());
    assertThat(post(id + "/acknowledge", "{\"server_image_id\": 1}").status()).isEqualTo(400);
    JsonNode session = get(id).json();
    assertThat(session.get("server_image_id").asLong()).isEqualTo(image);
    assertThat(session.get("server_ack_received").booleanValue()).isTrue();
    assertThat(session.get("upload_progress_percent").asText()).isEqualTo("100.00");
    assertThat(get(id + "/audit/").json()).hasSize(7);
  }

  @Test
  void field_errors_are_told_by_field() throws IOException {
    JsonNode empty = post("create_session/", "{}").json();
    assertThat(fields(empty))
        .containsExactlyInAnyOrder("radiology_order_id", "local_file_path", "file_name");
    assertThat(empty.get("file_name").get(0).asText()).isEqualTo("This field is required.");
    String path = file(10).toString();
    for (String[] wrong :
        new String[][] {
          {"radiology_order_id", "\"x\""},
          {"radiology_order_id", "1.5"},
          {"radiology_order_id", "9223372036854775808"},
          {"radiology_order_id", "-1"},
          {"radiology_order_id", "null"},
          {"file_name", "\"" + "x".repeat(256) + "\""},
          {"file_name", "\"a\\u0000b\""},
          {"file_name", "7"},
          {"file_name", "\"\\ud800\""},
          {"content_type", "\"" + "x".repeat(101) + "\""},
          {"metadata", "[]"},
          {"metadata", "\"x\""},
          {"metadata", "{\"a\":\"" + "x".repeat(3000) + "\"}"},
          {"priority", "10"},
          {"manifest", "{\"manifest_id\":\"../x\"}"}
        }) {
      com.fasterxml.jackson.databind.node.ObjectNode body =
          JSON.createObjectNode()
              .put("radiology_order_id", 1)
              .put("local_file_path", path)
              .put("file_name", "a.dcm");
      body.putRawValue(wrong[0], new com.fasterxml.jackson.databind.util.RawValue(wrong[1]));
      Wire.Answer answer = post("create_session/", body.toString());
      assertThat(answer.status()).as(wrong[0] + " " + answer.body()).isEqualTo(400);
      assertThat(fields(answer.json())).containsExactly(wrong[0]);
      assertThat(answer.json().get(wrong[0]).isArray()).isTrue();
    }
    String id = createdId(10);
    assertThat(fields(post(id + "/acknowledge/", "{}").json())).containsExactly("server_image_id");
    assertThat(fields(post(id + "/upload_binary/", "{\"chunk_size\": 1023}").json()))
        .containsExactly("chunk_size");
    for (String wrong : List.of("-1", "11", "\"x\"", "9223372036854775808")) {
      assertThat(fields(post(id + "/upload_binary/", "{\"resume_from\": " + wrong + "}").json()))
          .as("A20: " + wrong)
          .containsExactly("resume_from");
    }
  }

  @Test
  void a_body_that_is_no_json_object_is_answered_400() throws IOException {
    for (String body :
        List.of(
            "{",
            "[]",
            "7",
            "{\"a\":1,\"a\":2}",
            "{} {}",
            "[".repeat(100_000),
            "{\"radiology_order_id\":NaN}")) {
      Wire.Answer answer = post("create_session/", body);
      assertThat(answer.status())
          .as("A12: " + body.substring(0, Math.min(20, body.length())))
          .isEqualTo(400);
      assertThat(fields(answer.json())).containsExactly("detail");
    }
  }

  @Test
  void equal_bytes_for_an_order_are_one_session() throws IOException {
    Path file = file(2000);
    Wire.Answer first = post("create_session/", body(1, file));
    Wire.Answer second = post("create_session/", body(1, file));
    assertThat(first.status()).isEqualTo(201);
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.json()).isEqualTo(first.json());
    assertThat(post("create_session/", body(2, file)).status()).as("another order").isEqualTo(201);
    Wire.Answer elsewhere =
        gateway.send(
            Wire.Request.of("POST", "/api/v1/visits/8/radiology/upload-sessions/create_session/")
                .json(body(1, file)));
    assertThat(elsewhere.status())
        .as("A23: another visit is told nothing of the session")
        .isEqualTo(409);
    assertThat(elsewhere.body()).doesNotContain(first.json().get("session_id").asText());
    assertThat(RunningGateway.names(base.resolve("data/sessions"))).hasSize(2);
  }

  @Test
  void bytes_may_come_in_the_request() throws IOException {
    byte[] bytes = bytes(300_000);
    Wire.Form form =
        new Wire.Form()
            .field("radiology_order_id", "55")
            .field("metadata", "{\"view\":\"CC\"}")
            .file("file", "../../etc/x.dcm", bytes);
    Wire.Request request =
        Wire.Request.of("POST", SESSIONS + "create_session/")
            .with("Content-Type", "multipart/form-data; boundary=" + Wire.Form.BOUNDARY)
            .body(form.bytes());
    Wire.Answer answer = gateway.send(request);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    assertThat(answer.json().get("file_size").asInt()).isEqualTo(300_000);
    assertThat(answer.json().get("metadata").get("view").asText()).isEqualTo("CC");
    assertThat(gateway.send(request).status()).as("the same again").isEqualTo(200);
    String id = answer.json().get("session_id").asText();
    post(id + "/upload_metadata/", "");
    post(id + "/upload_binary/", "");
    assertThat(hub.of(id).orElseThrow().bytes()).isEqualTo(bytes);
    gateway.leavesNoTemporaryFile();
    Wire.Answer nothing =
        gateway.send(
            Wire.Request.of("POST", SESSIONS + "create_session/")
                .with("Content-Type", "multipart/form-data; boundary=" + Wire.Form.BOUNDARY)
                .body(new Wire.Form().file("file", "x.dcm", bytes).bytes()));
    assertThat(fields(nothing.json())).containsExactly("radiology_order_id");
  }

  @Test
  void a_body_that_is_cut_short_makes_no_session_and_leaves_no_file() throws Exception {
    Wire.Request request =
        Wire.Request.of("POST", SESSIONS + "create_session/")
            .with("Content-Type", "multipart/form-data; boundary=" + Wire.Form.BOUNDARY)
            .body(
                new Wire.Form()
                    .field("radiology_order_id", "9")
                    .file("file", "x.dcm", bytes(200_000))
                    .bytes());
    int head = request.head().length;
    byte[] all = request.bytes();
    for (int length : new int[] {head + 1, head + 100_000, all.length - 1}) {
      for (boolean reset : new boolean[] {true, false}) {
        try (Wire wire = gateway.wire()) {
          wire.send(all, 0, length);
          if (reset) {
            wire.reset();
          } else {
            wire.finish();
          }
        }
      }
    }
    gateway.leavesNoTemporaryFile();
    assertThat(get("").json().get("count").asInt()).as("F40").isZero();
    assertThat(RunningGateway.names(base.resolve("data/sessions"))).isEmpty();
    assertThat(gateway.send(request).status()).as("and whole it is taken").isEqualTo(201);
    assertThat(gateway.send(request).status()).as("F41: an answer that got lost").isEqualTo(200);
  }

  @Test
  void more_unfinished_sessions_than_allowed_are_refused_until_one_ends() throws IOException {
    String first = createdId(10);
    for (int i = 1; i < 40; i++) {
      createdId(10);
    }
    Wire.Answer refused = post("create_session/", body(1, file(10)));
    assertThat(refused.status()).as("A13").isEqualTo(429);
    assertThat(refused.headers()).containsKey("retry-after");
    assertThat(post(first + "/cancel/", "").status()).isEqualTo(200);
    assertThat(post("create_session/", body(1, file(10))).status()).isEqualTo(201);
  }

  @Test
  void lists_are_paged_filtered_and_newest_first() throws IOException {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 23; i++) {
      made.add(0, created(i < 20 ? 1 : 2, 50).get("session_id").asText());
    }
    JsonNode page = get("").json();
    assertThat(fields(page)).containsExactlyInAnyOrder("count", "next", "previous", "results");
    assertThat(page.get("count").asInt()).isEqualTo(23);
    assertThat(ids(page.get("results"))).isEqualTo(made.subList(0, 20));
    assertThat(page.get("previous").isNull()).isTrue();
    assertThat(page.get("next").asText()).startsWith("http://").endsWith("page=2");
    JsonNode second = get("?page=2").json();
    assertThat(ids(second.get("results"))).isEqualTo(made.subList(20, 23));
    assertThat(second.get("next").isNull()).isTrue();
    assertThat(second.get("previous").asText()).endsWith("page=1");
    assertThat(get("?radiology_order_id=2&status=QUEUED").json().get("count").asInt()).isEqualTo(3);
    assertThat(get("?status=FAILED").json().get("count").asInt()).isZero();
    for (String wrong : List.of("3", "0", "-1", "x", "99999999999")) {
      Wire.Answer answer = get("?page=" + wrong);
      assertThat(answer.status()).as("page " + wrong).isEqualTo(404);
      assertThat(answer.json().get("detail").asText()).isEqualTo("Invalid page.");
    }
    assertThat(fields(get("?status=NOWHERE").json())).containsExactly("status");
    assertThat(get("?radiology_order_id=1%27%20OR%201=1").status()).as("A73").isEqualTo(400);
    assertThat(get("pending/?radiology_order_id=2").json()).hasSize(3);
    assertThat(get("pending").json()).hasSize(23);
    for (String list : List.of("", "pending/", "failed/")) {
      Wire.Answer answer =
          gateway.send(
              Wire.Request.of("GET", SESSIONS + list)
                  .with("radiology_order_id", "x")
                  .with("status", "x")
                  .with("page", "x"));
      assertThat(answer.status()).as("headers to " + list).isEqualTo(200);
    }
    assertThat(get("failed/").json()).isEmpty();
  }

  @Test
  void a_failed_session_is_listed_and_may_be_retried_five_times() throws IOException {
    String id = failed();
    JsonNode failed = get("failed/?radiology_order_id=123").json();
    assertThat(ids(failed)).containsExactly(id);
    assertThat(failed.get(0).get("error_code").asText()).isEqualTo("METADATA_UPLOAD_ERROR");
    assertThat(failed.get(0).get("error_message").asText()).contains("400");
    assertThat(get("pending/").json()).isEmpty();
    for (int i = 1; i <= 5; i++) {
      Wire.Answer retried = post(id + "/retry/", "");
      assertThat(retried.status()).isEqualTo(200);
      assertThat(retried.json().get("status").asText()).isEqualTo("QUEUED");
      assertThat(retried.json().get("retry_count").asInt()).isEqualTo(i);
      assertThat(retried.json().get("error_code").asText()).isEmpty();
      hub.script((method, path) -> Optional.of(new Fault(422, "{\"code\":\"NOT_DICOM\"}")));
      post(id + "/upload_metadata/", "");
    }
    assertThat(get(id).json().get("error_code").asText()).isEqualTo("NOT_DICOM");
    Wire.Answer sixth = post(id + "/retry/", "");
    assertThat(sixth.status()).as("A28: the sixth").isEqualTo(400);
    assertThat(sixth.body()).isEqualTo("{\"error\":\"Session cannot be retried\"}");
  }

  @Test
  void of_a_hundred_retries_at_once_one_wins() throws IOException {
    String id = failed();
    AtomicInteger won = new AtomicInteger();
    Together.run(
        20,
        thread -> {
          for (int i = 0; i < 5; i++) {
            if (post(id + "/retry/", "").status() == 200) {
              won.incrementAndGet();
            }
          }
        });
    assertThat(won).as("A28").hasValue(1);
    assertThat(get(id).json().get("retry_count").asInt()).isEqualTo(1);
  }

  @Test
  void what_a_state_does_not_allow_is_answered_409_and_changes_nothing() throws IOException {
    String id = createdId(100);
    JsonNode before = get(id).json();
    assertThat(post(id + "/acknowledge/", "{\"server_image_id\": 1}").status())
        .as("A25")
        .isEqualTo(409);
    assertThat(post(id + "/upload_binary/", "").status()).isEqualTo(409);
    assertThat(post(id + "/retry/", "").body())
        .isEqualTo("{\"error\":\"Session cannot be retried\"}");
    assertThat(gateway.send(Wire.Request.of("DELETE", SESSIONS + id + "/")).status())
        .as("A25")
        .isEqualTo(405);
    assertThat(gateway.send(Wire.Request.of("PUT", SESSIONS + id + "/").json("{}")).status())
        .isEqualTo(405);
    assertThat(get(id).json()).isEqualTo(before);
    String done = synced(100);
    assertThat(post(done + "/retry/", "").status()).as("A25: retry while SYNCED").isEqualTo(400);
    post(done + "/acknowledge/", "{\"server_image_id\": " + image(done) + "}");
    assertThat(post(done + "/upload_binary/", "").status())
        .as("A25: upload after ACK")
        .isEqualTo(409);
    assertThat(post(done + "/upload_metadata/", "").status()).isEqualTo(409);
    Wire.Answer cancelled = post(id + "/cancel/", "");
    assertThat(cancelled.json().get("status").asText()).isEqualTo("CANCELLED");
    assertThat(post(id + "/cancel/", "").status()).isEqualTo(409);
    assertThat(post(id + "/upload_metadata/", "").status()).isEqualTo(409);
    assertThat(get(id + "/audit/").json()).hasSize(2);
  }

  /** The toy hub gives an image when it is asked for a receipt. */
  private long image(String id) throws IOException {
    post(id + "/acknowledge/", "{\"server_image_id\": 0}");
    return hub.image(id).orElseThrow();
  }

  @Test
  void a_session_of_another_visit_is_as_unknown_as_none() throws IOException {
    String id = createdId(100);
    for (String path : List.of("", "/audit/", "/progress/")) {
      Wire.Answer foreign =
          gateway.send(
              Wire.Request.of("GET", "/api/v1/visits/8/radiology/upload-sessions/" + id + path));
      Wire.Answer unknown = get("00000000-0000-4000-8000-000000000000" + path);
      assertThat(foreign.status()).as("A27").isEqualTo(404);
      assertThat(foreign.body()).isEqualTo(unknown.body()).isEqualTo("{\"detail\":\"Not found.\"}");
    }
    for (String call : List.of("upload_metadata", "upload_binary", "retry", "cancel")) {
      assertThat(
              gateway
                  .send(
                      Wire.Request.of(
                              "POST",
                              "/api/v1/visits/8/radiology/upload-sessions/" + id + "/" + call + "/")
                          .json("{}"))
                  .status())
          .as("A27: " + call)
          .isEqualTo(404);
    }
    assertThat(id)
        .as("122 random bits")
        .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  }

  @Test
  void only_regular_files_below_allowed_folders_are_ever_opened() throws Exception {
    Path secret = Files.writeString(base.resolve("secret"), "secret");
    Path inside = file(100);
    Files.createSymbolicLink(allowed.resolve("link.dcm"), secret);
    Files.createSymbolicLink(allowed.resolve("loop"), allowed.resolve("loop"));
    Files.createSymbolicLink(allowed.resolve("out"), base);
    Files.createSymbolicLink(allowed.resolve("in"), inside);
    Files.createDirectory(allowed.resolve("folder"));
    assertThat(new ProcessBuilder("mkfifo", allowed.resolve("fifo").toString()).start().waitFor())
        .isZero();
    Files.createDirectories(base.resolve("allowed-not"));
    Files.writeString(base.resolve("allowed-not/x"), "x");
    List<String> refused =
        List.of(
            "/etc/passwd",
            "//host/x",
            "\\\\\\\\host\\\\x",
            "http://169.254.169.254/",
            "file://" + inside,
            "/dev/zero",
            allowed + "/link.dcm",
            allowed + "/loop",
            allowed + "/out/secret",
            allowed + "/in",
            allowed + "/fifo",
            allowed + "/folder",
            allowed + "/../secret",
            allowed + "/./" + inside.getFileName(),
            allowed.toString(),
            allowed + "/nothing",
            base.toRealPath() + "/allowed-not/x",
            "image1.dcm",
            "/",
            "~/x",
            allowed + "/folder/../" + inside.getFileName());
    Set<String> answers = new TreeSet<>();
    for (String path : refused) {
      Wire.Answer answer =
          post(
              "create_session/",
              "{\"radiology_order_id\":1,\"file_name\":\"x\",\"local_file_path\":\""
                  + path
                  + "\"}");
      assertThat(answer.status()).as("A24: " + path + " " + answer.body()).isEqualTo(400);
      assertThat(fields(answer.json())).as("A24: " + path).containsExactly("local_file_path");
      answers.add(answer.body());
    }
    assertThat(answers).as("the answer does not tell which files exist").hasSize(1);
    assertThat(RunningGateway.names(base.resolve("data/sessions"))).isEmpty();
    assertThat(post("create_session/", body(1, inside)).status())
        .as("and this one is taken")
        .isEqualTo(201);
    Files.writeString(inside, "changed afterwards");
    Path large = Files.write(allowed.resolve("large"), new byte[8 * 1024 * 1024 + 1]);
    assertThat(fields(post("create_session/", body(1, large)).json()))
        .containsExactly("local_file_path");
    assertThat(
            fields(
                post("create_session/", body(1, Files.createFile(allowed.resolve("empty"))))
                    .json()))
        .containsExactly("local_file_path");
  }

  @Test
  void a_path_swapped_while_it_is_opened_never_leads_out() throws Exception {
    Path secret = Files.write(base.resolve("secret"), new byte[4711]);
    Path inside = file(100);
    Path name = allowed.resolve("swapped");
    AtomicInteger stop = new AtomicInteger();
    Thread swapper =
        new Thread(
            () -> {
              while (stop.get() == 0) {
                try {
                  Files.deleteIfExists(name);
                  Files.createSymbolicLink(name, secret);
                  Files.deleteIfExists(name);
                  Files.copy(inside, name);
                } catch (IOException e) {
                  // the next round
                }
              }
            });
    swapper.start();
    try {
      for (int i = 0; i < 200; i++) {
        Wire.Answer answer = post("create_session/", body(1000 + i, name));
        if (answer.status() < 400) {
          assertThat(answer.json().get("file_size").asInt()).as("A24").isNotEqualTo(4711);
        }
      }
    } finally {
      stop.set(1);
      swapper.join();
    }
  }

  @Test
  void while_the_hub_is_away_a_step_costs_the_session_nothing() throws IOException {
    String id = createdId(100);
    int port = hub.port();
    hub.close();
    for (int i = 0; i < 3; i++) {
      Wire.Answer answer = post(id + "/upload_metadata/", "");
      assertThat(answer.status()).as(answer.body()).isEqualTo(503);
      assertThat(answer.headers()).containsKey("retry-after");
    }
    assertThat(get(id).json().get("status").asText()).isEqualTo("QUEUED");
    assertThat(get(id).json().get("retry_count").asInt()).isZero();
    hub = ToyHub.start(port);
    assertThat(post(id + "/upload_metadata/", "").status()).isEqualTo(200);
  }

  @Test
  void a_foreign_hub_gives_no_receipt_so_the_client_acknowledges_and_the_copy_stays()
      throws IOException {
    hub.isForeign();
    String id = synced(5000);
    Wire.Answer answer = post(id + "/acknowledge/", "{\"server_image_id\": 456}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().get("status").asText()).isEqualTo("ACK_RECEIVED");
    assertThat(answer.json().get("safe_to_delete_local").booleanValue())
        .as("no receiver told a digest")
        .isFalse();
  }

  @Test
  void what_became_of_the_copy_is_noticed_before_a_byte_is_sent() throws IOException {
    String gone = createdId(100);
    for (String name : RunningGateway.names(base.resolve("data/sessions"))) {
      Files.delete(base.resolve("data/sessions").resolve(name));
    }
    assertThat(post(gone + "/upload_metadata/", "").status()).isEqualTo(400);
    assertThat(get(gone).json().get("error_code").asText()).isEqualTo("LOCAL_FILE_MISSING");
    String flipped = createdId(200);
    for (String name : RunningGateway.names(base.resolve("data/sessions"))) {
      Path copy = base.resolve("data/sessions").resolve(name);
      byte[] bytes = Files.readAllBytes(copy);
      bytes[77] ^= 1;
      Files.write(copy, bytes);
    }
    assertThat(post(flipped + "/upload_metadata/", "").status()).isEqualTo(400);
    assertThat(get(flipped).json().get("error_code").asText()).isEqualTo("CHECKSUM_MISMATCH");
    assertThat(get(flipped).body()).doesNotContain(base.toString());
    assertThat(hub.uploads()).isZero();
  }

  @Test
  void progress_is_told_in_percent_rate_and_time() throws IOException {
    String id = synced(2_000_000);
    JsonNode progress = get(id + "/progress/").json();
    assertThat(progress.get("progress_percent").asText()).isEqualTo("100.00");
    assertThat(progress.get("bytes_total").asInt()).isEqualTo(2_000_000);
    assertThat(progress.get("seconds_remaining").asInt()).isZero();
    assertThat(get(createdId(10) + "/progress").json().get("seconds_remaining").isNull()).isTrue();
  }

  @Test
  void the_openapi_document_is_served() throws IOException {
    Wire.Answer answer =
        gateway.send(Wire.Request.of("GET", "/api/v1/upload-sessions/openapi.yaml"));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().get("content-type")).startsWith("application/yaml");
    assertThat(answer.body().getBytes(StandardCharsets.UTF_8))
        .isEqualTo(Files.readAllBytes(Path.of("src/main/resources/openapi/upload-sessions.yaml")));
  }
}
