package io.howdah.dicom.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.dicom.Uids;
import io.howdah.support.Exams;
import io.howdah.support.RunningGateway;
import io.howdah.support.Wire;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the whole gateway answers to a C-STORE (F63, A64), not only its upper layer. */
class GatewayAnswersTest {
  private static final String CLASS = Objects.SECONDARY_CAPTURE;

  @Test
  void each_request_hears_the_status_that_is_its_due_and_only_0000_leaves_a_row(@TempDir Path base)
      throws Exception {
    try (RunningGateway gateway =
            RunningGateway.listening(
                base,
                "howdah.roles",
                "gateway",
                "howdah.dicom.peers",
                "TEST@127.0.0.1",
                "howdah.dicom.max-object-size",
                "100KB");
        RawRequestor peer = RawRequestor.connect(gateway.dicomPort())) {
      peer.associate(
          RawRequestor.context(1, CLASS, Uids.ExplicitVRLittleEndian),
          RawRequestor.context(3, Uids.Verification, Uids.ImplicitVRLittleEndian));
      assertThat(answer(peer, "1.2.3", Objects.dataSet(CLASS, "1.2.4", 10)))
          .as("another instance than its command names")
          .isEqualTo(0xA900);
      assertThat(answer(peer, "1.2.3", Objects.dataSet(Objects.CT, "1.2.3", 10)))
          .as("another class than its command names")
          .isEqualTo(0xA900);
      assertThat(answer(peer, "1.2.3", prose())).as("no data set").isEqualTo(0xC000);
      assertThat(answer(peer, "1.2.3", Objects.dataSet(CLASS, "1.2.3", 400)))
          .as("larger than there is room for")
          .isEqualTo(0xA700);
      assertThat(answer(peer, "../1", Objects.dataSet(CLASS, "1.2.3", 10)))
          .as("no instance UID")
          .isEqualTo(0x0117);
      peer.message(
          1, RawRequestor.store(1, Objects.CT, "1.2.3"), Objects.dataSet(Objects.CT, "1.2.3", 10));
      assertThat(peer.answer().status()).as("a class of no context").isEqualTo(0x0122);
      peer.message(1, RawRequestor.echo(2), null);
      assertThat(peer.answer().status()).as("an echo in a context for images").isEqualTo(0x0122);
      peer.message(3, CommandSet.of(0x0010).us(CommandSet.MESSAGE_ID, 3), null);
      assertThat(peer.answer().status()).as("C-GET").isEqualTo(0x0211);
      assertThat(answer(peer, "1.2.3", Objects.dataSet(CLASS, "1.2.3", 10))).isZero();
      assertThat(answer(peer, "1.2.3", Objects.dataSet(CLASS, "1.2.3", 10)))
          .as("the same bytes again")
          .isZero();
      assertThat(new Exams(gateway.data()).ask("SELECT original_filename FROM study"))
          .containsExactly("1.2.3.dcm");
      assertThat(RunningGateway.names(gateway.uploads())).hasSize(1);
      assertThat(RunningGateway.names(gateway.uploads().resolve(".arriving"))).isEmpty();
    }
  }

  @Test
  void a63_a_crowd_at_the_dicom_port_is_put_off_and_http_does_not_notice(@TempDir Path base)
      throws Exception {
    List<RawRequestor> crowd = new ArrayList<>();
    try (RunningGateway gateway =
        RunningGateway.listening(
            base,
            "howdah.roles",
            "gateway",
            "howdah.dicom.peers",
            "*",
            "howdah.dicom.max-associations",
            "8")) {
      long alone = quickest(gateway);
      for (int i = 0; i < 8; i++) {
        crowd.add(RawRequestor.connect(gateway.dicomPort()));
        crowd.get(i).associate(RawRequestor.context(1, CLASS, Uids.ExplicitVRLittleEndian));
      }
      RawRequestor late = RawRequestor.connect(gateway.dicomPort());
      crowd.add(late);
      late.send(
          PduEncoder.encode(
              RawRequestor.request(
                  "TEST", "HOWDAH", RawRequestor.context(1, CLASS, Uids.ExplicitVRLittleEndian))));
      assertThat(late.read().last(3)).containsExactly(Pdu.ASSOCIATE_RJ, 2, 3, 2);
      for (int i = 0; i < 200; i++) { // these say nothing
        crowd.add(RawRequestor.connect(gateway.dicomPort()));
      }
      assertThat(quickest(gateway))
          .as("10 % are allowed; a machine that others use as well needs more room")
          .isLessThan(3 * alone);
      crowd
          .get(0)
          .message(1, RawRequestor.store(1, CLASS, "1.2.3"), Objects.dataSet(CLASS, "1.2.3", 10));
      assertThat(crowd.get(0).answer().status()).as("who is in is served").isZero();
    } finally {
      for (RawRequestor one : crowd) {
        one.close();
      }
    }
  }

  /** Nanoseconds for thirty requests, each on a connection of its own; the best of some rounds. */
  private static long quickest(RunningGateway gateway) throws Exception {
    long best = Long.MAX_VALUE;
    for (int round = 0; round < 10; round++) {
      long begun = System.nanoTime();
      for (int i = 0; i < 30; i++) {
        assertThat(gateway.send(Wire.Request.of("GET", "/health")).status()).isEqualTo(200);
      }
      best = Math.min(best, System.nanoTime() - begun);
    }
    return best;
  }

  private static int answer(RawRequestor peer, String instance, ByteBuffer dataSet)
      throws Exception {
    peer.message(1, RawRequestor.store(1, CLASS, instance), dataSet);
    return peer.answer().status();
  }

  private static ByteBuffer prose() {
    return ByteBuffer.wrap(
        "this is not a data set, it is prose of some length".getBytes(StandardCharsets.US_ASCII));
  }
}
