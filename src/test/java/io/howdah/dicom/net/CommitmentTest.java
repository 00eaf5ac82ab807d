package io.howdah.dicom.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.dicom.Uids;
import io.howdah.dicom.net.toy.ToyPeer;
import io.howdah.dicom.net.toy.ToyScript;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitmentTest {
  private static final String TRANSACTION = "2.25.4711";
  private static final Reference ONE = new Reference(Objects.CT, "1.2.1");
  private static final Reference TWO = new Reference(Objects.CT, "1.2.2");
  private static final Reference OTHER = new Reference(Objects.CT, "1.2.3");
  private static final RoleSelection PROVIDER =
      new RoleSelection(Uids.StorageCommitmentPushModel, false, true);

  @TempDir Path directory;

  private final RecordingCommitments open =
      new RecordingCommitments().asked(TRANSACTION, "PACS", List.of(ONE, TWO));

  private static SmallDataSet report(String transaction, List<Reference> good) {
    return new SmallDataSet()
        .uid(SmallDataSet.TRANSACTION, transaction)
        .references(SmallDataSet.REFERENCED, good);
  }

  private static CommandSet event(int type) {
    return CommandSet.of(CommandField.N_EVENT_REPORT)
        .withDataSet()
        .us(CommandSet.MESSAGE_ID, 1)
        .us(CommandSet.EVENT_TYPE, type)
        .uid(CommandSet.AFFECTED_SOP_CLASS, Uids.StorageCommitmentPushModel)
        .uid(CommandSet.AFFECTED_SOP_INSTANCE, Uids.StorageCommitmentPushModelInstance);
  }

  /** What a report over the wire from a peer of this title is answered. */
  private int reported(String peer, CommandSet event, ByteBuffer dataSet) throws IOException {
    try (AssociationServer server =
            AssociationServer.start(
                ServerSettings.of("HOWDAH", "127.0.0.1", 0, PeerList.ALL),
                new Offered(Optional.empty(), Optional.empty(), Optional.of(open)));
        RawRequestor requestor = RawRequestor.connect(server.port())) {
      requestor.send(
          PduEncoder.encode(
              RawRequestor.request(
                  peer,
                  "HOWDAH",
                  List.of(PROVIDER),
                  RawRequestor.context(
                      1,
                      Uids.StorageCommitmentPushModel,
                      Uids.ExplicitVRLittleEndian,
                      Uids.ImplicitVRLittleEndian))));
      Pdu.AssociateAccept accept = requestor.accepted();
      assertThat(accept.contexts())
          .containsExactly(new ContextResult(1, 0, Uids.ImplicitVRLittleEndian));
      assertThat(accept.user().roles()).containsExactly(PROVIDER);
      requestor.message(1, event, dataSet);
      return requestor.answer().status();
    }
  }

  @Test
  void f66_a_report_on_an_association_of_the_peers_own_settles_its_request() throws IOException {
    assertThat(reported("PACS", event(1), report(TRANSACTION, List.of(ONE, TWO)).encode()))
        .isEqualTo(Status.SUCCESS);
    assertThat(open.committed).containsEntry(TRANSACTION, List.of(ONE, TWO));
    assertThat(open.failed).containsEntry(TRANSACTION, List.of());
  }

  @Test
  void f66_failures_are_told_apart_and_a_second_report_is_harmless() throws IOException {
    SmallDataSet partly =
        report(TRANSACTION, List.of(ONE)).references(SmallDataSet.FAILED, List.of(TWO));
    assertThat(reported("PACS", event(2), partly.encode())).isEqualTo(Status.SUCCESS);
    assertThat(reported("PACS", event(2), partly.encode())).isEqualTo(Status.SUCCESS);
    assertThat(open.committed).containsEntry(TRANSACTION, List.of(ONE));
    assertThat(open.failed).containsEntry(TRANSACTION, List.of(TWO));
  }

  @Test
  void a66_a_forged_report_settles_nothing() throws IOException {
    assertThat(reported("PACS", event(1), report("2.25.1", List.of(ONE)).encode()))
        .isEqualTo(Status.PROCESSING_FAILURE);
    assertThat(reported("STRANGER", event(1), report(TRANSACTION, List.of(ONE)).encode()))
        .isEqualTo(Status.NOT_AUTHORIZED);
    assertThat(reported("PACS", event(1), report(TRANSACTION, List.of(ONE, OTHER)).encode()))
        .isEqualTo(Status.PROCESSING_FAILURE);
    Reference otherClass = new Reference(Objects.SECONDARY_CAPTURE, ONE.sopInstance());
    assertThat(reported("PACS", event(1), report(TRANSACTION, List.of(otherClass)).encode()))
        .isEqualTo(Status.PROCESSING_FAILURE);
    assertThat(reported("PACS", event(1), report(TRANSACTION, List.of()).encode()))
        .isEqualTo(Status.PROCESSING_FAILURE);
    SmallDataSet both =
        report(TRANSACTION, List.of(ONE)).references(SmallDataSet.FAILED, List.of(ONE));
    assertThat(reported("PACS", event(2), both.encode())).isEqualTo(Status.PROCESSING_FAILURE);
    assertThat(reported("PACS", event(3), report(TRANSACTION, List.of(ONE)).encode()))
        .isEqualTo(Status.NO_SUCH_EVENT_TYPE);
    assertThat(
            reported(
                "PACS",
                event(1).uid(CommandSet.AFFECTED_SOP_INSTANCE, "1.2.3"),
                report(TRANSACTION, List.of(ONE)).encode()))
        .isEqualTo(Status.NO_SUCH_INSTANCE);
    assertThat(open.all()).isEmpty();
  }

  @Test
  void a66_mutated_reports_settle_nothing_that_was_not_asked() {
    Random random = new Random(66);
    byte[] good = report(TRANSACTION, List.of(ONE, TWO)).encode().array();
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = good.clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      CommitmentReport.take(event(1), ByteBuffer.wrap(bytes), "PACS", open);
    }
    open.committed.values().forEach(each -> assertThat(each).isSubsetOf(ONE, TWO));
  }

  @Test
  void items_of_undefined_length_are_read_too() {
    byte[] defined = report(TRANSACTION, List.of(ONE)).encode().array();
    byte[] item =
        new SmallDataSet()
            .uid(SmallDataSet.REFERENCED_CLASS, ONE.sopClass())
            .uid(SmallDataSet.REFERENCED_INSTANCE, ONE.sopInstance())
            .encode()
            .array();
    int sequence = defined.length - item.length - 16;
    ByteBuffer open1 =
        ByteBuffer.allocate(defined.length + 16).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    open1.put(defined, 0, sequence + 4).putInt(-1);
    open1.putInt(0xe000fffe).putInt(-1).put(item).putInt(0xe00dfffe).putInt(0);
    open1.putInt(0xe0ddfffe).putInt(0).flip();
    assertThat(CommitmentReport.take(event(1), open1, "PACS", open)).isEqualTo(Status.SUCCESS);
    assertThat(open.committed).containsEntry(TRANSACTION, List.of(ONE));
  }

  @Test
  void a_report_on_the_same_association_is_taken_and_answered() throws IOException {
    List<Instance> study = Objects.study(directory, 2, 20);
    List<Reference> references =
        List.of(
            new Reference(Objects.SECONDARY_CAPTURE, Objects.uid(1)),
            new Reference(Objects.SECONDARY_CAPTURE, Objects.uid(2)),
            new Reference(Objects.SECONDARY_CAPTURE, Objects.uid(3)));
    open.asked("2.25.5", "TOY", references);
    try (ToyPeer peer = ToyPeer.start(ToyScript.parse("associations: [{commitment: report}]"))) {
      StudySender sender =
          new StudySender(
              new PeerAddress("127.0.0.1", peer.port(), "TOY", "HOWDAH"),
              AssociationSettings.DEFAULT);
      sender.send(study, (instance, outcome) -> assertThat(outcome.stored()).isTrue());
      assertThat(sender.requestCommitment("2.25.5", references, open, Duration.ofSeconds(5)))
          .isEqualTo(new Reply.Answered(Status.SUCCESS));
      assertThat(open.committed).containsEntry("2.25.5", references.subList(0, 2));
      assertThat(open.failed).containsEntry("2.25.5", references.subList(2, 3));
    }
  }
}
