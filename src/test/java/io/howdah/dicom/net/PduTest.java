package io.howdah.dicom.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.howdah.dicom.Uids;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class PduTest {
  private static final Pdu.AssociateRequest REQUEST =
      new Pdu.AssociateRequest(
          1,
          "PACS",
          "CT 1",
          Uids.DICOMApplicationContext,
          List.of(
              new PresentationContext(
                  1, Objects.CT, List.of(Uids.ExplicitVRLittleEndian, Uids.ImplicitVRLittleEndian)),
              new PresentationContext(255, Uids.Verification, List.of("1.2.840.10008.1.2"))),
          new UserInformation(
              131072,
              "2.25.1",
              "V_1",
              true,
              16,
              0,
              List.of(new RoleSelection(Uids.StorageCommitmentPushModel, false, true))));

  private static ByteBuffer body(ByteBuffer pdu) {
    return pdu.slice(Pdu.HEADER, pdu.limit() - Pdu.HEADER);
  }

  private static AbortReason reason(int type, ByteBuffer body) {
    AssociationEnded e =
        catchThrowableOfType(AssociationEnded.class, () -> PduDecoder.decode(type, body));
    return ((AssociationEnd.Violated) e.end()).reason();
  }

  @Test
  void what_was_encoded_is_decoded() throws AssociationEnded {
    List<Pdu> all =
        List.of(
            REQUEST,
            new Pdu.AssociateAccept(
                1,
                "PACS",
                "CT1",
                Uids.DICOMApplicationContext,
                List.of(new ContextResult(1, 0, Uids.ExplicitVRLittleEndian)),
                REQUEST.user()),
            new Pdu.AssociateReject(RejectReason.LOCAL_LIMIT),
            new Pdu.ReleaseRequest(),
            new Pdu.ReleaseReply(),
            new Pdu.Abort(2, 6));
    for (Pdu each : all) {
      ByteBuffer bytes = PduEncoder.encode(each);
      assertThat(bytes.getInt(2)).isEqualTo(bytes.limit() - Pdu.HEADER);
      assertThat(PduDecoder.decode(bytes.get(0), body(bytes))).isEqualTo(each);
    }
  }

  @Test
  void a_request_cut_at_any_byte_never_becomes_another_one() {
    ByteBuffer whole = body(PduEncoder.encode(REQUEST));
    for (int length = 0; length < whole.limit(); length++) {
      ByteBuffer cut = whole.slice(0, length);
      try {
        assertThat(PduDecoder.decode(Pdu.ASSOCIATE_RQ, cut)).isNotEqualTo(REQUEST);
      } catch (AssociationEnded e) {
        assertThat(e.end()).isInstanceOf(AssociationEnd.Violated.class);
      }
    }
  }

  @Test
  void mutated_pdus_end_in_a_value_or_a_violation_and_soon() {
    Random random = new Random(60);
    byte[] good = new byte[body(PduEncoder.encode(REQUEST)).limit()];
    body(PduEncoder.encode(REQUEST)).get(good);
    Assertions.assertTimeout(
        Duration.ofSeconds(20),
        () -> {
          for (int round = 0; round < 100_000; round++) {
            byte[] bytes = Arrays.copyOf(good, good.length - random.nextInt(8));
            for (int flips = random.nextInt(6); flips >= 0; flips--) {
              bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
              PduDecoder.decode(1 + random.nextInt(8), ByteBuffer.wrap(bytes));
            } catch (AssociationEnded e) {
              assertThat(e.end()).isInstanceOf(AssociationEnd.Violated.class);
            }
          }
        });
  }

  @Test
  void a61_even_ids_repeated_ids_and_129_contexts_are_violations() {
    ByteBuffer even = body(PduEncoder.encode(REQUEST));
    // the first context begins after the fixed part and the application context item
    int id = 68 + 4 + Uids.DICOMApplicationContext.length() + 4;
    even.put(id, (byte) 2);
    assertThat(reason(Pdu.ASSOCIATE_RQ, even)).isEqualTo(AbortReason.INVALID_PARAMETER);

    ByteBuffer repeated = body(PduEncoder.encode(REQUEST));
    repeated.put(id, (byte) 255);
    assertThat(reason(Pdu.ASSOCIATE_RQ, repeated)).isEqualTo(AbortReason.INVALID_PARAMETER);

    List<PresentationContext> contexts = new ArrayList<>();
    for (int i = 0; i <= PresentationContext.MAX; i++) {
      contexts.add(
          new PresentationContext(
              2 * i % 256 + 1, Objects.CT, List.of(Uids.ImplicitVRLittleEndian)));
    }
    ByteBuffer many =
        body(
            PduEncoder.encode(
                new Pdu.AssociateRequest(
                    1, "A", "B", Uids.DICOMApplicationContext, contexts, REQUEST.user())));
    assertThat(reason(Pdu.ASSOCIATE_RQ, many)).isEqualTo(AbortReason.INVALID_PARAMETER);
  }

  @Test
  void a61_an_item_longer_than_its_pdu_is_a_violation() {
    ByteBuffer body = body(PduEncoder.encode(REQUEST));
    body.putShort(68 + 2, (short) 0xffff);
    assertThat(reason(Pdu.ASSOCIATE_RQ, body)).isEqualTo(AbortReason.INVALID_PARAMETER);
  }

  @Test
  void unknown_items_in_the_user_information_are_tolerated() throws AssociationEnded {
    ByteBuffer pdu = PduEncoder.encode(REQUEST);
    ByteBuffer longer = ByteBuffer.allocate(pdu.limit() + 20);
    longer.put(pdu);
    // user identity (0x58) with 16 bytes, and the user information item made longer by it
    longer.put(new byte[] {0x58, 0, 0, 16}).put(new byte[16]);
    int item = indexOfUserInformation(longer);
    longer.putShort(item + 2, (short) (longer.getShort(item + 2) + 20));
    Pdu decoded = PduDecoder.decode(Pdu.ASSOCIATE_RQ, longer.flip().position(6).slice());
    assertThat(decoded).isEqualTo(REQUEST);
  }

  private static int indexOfUserInformation(ByteBuffer pdu) {
    int at = 6 + 68;
    while (pdu.get(at) != 0x50) {
      at += 4 + (pdu.getShort(at + 2) & 0xffff);
    }
    return at;
  }

  @Test
  void command_sets_survive_the_round_trip_and_mutations() throws AssociationEnded {
    CommandSet store = RawRequestor.store(7, Objects.CT, "1.2.3");
    CommandSet decoded = CommandSet.decode(ByteBuffer.wrap(store.encode()));
    assertThat(decoded.encode()).isEqualTo(store.encode());
    assertThat(decoded.uid(CommandSet.AFFECTED_SOP_INSTANCE)).isEqualTo("1.2.3");
    assertThat(decoded.us(CommandSet.MESSAGE_ID)).isEqualTo(7);
    assertThat(decoded.hasDataSet()).isTrue();
    Random random = new Random(61);
    for (int round = 0; round < 50_000; round++) {
      byte[] bytes = store.encode();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        CommandSet.decode(ByteBuffer.wrap(bytes)).encode();
      } catch (AssociationEnded e) {
        assertThat(e.end()).isInstanceOf(AssociationEnd.Violated.class);
      }
    }
  }
}
