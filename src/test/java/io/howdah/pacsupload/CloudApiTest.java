package io.howdah.pacsupload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.howdah.pacsupload.UploadOutcome.Kind;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.support.CloudApi.Fault;
import io.howdah.support.CloudCertificates;
import io.howdah.support.ForwardProxy;
import io.howdah.support.MutableClock;
import io.howdah.support.PacsFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How one image is sent, and what each way of not being answered is called. */
class CloudApiTest {
  private static final String UID = "1.2.3.4";
  @TempDir Path directory;
  private final MutableClock clock = new MutableClock();
  private io.howdah.support.CloudApi server;
  private Path file;
  private byte[] bytes;
  private FileTime changed;

  @BeforeEach
  void prepare() throws Exception {
    server = io.howdah.support.CloudApi.contractA();
    bytes = PacsFixture.dicom(UID, 3_000_000);
    file = Files.write(directory.resolve("image.dcm"), bytes);
    changed = Files.getLastModifiedTime(file);
  }

  @AfterEach
  void end() {
    server.close();
  }

  private Settings.PacsUpload settings(String... more) {
    Map<String, String> environment = new HashMap<>();
    environment.put("CLOUD_API_ENDPOINT", server.endpoint().toString());
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return SettingsReader.read(
            directory, directory.resolve("config"), environment, new Properties())
        .pacsUpload();
  }

  private UploadOutcome send(String... more) throws IOException {
    try (CloudApi cloud = new CloudApi(settings(more), clock)) {
      return cloud.send(image());
    }
  }

  private LinkedImage image() {
    PendingImage pending =
        new PendingImage(UID, "A", "image.dcm", bytes.length, PacsFixture.sha256(bytes), 1);
    ClaimedImage claim =
        new ClaimedImage(
            pending, 1, 1, "", Instant.EPOCH, Optional.empty(), Optional.empty(), 0, 0);
    return new LinkedImage(new VerifiedImage(claim, file, bytes.length, changed), "message-1");
  }

  @Test
  void the_body_arrives_byte_for_byte_with_a_content_length() throws Exception {
    UploadOutcome outcome = send();
    assertThat(outcome.kind()).isEqualTo(Kind.DELIVERED);
    assertThat(server.stored()).containsEntry(UID, PacsFixture.sha256(bytes));
    assertThat(server.requests().get(0).header("Content-Length")).isNotNull();
    assertThat(server.requests().get(0).header("Authorization")).isNull();
  }

  @Test
  void an_answer_that_trickles_or_never_comes_is_given_up_at_the_deadline() throws Exception {
    for (Fault fault : List.of(Fault.TRICKLE, Fault.HANG)) {
      server.all(fault);
      long began = System.nanoTime();
      UploadOutcome outcome =
          send(
              "HOWDAH_PACS_UPLOAD_RESPONSE_TIMEOUT",
              "500ms",
              "HOWDAH_PACS_UPLOAD_MIN_RATE",
              "10MB");
      assertThat(outcome.kind())
          .as(fault.name() + ": a status that came decides, whatever becomes of the body")
          .isEqualTo(fault == Fault.TRICKLE ? Kind.DELIVERED : Kind.TRY_LATER);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
    }
  }

  @Test
  void a_verdict_that_comes_before_the_body_is_read_is_heard() throws Exception {
    server.all(Fault.EARLY_413);
    assertThat(send().kind()).isEqualTo(Kind.VERDICT);
  }

