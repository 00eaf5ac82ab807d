package io.howdah.dicom.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.howdah.dicom.DicomReader;
import io.howdah.support.DicomFixtures;
import io.howdah.support.Exams;
import io.howdah.support.RunningGateway;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** F60: whole studies from the upload to receivers of other makers. */
class DeliveryToOthersTest {
  private static final long SEED = 55;

  @TempDir Path base;

  private RunningGateway gateway(int port, String calledAe) {
    return RunningGateway.start(
        base.resolve("gateway"),
        "howdah.destination.pacs.uri",
        "dicom:send?host=127.0.0.1&port="
            + port
            + "&callingAeTitle=HOWDAH&calledAeTitle="
            + calledAe,
        "howdah.destination.pacs.quiet-period",
        "2s",
        "howdah.destination.pacs.retry",
        "99x1s");
  }

  private static byte[] dataSet(byte[] file) throws IOException {
    int offset = (int) new DicomReader().header(new ByteArrayInputStream(file)).dataSetOffset();
    return Arrays.copyOfRange(file, offset, file.length);
  }

  @Test
  void storescp_has_a_study_whole_after_it_aborted_in_the_middle_and_went_away() throws Exception {
    Dcmtk.assumeInstalled("storescp");
    Path received = Files.createDirectory(base.resolve("received"));
    int port = Dcmtk.freePort();
    List<String> good =
        List.of("storescp", "+B", "-od", received.toString(), Integer.toString(port));
    List<String> aborting =
        List.of(
            "storescp", "--abort-during", "+B", "-od", received.toString(), Integer.toString(port));
    Exams exams = new Exams(base.resolve("gateway/data"));
    try (RunningGateway gateway = gateway(port, "STORESCP")) {
      try (Dcmtk storescp = Dcmtk.server(base.resolve("a.log"), port, aborting)) {
        Exams.upload(gateway, SEED, 1, 40);
        await()
            .atMost(Exams.LIMIT)
            .until(
                () ->
                    !exams
                        .ask("SELECT 1 FROM storage_backend_configs WHERE associations_failed > 0")
                        .isEmpty());
      }
      try (Dcmtk storescp = Dcmtk.server(base.resolve("b.log"), port, good)) {
        await()
            .atMost(Exams.LIMIT)
            .until(
                () ->
                    exams.ask("SELECT DISTINCT status FROM exam_batches").equals(List.of("SENT"))
                        && exams
                            .ask("SELECT COUNT(*) FROM delivery WHERE status = 'DELIVERED'")
                            .equals(List.of("40")));
      }
    }
    Map<String, byte[]> files = new HashMap<>();
    try (Stream<Path> all = Files.list(received)) {
      for (Path file : all.toList()) {
        byte[] bytes = Files.readAllBytes(file);
        Instance instance = Instance.read(file, new DicomReader()).orElseThrow();
        assertThat(files.put(instance.sopInstance(), dataSet(bytes))).isNull();
      }
    }
    assertThat(files).hasSize(40);
    for (int number = 1; number <= 40; number++) {
      assertThat(files.get(DicomFixtures.instanceUid(SEED, number)))
          .isEqualTo(dataSet(DicomFixtures.instance(SEED, number, 2048)));
    }
  }

  @Test
  void orthanc_counts_every_instance_once() throws Exception {
    Dcmtk.assumeInstalled("Orthanc");
    int http = Dcmtk.freePort();
    int dicom = Dcmtk.freePort();
    Path configuration = base.resolve("orthanc.json");
    Files.writeString(
        configuration,
        """
        {
          "StorageDirectory": "%1$s/db", "IndexDirectory": "%1$s/db", "TemporaryDirectory": "%1$s",
          "HttpPort": %2$d, "DicomPort": %3$d, "DicomAet": "ORTHANC", "DicomAlwaysAllowStore": true,
          "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "Plugins": []
        }
        """
            .formatted(base, http, dicom));
    Exams exams = new Exams(base.resolve("gateway/data"));
    try (Dcmtk orthanc =
            Dcmtk.server(
                base.resolve("orthanc.log"),
                dicom,
                List.of("/usr/sbin/Orthanc", configuration.toString()));
        RunningGateway gateway = gateway(dicom, "ORTHANC")) {
      Exams.upload(gateway, SEED, 1, 30);
      await()
          .atMost(Exams.LIMIT)
          .pollInterval(Duration.ofMillis(100))
          .until(
              () ->
                  exams
                      .ask("SELECT COUNT(*) FROM delivery WHERE status = 'DELIVERED'")
                      .equals(List.of("30")));
      String statistics =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + "/statistics"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      assertThat(statistics).contains("\"CountInstances\" : 30", "\"CountStudies\" : 1");
    }
  }
}
