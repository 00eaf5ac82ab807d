package io.howdah.dicom.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.howdah.dicom.DicomReader;
import io.howdah.dicom.net.Certificates;
import io.howdah.dicom.net.Dcmtk;
import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.Objects;
import io.howdah.dicom.net.OpenCommitments;
import io.howdah.dicom.net.ReceivedFile;
import io.howdah.dicom.net.RecordingCommitments;
import io.howdah.dicom.net.Reference;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The component beside DCMTK and Orthanc, both ways. */
class DicomInteropTest {
  private static final DicomReader READER = new DicomReader();

  @TempDir Path base;
  private final CamelContext camel = new DefaultCamelContext();
  private final RecordingCommitments commitments = new RecordingCommitments();
  private ProducerTemplate template;
  private List<Instance> study;

  @BeforeEach
  void start() throws IOException {
    camel.getRegistry().bind("commitments", OpenCommitments.class, commitments);
    camel.start();
    template = camel.createProducerTemplate();
    study = Objects.study(directory("in"), 10, 200);
  }

  @AfterEach
  void stop() {
    camel.stop();
  }

  private Path directory(String name) throws IOException {
    return Files.createDirectories(base.resolve(name));
  }

  private Path log() {
    return base.resolve("log");
  }

  private static Map<String, ByteBuffer> dataSets(Path directory) throws IOException {
    Map<String, ByteBuffer> dataSets = new HashMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        Instance instance = Instance.read(each, READER).orElseThrow();
        byte[] bytes = Files.readAllBytes(each);
        ByteBuffer dataSet =
            ByteBuffer.wrap(
                Arrays.copyOfRange(bytes, (int) instance.dataSetOffset(), bytes.length));
        assertThat(dataSets.put(instance.sopInstance(), dataSet)).isNull();
      }
    }
    return dataSets;
  }

  /** A route that keeps what peers send in {@code kept}, and its port. */
  private int listening(String options) throws Exception {
    Path kept = directory("kept");
    camel.addRoutes(
        new RouteBuilder() {
          @Override
          public void configure() {
            from("dicom:server?host=127.0.0.1&port=0&peers=*@127.0.0.1&commitments=%23commitments"
                    + "&directory="
                    + base.resolve("arriving")
                    + options)
                .id("peers")
                .process(
                    exchange -> {
                      ReceivedFile file = exchange.getMessage().getBody(ReceivedFile.class);
                      Files.createLink(
                          kept.resolve(file.object().sopInstance() + ".dcm"), file.path());
                    });
          }
        });
    return ((DicomEndpoint) camel.getRoute("peers").getEndpoint()).getListeningPort();
  }

  private List<String> command(String tool, List<String> options, int port) {
    List<String> command = new ArrayList<>(List.of(tool));
    command.addAll(options);
    command.addAll(List.of("-aec", "HOWDAH", "localhost", String.valueOf(port)));
    if (!tool.equals("echoscu")) {
      study.forEach(each -> command.add(each.file().toString()));
    }
    return command;
  }

  @Test
  void what_a_route_sends_storescp_has_byte_for_byte() throws Exception {
    Dcmtk.assumeInstalled("storescp");
    Path out = directory("out");
    try (Dcmtk storescp = Dcmtk.storescp(out, log(), "+B")) {
      String peer = "host=127.0.0.1&calledAeTitle=ANY-SCP&port=" + storescp.port();
      template.sendBody("dicom:echo?" + peer, null);
      StudySent sent = template.requestBody("dicom:send?" + peer, directory("in"), StudySent.class);
      assertThat(sent.associations()).isEqualTo(1);
      assertThat(sent.outcomes()).isEqualTo(Map.of("0000", 10));
    }
    assertThat(dataSets(out)).isEqualTo(dataSets(directory("in")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"storescu", "dcmsend"})
  void what_dcmtk_sends_a_route_has_byte_for_byte(String tool) throws Exception {
    Dcmtk.assumeInstalled(tool);
    Dcmtk.assumeInstalled("echoscu");
    int port = listening("");
    assertThat(Dcmtk.run(log(), command("echoscu", List.of(), port))).isZero();
    assertThat(Dcmtk.run(log(), command(tool, List.of(), port))).isZero();
    assertThat(dataSets(directory("kept"))).isEqualTo(dataSets(directory("in")));
    assertThat(directory("arriving")).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--abort-after", "--abort-during"})
  void f60_an_abort_of_storescp_fails_the_exchange_and_says_so(String option) throws Exception {
    Dcmtk.assumeInstalled("storescp");
    try (Dcmtk storescp = Dcmtk.storescp(directory("out"), log(), option)) {
      assertThatThrownBy(
              () ->
                  template.sendBody(
                      "dicom:send?host=127.0.0.1&calledAeTitle=ANY-SCP&window=1&port="
                          + storescp.port(),
                      study))
          .cause()
          .isInstanceOf(NotAllStored.class)
          .hasMessageContaining("has 0 of 10 instances (not sent: 9, unanswered: 1)")
          .hasMessageContaining("PeerAborted");
    }
  }

  @Test
  void tls_is_a_matter_of_options_both_ways() throws Exception {
    Dcmtk.assumeInstalled("storescp");
    Dcmtk.assumeInstalled("storescu");
    Certificates certificates = Certificates.make(directory("tls"), log());
    String ours =
        "&tls=true&tlsKey="
            + certificates.key("howdah")
            + "&tlsCertificate="
            + certificates.certificate("howdah")
            + "&tlsTrust="
            + certificates.authority();
    List<String> theirs =
        List.of(
            "+tls",
            certificates.key("peer").toString(),
            certificates.certificate("peer").toString(),
            "+cf",
            certificates.authority().toString());
    Path out = directory("out");
    try (Dcmtk storescp =
        Dcmtk.storescp(
            out,
            log(),
            Stream.concat(theirs.stream(), Stream.of("-rc", "+B")).toArray(String[]::new))) {
      String peer = "dicom:send?host=localhost&calledAeTitle=ANY-SCP&port=" + storescp.port();
      template.sendBody(peer + ours, study);
      assertThatThrownBy(() -> template.sendBody(peer, study)).cause().isNotNull();
    }
    assertThat(dataSets(out)).isEqualTo(dataSets(directory("in")));
    int port = listening(ours + "&tlsMutual=true");
    assertThat(Dcmtk.run(log(), command("storescu", theirs, port))).isZero();
    assertThat(dataSets(directory("kept"))).isEqualTo(dataSets(directory("in")));
    assertThat(Dcmtk.run(log(), command("echoscu", List.of(), port))).isNotZero();
  }

  @Test
  void orthanc_takes_a_study_knows_it_and_commits_itself_to_it() throws Exception {
    Dcmtk.assumeInstalled("Orthanc");
    int back = listening("");
    int http = Dcmtk.freePort();
    int dicom = Dcmtk.freePort();
    Path configuration = base.resolve("orthanc.json");
    Files.writeString(
        configuration,
        """
        {
          "StorageDirectory": "%1$s/db", "IndexDirectory": "%1$s/db", "TemporaryDirectory": "%1$s",
          "HttpPort": %2$d, "DicomPort": %3$d, "DicomAet": "ORTHANC",
          "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "Plugins": [],
          "DicomModalities": {
            "howdah": {"AET": "HOWDAH", "Host": "127.0.0.1", "Port": %4$d, "AllowFind": true,
                       "AllowStorageCommitment": true}
          }
        }
        """
            .formatted(base, http, dicom, back));
    try (Dcmtk orthanc =
        Dcmtk.server(log(), http, List.of("/usr/sbin/Orthanc", configuration.toString()))) {
      String peer = "host=127.0.0.1&calledAeTitle=ORTHANC&port=" + dicom;
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> template.requestBody("dicom:echo?" + peer, (Object) null) != null);
      StudySent sent = template.requestBody("dicom:send?" + peer, study, StudySent.class);
      assertThat(sent.associations()).isEqualTo(1);
      assertThat(statistics(http)).contains("\"CountInstances\" : 10", "\"CountStudies\" : 1");

      List<Object> asked = new ArrayList<>(study);
      asked.add("1.2.3.4.5");
      Set<?> found =
          template.requestBodyAndHeaders(
              "dicom:find?" + peer,
              asked,
              Map.of(
                  DicomConstants.STUDY_UID, Objects.STUDY,
                  DicomConstants.SERIES_UID, Objects.SERIES),
              Set.class);
      assertThat(found).isEqualTo(Set.copyOf(study.stream().map(Instance::sopInstance).toList()));

      template.sendBodyAndHeader(
          "dicom:commit?commitments=#commitments&" + peer,
          study,
          DicomConstants.TRANSACTION_UID,
          "2.25.42");
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> commitments.committed("2.25.42").size() == study.size());
      assertThat(commitments.committed("2.25.42"))
          .contains(new Reference(Objects.SECONDARY_CAPTURE, Objects.uid(1)));
    }
  }

  private static String statistics(int port) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/statistics")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