  @Test
  void a_redirect_is_not_followed_and_no_token_goes_elsewhere() throws Exception {
    server.all(Fault.STATUS_307);
    UploadOutcome outcome = send("CLOUD_API_TOKEN", "secret");
    assertThat(outcome.kind()).isEqualTo(Kind.REFUSED);
    assertThat(outcome.status()).contains(307);
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void a_server_that_asks_to_be_left_alone_is_understood() throws Exception {
    server.all(Fault.STATUS_429);
    UploadOutcome outcome = send();
    assertThat(outcome.kind()).isEqualTo(Kind.TRY_LATER);
    assertThat(outcome.retryAfter()).contains(Duration.ofSeconds(1));
    assertThat(outcome.error())
        .isEqualTo("http 429: the cloud cannot take images now: {\"error\": \"slow down\"}");
  }

  @Test
  void the_phase_of_every_kind_of_trouble_is_named() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    assertThat(send("CLOUD_API_ENDPOINT", "http://127.0.0.1:" + closed + "/").phase())
        .isEqualTo("tcp");
    assertThat(send("CLOUD_API_ENDPOINT", "http://no-such-host.invalid/").phase()).isEqualTo("dns");
    UploadOutcome tls =
        send(
            "CLOUD_API_ENDPOINT",
            server.endpoint().toString().replace("http:", "https:"),
            "HOWDAH_PACS_UPLOAD_RESPONSE_TIMEOUT",
            "500ms");
    assertThat(tls.kind()).isIn(Kind.REFUSED, Kind.TRY_LATER);
    server.all(Fault.RESET);
    UploadOutcome reset = send();
    assertThat(reset.phase()).isEqualTo("http");
    assertThat(reset.kind()).isEqualTo(Kind.TRY_LATER);
    server.all(Fault.NONE);
    Files.delete(file);
    assertThat(send().kind()).isEqualTo(Kind.STORE_TROUBLE);
  }

  @Test
  void contract_b_puts_under_the_message_id_with_a_bearer_token() throws Exception {
    server.close();
    server = io.howdah.support.CloudApi.contractB("secret");
    UploadOutcome outcome = send("CLOUD_API_CONTRACT", "v1", "CLOUD_API_TOKEN", "secret");
    assertThat(outcome.status()).contains(201);
    io.howdah.support.CloudApi.Request request = server.requests().get(0);
    assertThat(request.method()).isEqualTo("PUT");
    assertThat(request.path()).isEqualTo("/api/v1/dicom/message-1");
    assertThat(request.header("X-Source-Message-ID")).isNull();
    assertThat(send("CLOUD_API_CONTRACT", "v1", "CLOUD_API_TOKEN", "wrong").kind())
        .isEqualTo(Kind.REFUSED);
  }

  @Test
  void a_token_file_is_read_again_when_it_changes() throws Exception {
    server.close();
    server = io.howdah.support.CloudApi.contractB("new");
    Path token = Files.writeString(directory.resolve("token"), "old\n");
    try (CloudApi cloud =
        new CloudApi(
            settings("CLOUD_API_CONTRACT", "v1", "HOWDAH_PACS_UPLOAD_TOKEN_FILE", token.toString()),
            clock)) {
      assertThat(cloud.send(image()).kind()).isEqualTo(Kind.REFUSED);
      Files.writeString(token, "new\n");
      assertThat(cloud.send(image()).kind()).isEqualTo(Kind.DELIVERED);
    }
  }

  @Test
  void a_token_command_runs_once_a_minute_at_most() throws Exception {
    server.close();
    server = io.howdah.support.CloudApi.contractB("never");
    Path calls = directory.resolve("calls");
    try (CloudApi cloud =
        new CloudApi(
            settings(
                "CLOUD_API_CONTRACT",
                "v1",
                "HOWDAH_PACS_UPLOAD_TOKEN_COMMAND",
                "echo x >> " + calls + "; echo stale"),
            clock)) {
      for (int i = 0; i < 5; i++) {
        assertThat(cloud.send(image()).kind()).isEqualTo(Kind.REFUSED);
      }
    }
    assertThat(Files.readAllLines(calls)).hasSize(1);
  }

  @Test
  void a_file_changed_between_its_proof_and_its_sending_is_not_sent() throws Exception {
    Files.setLastModifiedTime(file, FileTime.fromMillis(changed.toMillis() + 1_000));
    UploadOutcome outcome = send();
    assertThat(outcome.kind()).isEqualTo(Kind.STORE_TROUBLE);
    assertThat(server.stored()).isEmpty();
  }

