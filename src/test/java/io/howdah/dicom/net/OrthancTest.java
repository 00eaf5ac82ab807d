package io.howdah.dicom.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrthancTest {
  @TempDir Path base;

  private final RecordingSink sink = new RecordingSink();
  private final RecordingCommitments commitments = new RecordingCommitments();
  private AssociationServer server;
  private Dcmtk orthanc;
  private int httpPort;
  private int dicomPort;

  @BeforeEach
  void start() throws Exception {
    Dcmtk.assumeInstalled("Orthanc");
    server =
        AssociationServer.start(
            ServerSettings.of("HOWDAH", "127.0.0.1", 0, PeerList.parse("ORTHANC@127.0.0.1")),
            new Offered(Optional.of(sink), Optional.empty(), Optional.of(commitments)));
    httpPort = Dcmtk.freePort();
    dicomPort = Dcmtk.freePort();
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
            .formatted(base, httpPort, dicomPort, server.port()));
    orthanc =
        Dcmtk.server(
            base.resolve("log"), httpPort, List.of("/usr/sbin/Orthanc", configuration.toString()));
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(
            () -> get("/system").contains("ORTHANC") && sender().echo() instanceof Reply.Answered);
  }

  @AfterEach
  void stop() {
    if (orthanc != null) {
      orthanc.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private StudySender sender() {
    return new StudySender(
        new PeerAddress("127.0.0.1", dicomPort, "ORTHANC", "HOWDAH"), AssociationSettings.DEFAULT);
  }

  /**
   * A connection of its own for each call: Orthanc may close one that was kept just when it is used
   * again.
   */
  private static HttpClient fresh() {
    return HttpClient.newHttpClient();
  }

  private String get(String path) throws IOException, InterruptedException {
    return fresh()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private String post(String path, String body) throws IOException, InterruptedException {
    return fresh()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + path))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void a_study_reaches_orthanc_is_found_there_committed_and_sent_back() throws Exception {
    List<Instance> study = Objects.study(Files.createDirectory(base.resolve("in")), 20, 128);
    Map<Instance, StoreOutcome> outcomes = new HashMap<>();
    StudySender.Sent sent = sender().send(study, outcomes::put);
    assertThat(sent.associations()).isEqualTo(1);
    assertThat(outcomes.values()).hasSize(20).allMatch(StoreOutcome::stored);
    assertThat(get("/statistics")).contains("\"CountInstances\" : 20", "\"CountStudies\" : 1");

    Set<String> asked = new HashSet<>(Set.of("1.2.3.4.5"));
    study.forEach(each -> asked.add(each.sopInstance()));
    Found found = sender().find(Objects.STUDY, Objects.SERIES, asked);
    assertThat(found.complete()).isTrue();
    asked.remove("1.2.3.4.5");
    assertThat(found.sopInstances()).isEqualTo(asked);

    List<Reference> references =
        study.stream()
            .map(each -> new Reference(each.sopClass(), each.sopInstance()))
            .collect(Collectors.toList());
    Reference missing = new Reference(Objects.SECONDARY_CAPTURE, "1.2.3.4.5");
    references.add(missing);
    commitments.asked("2.25.42", "ORTHANC", references);
    assertThat(sender().requestCommitment("2.25.42", references, commitments, Duration.ZERO))
        .isEqualTo(new Reply.Answered(Status.SUCCESS));
    await().atMost(Duration.ofSeconds(20)).until(() -> commitments.failed.containsKey("2.25.42"));
    assertThat(commitments.failed).containsEntry("2.25.42", List.of(missing));
    assertThat(commitments.committed.get("2.25.42"))
        .containsExactlyInAnyOrderElementsOf(references.subList(0, 20));

    post("/modalities/howdah/store", get("/instances"));
    assertThat(sink.objects.keySet()).isEqualTo(asked);
    assertThat(post("/modalities/howdah/echo", "{}")).doesNotContain("Error");
  }
}
