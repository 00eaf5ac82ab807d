package io.howdah.dicom.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.dicom.DataSetBuilder;
import io.howdah.dicom.DicomWriter;
import io.howdah.dicom.Tag;
import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.Uids;
import io.howdah.support.RunningGateway;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcedureStepTest {
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private boolean failing;

  private final ProcedureSteps steps =
      new ProcedureSteps() {
        @Override
        public int create(
            AssociationInfo association, String instance, String syntax, byte[] dataSet)
            throws IOException {
          return hear("create", association, instance, dataSet);
        }

        @Override
        public int set(AssociationInfo association, String instance, String syntax, byte[] dataSet)
            throws IOException {
          return hear("set", association, instance, dataSet);
        }

        private int hear(String what, AssociationInfo association, String instance, byte[] dataSet)
            throws IOException {
          if (failing) {
            throw new IOException("disk");
          }
          heard.add(what + " " + association.callingAe() + " " + instance + " " + dataSet.length);
          return what.equals("set") && instance.equals("1.2.9")
              ? Status.NO_SUCH_INSTANCE
              : Status.SUCCESS;
        }
      };

  private static CommandSet create(String instance) {
    return CommandSet.of(CommandField.N_CREATE)
        .withDataSet()
        .us(CommandSet.MESSAGE_ID, 5)
        .uid(CommandSet.AFFECTED_SOP_CLASS, Uids.ModalityPerformedProcedureStep)
        .uid(CommandSet.AFFECTED_SOP_INSTANCE, instance);
  }

  private static CommandSet set(String instance) {
    return CommandSet.of(CommandField.N_SET)
        .withDataSet()
        .us(CommandSet.MESSAGE_ID, 6)
        .uid(CommandSet.REQUESTED_SOP_CLASS, Uids.ModalityPerformedProcedureStep)
        .uid(CommandSet.REQUESTED_SOP_INSTANCE, instance);
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count);
  }

  @Test
  void steps_are_handed_on_with_their_data_sets_and_answered() throws IOException {
    try (AssociationServer server =
            AssociationServer.start(
                ServerSettings.of("HOWDAH", "127.0.0.1", 0, PeerList.ALL),
                new Offered(Optional.empty(), Optional.of(steps), Optional.empty()));
        RawRequestor requestor = RawRequestor.connect(server.port())) {
      requestor.associate(
          RawRequestor.context(1, Uids.ModalityPerformedProcedureStep, Uids.ExplicitVRLittleEndian),
          RawRequestor.context(3, Uids.Verification, Uids.ImplicitVRLittleEndian));
      requestor.message(1, create("1.2.3"), bytes(300));
      CommandSet answer = requestor.answer();
      assertThat(answer.status()).isEqualTo(Status.SUCCESS);
      assertThat(answer.field()).isEqualTo(0x8140);
      assertThat(answer.uid(CommandSet.AFFECTED_SOP_INSTANCE)).isEqualTo("1.2.3");
      requestor.message(1, set("1.2.3"), bytes(40));
      answer = requestor.answer();
      assertThat(answer.status()).isEqualTo(Status.SUCCESS);
      assertThat(answer.uid(CommandSet.AFFECTED_SOP_INSTANCE)).isEqualTo("1.2.3");
      requestor.message(1, set("1.2.9"), bytes(40));
      assertThat(requestor.answer().status()).isEqualTo(Status.NO_SUCH_INSTANCE);
      requestor.message(1, create("../x"), bytes(40));
      assertThat(requestor.answer().status()).isEqualTo(Status.INVALID_INSTANCE);
      requestor.message(3, create("1.2.3"), bytes(40));
      assertThat(requestor.answer().status()).isEqualTo(Status.SOP_CLASS_NOT_SUPPORTED);
      requestor.message(1, create("1.2.4"), bytes(ProcedureSteps.MAX_BYTES + 2));
      assertThat(requestor.answer().status()).isEqualTo(Status.RESOURCE_LIMITATION);
      failing = true;
      requestor.message(1, create("1.2.5"), bytes(40));
      assertThat(requestor.answer().status()).isEqualTo(Status.PROCESSING_FAILURE);
    }
    assertThat(heard)
        .containsExactly("create TEST 1.2.3 300", "set TEST 1.2.3 40", "set TEST 1.2.9 40");
  }

  private static DataSetBuilder performed(String state, String... instances) {
    DataSetBuilder[] images =
        Stream.of(instances)
            .map(each -> new DataSetBuilder().put(Tag.ReferencedSOPInstanceUID, each))
            .toArray(DataSetBuilder[]::new);
    return new DataSetBuilder()
        .put(Tag.PerformedProcedureStepStatus, state)
        .sequence(
            Tag.ScheduledStepAttributesSequence,
            new DataSetBuilder().put(Tag.StudyInstanceUID, Objects.STUDY))
        .sequence(
            Tag.PerformedSeriesSequence,
            new DataSetBuilder().sequence(Tag.ReferencedImageSequence, images));
  }

  private static ByteBuffer encoded(DataSetBuilder dataSet) {
    return ByteBuffer.wrap(
        new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN).dataSet(dataSet));
  }

  @Test
  void a_gateway_counts_what_a_modality_says_it_made(@TempDir Path base) throws Exception {
    try (RunningGateway gateway =
            RunningGateway.listening(base, "howdah.dicom.peers", "*@127.0.0.1");
        RawRequestor requestor = RawRequestor.connect(gateway.dicomPort())) {
      requestor.associate(
          RawRequestor.context(
              1, Uids.ModalityPerformedProcedureStep, Uids.ExplicitVRLittleEndian));
      requestor.message(1, set("1.2.3"), encoded(performed("COMPLETED", "1.2.1")));
      assertThat(requestor.answer().status()).isEqualTo(Status.NO_SUCH_INSTANCE);
      requestor.message(1, create("1.2.3"), encoded(performed("COMPLETED")));
      assertThat(requestor.answer().status()).isEqualTo(Status.INVALID_ATTRIBUTE_VALUE);
      requestor.message(
          1,
          create("1.2.3"),
          encoded(new DataSetBuilder().put(Tag.PerformedProcedureStepStatus, "IN PROGRESS")));
      assertThat(requestor.answer().status()).isEqualTo(Status.MISSING_ATTRIBUTE);
      requestor.message(1, create("1.2.3"), encoded(performed("IN PROGRESS")));
      assertThat(requestor.answer().status()).isEqualTo(Status.SUCCESS);
      requestor.message(1, create("1.2.3"), encoded(performed("IN PROGRESS")));
      assertThat(requestor.answer().status()).isEqualTo(Status.DUPLICATE_INSTANCE);
      requestor.message(
          1, set("1.2.3"), encoded(performed("COMPLETED", "1.2.1", "1.2.2", "1.2.2")));
      assertThat(requestor.answer().status()).isEqualTo(Status.SUCCESS);
      requestor.message(1, set("1.2.3"), ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7}));
      assertThat(requestor.answer().status()).isEqualTo(Status.PROCESSING_FAILURE);
      try (Connection connection =
              DriverManager.getConnection("jdbc:sqlite:" + gateway.data().resolve("howdah.db"));
          ResultSet row =
              connection
                  .createStatement()
                  .executeQuery(
                      "SELECT study_instance_uid, state, instance_count, calling_ae"
                          + " FROM performed_procedure_step")) {
        assertThat(row.next()).isTrue();
        assertThat(List.of(row.getString(1), row.getString(2), row.getString(4)))
            .containsExactly(Objects.STUDY, "COMPLETED", "TEST");
        assertThat(row.getInt(3)).isEqualTo(2);
        assertThat(row.next()).isFalse();
      }
    }
  }
}