  @Test
  void a_certificate_that_cannot_be_trusted_is_the_endpoints_trouble_and_is_named()
      throws Exception {
    CloudCertificates certificates = CloudCertificates.make(directory.resolve("tls"));
    Map<String, SSLContext> bad =
        Map.of(
            "certification path", certificates.selfSigned("localhost"),
            "match", certificates.valid("elsewhere.example"),
            "validity", certificates.expired("localhost"));
    for (Map.Entry<String, SSLContext> one : bad.entrySet()) {
      server.close();
      server = io.howdah.support.CloudApi.contractA(0, one.getValue());
      UploadOutcome outcome =
          send("HOWDAH_PACS_UPLOAD_CA_FILE", certificates.authority().toString());
      assertThat(outcome.kind()).as(one.getKey()).isEqualTo(Kind.REFUSED);
      assertThat(outcome.phase()).isEqualTo("tls");
      assertThat(outcome.error()).contains(one.getKey());
      assertThat(server.requests()).isEmpty();
    }
    server.close();
    server = io.howdah.support.CloudApi.contractA(0, certificates.valid("localhost"));
    assertThat(send("HOWDAH_PACS_UPLOAD_CA_FILE", certificates.authority().toString()).kind())
        .isEqualTo(Kind.DELIVERED);
    assertThat(send().phase()).as("not trusted by default").isEqualTo("tls");
  }

  @Test
  void a_proxy_is_gone_through_with_its_password_and_the_clouds_certificate_is_still_verified()
      throws Exception {
    try (ForwardProxy proxy = ForwardProxy.closedTo("user:word")) {
      String through = "http://user:word@127.0.0.1:" + proxy.port();
      assertThat(send("HOWDAH_PACS_UPLOAD_PROXY", through).kind()).isEqualTo(Kind.DELIVERED);
      assertThat(proxy.asked()).hasSize(1);
      assertThat(server.requests().get(0).header("Proxy-Authorization")).isNotEqualTo("word");

      CloudCertificates certificates = CloudCertificates.make(directory.resolve("tls"));
      server.close();
      server = io.howdah.support.CloudApi.contractA(0, certificates.valid("localhost"));
      UploadOutcome outcome =
          send(
              "HOWDAH_PACS_UPLOAD_PROXY",
              through,
              "HOWDAH_PACS_UPLOAD_CA_FILE",
              certificates.authority().toString());
      assertThat(outcome.kind()).as(outcome.error()).isEqualTo(Kind.DELIVERED);
      assertThat(proxy.asked().get(1)).startsWith("CONNECT localhost:");
      assertThat(send("HOWDAH_PACS_UPLOAD_PROXY", through).phase()).isEqualTo("tls");
      assertThat(send("HOWDAH_PACS_UPLOAD_PROXY", "http://127.0.0.1:" + proxy.port()).kind())
          .as("a proxy that refuses us is the endpoint's trouble")
          .isIn(Kind.REFUSED, Kind.TRY_LATER);
    }
  }

  @Test
  void a_password_for_the_proxy_is_not_shown() {
    assertThat(
            SettingsReader.read(
                    directory,
                    directory.resolve("config"),
                    Map.of("HOWDAH_PACS_UPLOAD_PROXY", "http://user:word@proxy:3128"),
                    new Properties())
                .effective()
                .get("howdah.pacs-upload.proxy"))
        .contains("proxy:3128")
        .doesNotContain("word");
  }

  @Test
  void strict_compatibility_takes_for_success_what_the_original_takes() throws Exception {
    assertThat(send("UPLOAD_STRICT_COMPAT", "true").kind()).isEqualTo(Kind.DELIVERED);
    UploadOutcome again = send("UPLOAD_STRICT_COMPAT", "true");
    assertThat(again.status()).contains(409);
    assertThat(again.kind()).as("defect 1 comes back with it").isEqualTo(Kind.VERDICT);
    assertThat(send().kind()).isEqualTo(Kind.DELIVERED);
  }

