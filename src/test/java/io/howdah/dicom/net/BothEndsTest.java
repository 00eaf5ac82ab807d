package io.howdah.dicom.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BothEndsTest {
  @TempDir Path sent;
  @TempDir Path received;

  private AssociationServer server() throws IOException {
    return server(new DirectorySink(received, false));
  }

  private static AssociationServer server(StoreSink sink) throws IOException {
    return AssociationServer.start(
        ServerSettings.of("HOWDAH", "127.0.0.1", 0, PeerList.ALL), Offered.storage(sink));
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
  void within_a_window_objects_are_made_durable_side_by_side() throws IOException {
    CyclicBarrier four = new CyclicBarrier(4);
    RecordingSink sink = new RecordingSink();
    StoreSink meeting =
        (association, object) -> {
          StoreSink.Incoming incoming = sink.open(association, object);
          return new StoreSink.Incoming() {
            @Override
            public void write(ByteBuffer bytes) throws StoreRefused, IOException {
              incoming.write(bytes);
            }

            @Override
            public int complete() throws StoreRefused, IOException {
              try {
                // none is answered before four are in work
                four.await(20, TimeUnit.SECONDS);
              } catch (Exception e) {
                throw new IOException(e);
              }
              return incoming.complete();
            }

            @Override
            public void discard() {
              incoming.discard();
            }
          };
        };
    try (AssociationServer server = server(meeting)) {
      List<Instance> study = Objects.study(sent, 12, 50);
      List<StoreOutcome> outcomes = new ArrayList<>();
      new StudySender(address(server), AssociationSettings.DEFAULT.withWindow(4))
          .send(study, (instance, outcome) -> outcomes.add(outcome));
      assertThat(outcomes).hasSize(12).allMatch(StoreOutcome::stored);
      assertThat(sink.objects).hasSize(12);
    }
  }

  @Test
  void an_echo_is_answered() throws IOException {
    try (AssociationServer server = server()) {
      assertThat(new StudySender(address(server), AssociationSettings.DEFAULT).echo())
          .isEqualTo(new Reply.Answered(Status.SUCCESS));
    }
  }
}
