package io.howdah.dicom.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BothEndsTest {
  @TempDir Path sent;
  @TempDir Path received;

  private AssociationServer server() throws IOException {
    return AssociationServer.start(
        ServerSettings.of("HOWDAH", "127.0.0.1", 0, PeerList.ALL),
        Offered.storage(new DirectorySink(received, false)));
  }

  private static PeerAddress address(AssociationServer server) {
    return new PeerAddress("127.0.0.1", server.port(), "HOWDAH", "TEST");
  }

  @Test
  void a_study_arrives_with_every_data_set_byte_equal() throws IOException {
    for (int window : new int[] {1, 16}) {
      try (AssociationServer server = server()) {
        List<Instance> study = Objects.study(sent, 30, 200);
        List<StoreOutcome> outcomes = new ArrayList<>();
        StudySender.Sent result =
            new StudySender(address(server), AssociationSettings.DEFAULT.withWindow(window))
                .send(study, (instance, outcome) -> outcomes.add(outcome));
        assertThat(result).isEqualTo(new StudySender.Sent(1, new AssociationEnd.Released()));
        assertThat(outcomes).hasSize(30).allMatch(StoreOutcome::stored);
        for (Instance each : study) {
          assertThat(dataSet(received.resolve(each.sopInstance() + ".dcm")))
              .isEqualTo(dataSet(each.file()));
        }
      }
    }
  }

  private static byte[] dataSet(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int offset = 144 + (bytes[140] & 0xff) + (bytes[141] & 0xff) * 256;
    return java.util.Arrays.copyOfRange(bytes, offset, bytes.length);
  }

  @Test
  void an_echo_is_answered() throws IOException {
    try (AssociationServer server = server()) {
      assertThat(new StudySender(address(server), AssociationSettings.DEFAULT).echo())
          .isEqualTo(new Reply.Answered(Status.SUCCESS));
    }
  }
}