  @Test
  void a_canary_stores_nothing_and_names_the_failing_phase() throws Exception {
    try (CloudApi cloud = new CloudApi(settings(), clock)) {
      Canary canary = new Canary(cloud, clock);
      canary.sing();
      assertThat(canary.failing()).isEmpty();
      clock.advance(Duration.ofSeconds(7));
      assertThat(canary.proven()).contains(Duration.ofSeconds(7));
      server.all(Fault.STATUS_403);
      canary.sing();
      assertThat(canary.failing()).isEqualTo("verdict");
      server.all(Fault.STATUS_500);
      canary.sing();
      assertThat(canary.failing()).isEqualTo("http");
      server.close();
      canary.sing();
      assertThat(canary.failing()).isIn("tcp", "http");
      assertThat(canary.proven()).contains(Duration.ofSeconds(7));
      assertThat(server.stored()).isEmpty();
    }
  }

  @Test
  void a_canary_names_dns_and_tls_too() throws Exception {
    assertThat(failing("http://no-such-host.invalid/")).isEqualTo("dns");
    CloudCertificates certificates = CloudCertificates.make(directory.resolve("tls"));
    server.close();
    server = io.howdah.support.CloudApi.contractA(0, certificates.expired("localhost"));
    assertThat(failing(server.endpoint().toString())).isEqualTo("tls");
  }

  private String failing(String endpoint) throws IOException {
    try (CloudApi cloud = new CloudApi(settings("CLOUD_API_ENDPOINT", endpoint), clock)) {
      Canary canary = new Canary(cloud, clock);
      canary.sing();
      assertThat(canary.proven()).isEmpty();
      return canary.failing();
    }
  }

  @Test
  void a_sites_own_outcome_table_replaces_the_packaged_one() throws Exception {
    Path own = directory.resolve("own.yaml");
    Files.writeString(
        own, "source-message-header: {delivered: [201], ambiguous: [4xx], verdict: [410-412]}\n");
    OutcomeTable table = OutcomeTable.read(own, "source-message-header");
    assertThat(table.kindOf(409, false)).isEqualTo(Kind.AMBIGUOUS);
    assertThat(table.kindOf(411, false)).isEqualTo(Kind.VERDICT);
    assertThat(table.kindOf(503, true)).isEqualTo(Kind.TRY_LATER);
    for (String wrong : List.of("delivered: [600]", "delivered: [ok]", "postponed: [201]")) {
      Files.writeString(own, "source-message-header: {" + wrong + "}\n");
      assertThatIOException()
          .isThrownBy(() -> OutcomeTable.read(own, "source-message-header"))
          .withMessageContaining("own.yaml");
    }
  }

  @Test
  void every_status_of_the_contracts_has_the_class_the_issue_gives_it() throws Exception {
    OutcomeTable a = OutcomeTable.read(directory.resolve("none"), "source-message-header");
    OutcomeTable b = OutcomeTable.read(directory.resolve("none"), "v1");
    for (int status : new int[] {200, 201, 204, 409}) {
      assertThat(a.kindOf(status, false)).isEqualTo(Kind.DELIVERED);
    }
    assertThat(b.kindOf(201, false)).isEqualTo(Kind.DELIVERED);
    for (int status : new int[] {408, 425, 429, 502, 503, 504}) {
      assertThat(a.kindOf(status, false)).isEqualTo(Kind.TRY_LATER);
      assertThat(b.kindOf(status, false)).isEqualTo(Kind.TRY_LATER);
    }
    assertThat(a.kindOf(500, false)).isEqualTo(Kind.TRY_LATER);
    assertThat(b.kindOf(500, false)).isEqualTo(Kind.AMBIGUOUS);
    for (int status : new int[] {401, 403}) {
      assertThat(a.kindOf(status, false)).isEqualTo(Kind.REFUSED);
      assertThat(b.kindOf(status, false)).isEqualTo(Kind.REFUSED);
    }
    for (int status : new int[] {400, 413, 415, 422}) {
      assertThat(a.kindOf(status, false)).isEqualTo(Kind.VERDICT);
      assertThat(b.kindOf(status, false)).isEqualTo(Kind.VERDICT);
    }
  }
}
