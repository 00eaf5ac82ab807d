package io.howdah.dicom.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.howdah.dicom.Uids;
import io.howdah.support.CapturedLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostileRequestorTest {
  private static final PresentationContext STORAGE =
      RawRequestor.context(1, Objects.SECONDARY_CAPTURE, Uids.ExplicitVRLittleEndian);
  private static final PresentationContext ECHO =
      RawRequestor.context(3, Uids.Verification, Uids.ImplicitVRLittleEndian);
  private static final ServerSettings OPEN =
      ServerSettings.of("HOWDAH", "127.0.0.1", 0, PeerList.ALL);

  private final RecordingSink sink = new RecordingSink();
  private final List<AutoCloseable> open = new ArrayList<>();
  private AssociationServer server;

  private void start(ServerSettings settings) throws IOException {
    server = AssociationServer.start(settings, Offered.storage(sink));
  }

  private RawRequestor connect() throws IOException {
    RawRequestor requestor = RawRequestor.connect(server.port());
    open.add(requestor);
    return requestor;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    if (server != null) {
      server.close(Duration.ofSeconds(2));
    }
  }

  private void aGoodRequestStillSucceeds() {
    PeerAddress address = new PeerAddress("127.0.0.1", server.port(), "HOWDAH", "TEST");
    assertThat(new StudySender(address, AssociationSettings.DEFAULT).echo())
        .isEqualTo(new Reply.Answered(Status.SUCCESS));
  }

  @ParameterizedTest
  @CsvSource({
    "STRANGER, HOWDAH, 3",
    "../../x, HOWDAH, 3",
    "'MR\u00001', HOWDAH, 3",
    "'MR\t1', HOWDAH, 3",
    "'', HOWDAH, 3",
    "MR1, OTHER, 7",
    "MR1, '', 7",
    "CT1, HOWDAH, 3"
  })
  void a60_a_peer_that_is_not_allowed_is_rejected(String calling, String called, int reason)
      throws IOException {
    start(
        ServerSettings.of("HOWDAH", "127.0.0.1", 0, PeerList.parse("MR1@127.0.0.1,CT1@10.1.2.3")));
    try (CapturedLog log = new CapturedLog("io.howdah.dicom.net")) {
      RawRequestor requestor = connect();
      requestor.send(PduEncoder.encode(RawRequestor.request(calling, called, STORAGE)));
      assertThat(requestor.read().last(3)).containsExactly(Pdu.ASSOCIATE_RJ, 1, 1, reason);
      assertThat(requestor.read()).isEqualTo(RawRequestor.Raw.CLOSED);
      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().get(0)).matches("[ -~]*");
    }
  }

  @Test
  void a60_the_log_line_names_the_setting_that_would_allow_the_peer() throws IOException {
    start(ServerSettings.of("HOWDAH", "127.0.0.1", 0, PeerList.NONE));
    try (CapturedLog log = new CapturedLog("io.howdah.dicom.net")) {
      RawRequestor requestor = connect();
      requestor.send(PduEncoder.encode(RawRequestor.request("MR1", "HOWDAH", STORAGE)));
      assertThat(requestor.read().type()).isEqualTo(Pdu.ASSOCIATE_RJ);
      assertThat(log.lines().get(0))
          .contains("MR1@127.0.0.1", "howdah.dicom.peers", "HOWDAH_DICOM_PEERS");
    }
  }

  static List<Map.Entry<byte[], Integer>> badBeginnings() {
    byte[] request = bytes(PduEncoder.encode(RawRequestor.request("T", "HOWDAH", STORAGE)));
    return List.of(
        Map.entry(header(1, 0), 6),
        Map.entry(header(1, 0xffffffffL), 6),
        Map.entry(header(1, 16L * 1024 * 1024), 6),
        Map.entry(header(1, 128 * 1024), 6),
        Map.entry(header(9, 4), 1),
        Map.entry(header('G', 0x45542f), 1),
        Map.entry(header(4, 100), 2),
        Map.entry(bytes(PduEncoder.encode(new Pdu.ReleaseRequest())), 2),
        Map.entry(header(7, 5), 6),
        Map.entry(patched(request, 6 + 68 + 2, 0xff), 6),
        Map.entry(patched(request, 6 + 68, 0x77), 4));
  }

  @ParameterizedTest
  @MethodSource("badBeginnings")
  void a61_what_is_no_association_request_is_aborted_with_its_reason(
      Map.Entry<byte[], Integer> beginning) throws IOException {
    start(OPEN);
    RawRequestor requestor = connect();
    requestor.send(beginning.getKey());
    assertThat(requestor.read().last(2)).containsExactly(Pdu.ABORT, 2, beginning.getValue());
    aGoodRequestStillSucceeds();
  }

  private static byte[] header(int type, long length) {
    return ByteBuffer.allocate(6).put((byte) type).put((byte) 0).putInt((int) length).array();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static byte[] patched(byte[] bytes, int at, int value) {
    byte[] copy = bytes.clone();
    copy[at] = (byte) value;
    return copy;
  }

  @Test
  void a61_user_information_of_64_kilobytes_is_tolerated() throws IOException {
    start(OPEN);
    byte[] request = bytes(PduEncoder.encode(RawRequestor.request("T", "HOWDAH", STORAGE)));
    int item = 6 + 68;
    while (request[item] != 0x50) {
      item += 4 + (request[item + 2] & 0xff) * 256 + (request[item + 3] & 0xff);
    }
    byte[] longer = Arrays.copyOf(request, request.length + 60_004);
    ByteBuffer edit = ByteBuffer.wrap(longer);
    edit.putInt(2, longer.length - 6);
    edit.putShort(item + 2, (short) (edit.getShort(item + 2) + 60_004));
    edit.put(request.length, (byte) 0x58).putShort(request.length + 2, (short) 60_000);
    RawRequestor requestor = connect();
    requestor.send(longer);
    assertThat(requestor.read().type()).isEqualTo(Pdu.ASSOCIATE_AC);
  }

  static List<Map.Entry<String, byte[]>> badPdusLater() {
    byte[] echo = RawRequestor.echo(1).encode();
    return List.of(
        Map.entry(
            "second request",
            bytes(PduEncoder.encode(RawRequestor.request("TEST", "HOWDAH", STORAGE)))),
        Map.entry("no fragment", header(4, 0)),
        Map.entry("4 GiB", header(4, 0xffffffffL)),
        Map.entry("above the announced size", header(4, 128 * 1024 + 1)),
        Map.entry("fragment of no length", pdata(1, 1, 3, new byte[0])),
        Map.entry("fragment past the PDU", pdata(200, 1, 3, new byte[10])),
        Map.entry("fragment of 4 GiB", pdata(-1, 1, 3, new byte[10])),
        Map.entry("data set first", pdata(12, 1, 2, new byte[10])),
        Map.entry("context not accepted", pdata(2 + echo.length, 7, 3, echo)),
        Map.entry("command of another group", pdata(10, 1, 3, new byte[] {8, 0, 0, 0, 0, 0, 0, 0})),
        Map.entry("release reply", bytes(PduEncoder.encode(new Pdu.ReleaseReply()))),
        Map.entry(
            "an answer",
            pdata(
                2 + CommandSet.answer(RawRequestor.echo(1), 0).encode().length,
                1,
                3,
                CommandSet.answer(RawRequestor.echo(1), 0).encode())));
  }

  private static byte[] pdata(int pdvLength, int context, int flags, byte[] value) {
    return ByteBuffer.allocate(12 + value.length)
        .put((byte) 4)
        .put((byte) 0)
        .putInt(6 + value.length)
        .putInt(pdvLength)
        .put((byte) context)
        .put((byte) flags)
        .put(value)
        .array();
  }

  @ParameterizedTest
  @MethodSource("badPdusLater")
  void a61_a_broken_protocol_later_is_aborted_too(Map.Entry<String, byte[]> pdu)
      throws IOException {
    start(OPEN);
    RawRequestor requestor = connect();
    requestor.associate(STORAGE, ECHO);
    requestor.send(pdu.getValue());
    assertThat(requestor.read().last(2)).startsWith(Pdu.ABORT, 2);
    aGoodRequestStillSucceeds();
  }

  private static ServerSettings hasty() {
    return OPEN.withDeadlines(Deadlines.all(Duration.ofMillis(300)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 40})
  void a62_who_opens_a_connection_and_says_too_little_is_cut_off(int bytes) throws IOException {
    start(hasty());
    RawRequestor requestor = connect();
    byte[] request = bytes(PduEncoder.encode(RawRequestor.request("T", "HOWDAH", STORAGE)));
    requestor.send(Arrays.copyOf(request, bytes));
    assertThat(requestor.read().last(2)).containsExactly(Pdu.ABORT, 2, 0);
    await().atMost(Duration.ofSeconds(5)).until(() -> server.associations() == 0);
  }

  @Test
  void a62_a_silent_association_and_half_a_pdu_are_cut_off() throws IOException {
    start(hasty());
    RawRequestor silent = connect();
    silent.associate(STORAGE);
    RawRequestor half = connect();
    half.associate(STORAGE);
    half.send(new byte[] {4, 0, 0});
    assertThat(silent.read().last(2)).containsExactly(Pdu.ABORT, 2, 0);
    assertThat(half.read().last(2)).containsExactly(Pdu.ABORT, 2, 0);
    await().atMost(Duration.ofSeconds(5)).until(() -> server.associations() == 0);
    aGoodRequestStillSucceeds();
  }

  @Test
  void a63_more_associations_than_the_cap_are_put_off_and_room_comes_back() throws Exception {
    start(OPEN.withCaps(new ServerSettings.Caps(3, 2, 8)));
    List<RawRequestor> inside = new ArrayList<>();
    for (String peer : List.of("A", "A", "B")) {
      RawRequestor requestor = connect();
      requestor.send(PduEncoder.encode(RawRequestor.request(peer, "HOWDAH", STORAGE)));
      requestor.accepted();
      inside.add(requestor);
    }
    for (String peer : List.of("A", "C")) {
      RawRequestor requestor = connect();
      requestor.send(PduEncoder.encode(RawRequestor.request(peer, "HOWDAH", STORAGE)));
      assertThat(requestor.read().last(3)).containsExactly(Pdu.ASSOCIATE_RJ, 2, 3, 2);
    }
    inside.get(2).close();
    await().atMost(Duration.ofSeconds(5)).until(() -> server.associations() == 2);
    RawRequestor sameAgain = connect();
    sameAgain.send(PduEncoder.encode(RawRequestor.request("A", "HOWDAH", STORAGE)));
    assertThat(sameAgain.read().last(3)).containsExactly(Pdu.ASSOCIATE_RJ, 2, 3, 2);
    aGoodRequestStillSucceeds();
  }

  @Test
  void a63_connections_beyond_the_handshakes_are_closed_and_the_rest_works() throws Exception {
    start(OPEN.withCaps(new ServerSettings.Caps(2, 2, 3)));
    for (int i = 0; i < 40; i++) {
      connect();
    }
    await().atMost(Duration.ofSeconds(5)).until(() -> server.turnedAway() >= 35);
    for (AutoCloseable each : open) {
      each.close();
    }
    open.clear();
    await().atMost(Duration.ofSeconds(5)).untilAsserted(this::aGoodRequestStillSucceeds);
  }

  @Test
  void a63_a_churn_of_connections_leaves_nothing_behind() throws Exception {
    start(OPEN);
    byte[] request = bytes(PduEncoder.encode(RawRequestor.request("T", "HOWDAH", STORAGE)));
    for (int i = 0; i < 500; i++) {
      try (RawRequestor brief = RawRequestor.connect(server.port())) {
        if (i % 2 == 0) {
          brief.send(request);
        }
      }
    }
    await().atMost(Duration.ofSeconds(10)).untilAsserted(this::aGoodRequestStillSucceeds);
    await().atMost(Duration.ofSeconds(10)).until(() -> server.associations() == 0);
    assertThat(
            Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().equals("dicom-association")))
        .hasSizeLessThanOrEqualTo(32 + 64);
  }

  @Test
  void a53_mutated_conversations_end_their_association_and_nothing_else() throws Exception {
    start(hasty());
    byte[] conversation = conversation();
    Random random = new Random(53);
    for (int round = 0; round < 200; round++) {
      byte[] bytes = conversation.clone();
      for (int flips = random.nextInt(8); flips >= 0; flips--) {
        // the data set's pixels are most of the bytes and the least interesting
        bytes[random.nextInt(round % 2 == 0 ? 600 : bytes.length)] = (byte) random.nextInt(256);
      }
      try (RawRequestor requestor = RawRequestor.connect(server.port())) {
        requestor.send(bytes);
      } catch (IOException e) {
        // it was cut off while it spoke, as it deserved
      }
    }
    await().atMost(Duration.ofSeconds(10)).until(() -> server.associations() == 0);
    await().atMost(Duration.ofSeconds(10)).untilAsserted(this::aGoodRequestStillSucceeds);
    assertThat(sink.calls.stream().filter("open"::equals).count())
        .isEqualTo(sink.calls.stream().filter(each -> !each.equals("open")).count());
  }

  private static byte[] conversation() throws IOException {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    all.writeBytes(bytes(PduEncoder.encode(RawRequestor.request("TEST", "HOWDAH", STORAGE, ECHO))));
    byte[] store = RawRequestor.store(1, Objects.SECONDARY_CAPTURE, "1.2.3").encode();
    all.writeBytes(pdata(2 + store.length, 1, 3, store));
    byte[] dataSet = bytes(Objects.dataSet(Objects.SECONDARY_CAPTURE, "1.2.3", 30));
    all.writeBytes(pdata(2 + dataSet.length, 1, 2, dataSet));
    byte[] echo = RawRequestor.echo(2).encode();
    all.writeBytes(pdata(2 + echo.length, 3, 3, echo));
    all.writeBytes(bytes(PduEncoder.encode(new Pdu.ReleaseRequest())));
    return all.toByteArray();
  }

  private CommandSet stored(CommandSet command, ByteBuffer dataSet) throws IOException {
    RawRequestor requestor = connect();
    requestor.associate(STORAGE, ECHO);
    requestor.message(1, command, dataSet);
    return requestor.answer();
  }

  @Test
  void a64_the_answer_comes_after_the_object_is_durable_and_repeats_its_names() throws IOException {
    start(OPEN);
    ByteBuffer dataSet = Objects.dataSet(Objects.SECONDARY_CAPTURE, "1.2.3", 100);
    CommandSet answer =
        stored(RawRequestor.store(9, Objects.SECONDARY_CAPTURE, "1.2.3"), dataSet.duplicate());
    assertThat(sink.calls).containsExactly("open", "complete");
    assertThat(answer.status()).isEqualTo(Status.SUCCESS);
    assertThat(answer.us(CommandSet.MESSAGE_ID_RESPONDED_TO)).isEqualTo(9);
    assertThat(answer.uid(CommandSet.AFFECTED_SOP_INSTANCE)).isEqualTo("1.2.3");
    byte[] file = sink.objects.get("1.2.3");
    assertThat(Arrays.copyOfRange(file, file.length - dataSet.remaining(), file.length))
        .isEqualTo(bytes(dataSet));
    assertThat(new String(file, 128, 4, StandardCharsets.US_ASCII)).isEqualTo("DICM");
  }

  @Test
  void a64_a_data_set_of_another_instance_or_class_is_answered_a900_and_kept_nowhere()
      throws IOException {
    start(OPEN);
    assertThat(
            stored(
                    RawRequestor.store(1, Objects.SECONDARY_CAPTURE, "1.2.3"),
                    Objects.dataSet(Objects.SECONDARY_CAPTURE, "1.2.4", 500))
                .status())
        .isEqualTo(Status.DATA_SET_MISMATCH);
    assertThat(
            stored(
                    RawRequestor.store(1, Objects.SECONDARY_CAPTURE, "1.2.3"),
                    Objects.dataSet(Objects.CT, "1.2.3", 10))
                .status())
        .isEqualTo(Status.DATA_SET_MISMATCH);
    assertThat(sink.calls).isEmpty();
  }

  @Test
  void a64_bytes_that_are_no_data_set_are_answered_c000() throws IOException {
    start(OPEN);
    byte[] text =
        "this is not a data set, it is prose of some length".getBytes(StandardCharsets.US_ASCII);
    assertThat(
            stored(RawRequestor.store(1, Objects.SECONDARY_CAPTURE, "1.2.3"), ByteBuffer.wrap(text))
                .status())
        .isEqualTo(Status.CANNOT_UNDERSTAND);
    assertThat(
            stored(RawRequestor.store(1, Objects.SECONDARY_CAPTURE, "1.2.3"), nested(100_000))
                .status())
        .isEqualTo(Status.CANNOT_UNDERSTAND);
    assertThat(sink.calls).isEmpty();
  }

  /** Sequences in sequences, all of undefined length, before the SOP class. */
  private static ByteBuffer nested(int depth) {
    ByteBuffer out = ByteBuffer.allocate(20 * depth).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < depth; i++) {
      out.putShort((short) 8).putShort((short) 6).put((byte) 'S').put((byte) 'Q');
      out.putShort((short) 0).putInt(-1);
      out.putShort((short) 0xfffe).putShort((short) 0xe000).putInt(-1);
    }
    return out.flip();
  }

  @Test
  void a64_a_class_that_does_not_fit_its_context_is_answered_0122() throws IOException {
    start(OPEN);
    assertThat(
            stored(
                    RawRequestor.store(1, Objects.CT, "1.2.3"),
                    Objects.dataSet(Objects.CT, "1.2.3", 10))
                .status())
        .isEqualTo(Status.SOP_CLASS_NOT_SUPPORTED);
    RawRequestor requestor = connect();
    requestor.associate(STORAGE, ECHO);
    requestor.message(
        3,
        RawRequestor.store(1, Uids.Verification, "1.2.3"),
        Objects.dataSet(Objects.CT, "1.2.3", 10));
    assertThat(requestor.answer().status()).isEqualTo(Status.SOP_CLASS_NOT_SUPPORTED);
    requestor.message(1, RawRequestor.echo(2), null);
    assertThat(requestor.answer().status()).isEqualTo(Status.SOP_CLASS_NOT_SUPPORTED);
    requestor.message(3, RawRequestor.echo(3), null);
    assertThat(requestor.answer().status()).isEqualTo(Status.SUCCESS);
    requestor.message(3, CommandSet.of(0x0010).us(CommandSet.MESSAGE_ID, 4), null);
    assertThat(requestor.answer().status()).isEqualTo(Status.UNRECOGNIZED_OPERATION);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../etc/passwd", "1..2", "", "1.2.3\\1.2.4", ".1"})
  void a64_an_instance_uid_that_is_none_is_answered_0117(String uid) throws IOException {
    start(OPEN);
    assertThat(
            stored(
                    RawRequestor.store(1, Objects.SECONDARY_CAPTURE, uid),
                    Objects.dataSet(Objects.SECONDARY_CAPTURE, "1.2.3", 10))
                .status())
        .isEqualTo(Status.INVALID_INSTANCE);
    assertThat(sink.calls).isEmpty();
  }

  @Test
  void a64_a_short_disk_a_failing_one_and_a_huge_object_are_answered_a700() throws IOException {
    start(OPEN.withTaken(OPEN.taken().withMaxObjectBytes(100_000)));
    CommandSet command = RawRequestor.store(1, Objects.SECONDARY_CAPTURE, "1.2.3");
    ByteBuffer small = Objects.dataSet(Objects.SECONDARY_CAPTURE, "1.2.3", 100);
    ByteBuffer large = Objects.dataSet(Objects.SECONDARY_CAPTURE, "1.2.3", 400);
    assertThat(stored(command, large).status()).isEqualTo(Status.OUT_OF_RESOURCES);
    assertThat(sink.calls).containsExactly("open", "discard");
    sink.refuseOpen = new StoreRefused(Status.OUT_OF_RESOURCES);
    assertThat(stored(command, small.duplicate()).status()).isEqualTo(Status.OUT_OF_RESOURCES);
    sink.refuseOpen = null;
    sink.refuseComplete = new StoreRefused(Status.DUPLICATE_INSTANCE);
    assertThat(stored(command, small.duplicate()).status()).isEqualTo(Status.DUPLICATE_INSTANCE);
    sink.failWrite = new IOException("disk");
    assertThat(stored(command, small.duplicate()).status()).isEqualTo(Status.OUT_OF_RESOURCES);
    assertThat(sink.objects).isEmpty();
    assertThat(sink.calls.stream().filter("discard"::equals)).hasSize(3);
  }

  @Test
  void a64_an_object_cut_short_is_forgotten() throws IOException {
    start(OPEN);
    RawRequestor requestor = connect();
    requestor.associate(STORAGE);
    byte[] dataSet = bytes(Objects.dataSet(Objects.SECONDARY_CAPTURE, "1.2.3", 100));
    requestor.fragment(
        1, true, true, RawRequestor.store(1, Objects.SECONDARY_CAPTURE, "1.2.3").encode());
    requestor.fragment(1, false, false, Arrays.copyOf(dataSet, 10_000));
    requestor.send(PduEncoder.encode(new Pdu.Abort(0, 0)));
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> sink.calls.equals(List.of("open", "discard")));
    aGoodRequestStillSucceeds();
  }

  @Test
  void a64_a_command_that_never_ends_is_aborted() throws IOException {
    start(OPEN);
    RawRequestor requestor = connect();
    requestor.associate(STORAGE);
    byte[] part = new byte[1024];
    for (int i = 0; i < 17; i++) {
      requestor.fragment(1, true, false, part);
    }
    assertThat(requestor.read().last(2)).containsExactly(Pdu.ABORT, 2, 6);
    aGoodRequestStillSucceeds();
  }

  @Test
  void a64_fragments_of_two_messages_mixed_are_aborted() throws IOException {
    start(OPEN);
    RawRequestor requestor = connect();
    requestor.associate(STORAGE, ECHO);
    requestor.fragment(
        1, true, true, RawRequestor.store(1, Objects.SECONDARY_CAPTURE, "1.2.3").encode());
    requestor.fragment(3, true, true, RawRequestor.echo(2).encode());
    assertThat(requestor.read().last(2)).containsExactly(Pdu.ABORT, 2, 6);
  }

  @Test
  void names_of_an_object_spread_over_many_tiny_fragments_are_found() throws IOException {
    start(OPEN);
    RawRequestor requestor = connect();
    requestor.associate(STORAGE);
    byte[] dataSet = bytes(Objects.dataSet(Objects.SECONDARY_CAPTURE, "1.2.3", 10));
    requestor.fragment(
        1, true, true, RawRequestor.store(1, Objects.SECONDARY_CAPTURE, "1.2.3").encode());
    for (int i = 0; i < dataSet.length; i += 2) {
      requestor.fragment(1, false, i + 2 >= dataSet.length, Arrays.copyOfRange(dataSet, i, i + 2));
    }
    assertThat(requestor.answer().status()).isEqualTo(Status.SUCCESS);
    assertThat(sink.objects.get("1.2.3")).endsWith(dataSet);
  }

  @Test
  void a_listener_that_stops_answers_the_request_in_work_and_aborts_the_idle() throws Exception {
    start(OPEN);
    RawRequestor idle = connect();
    idle.associate(STORAGE);
    server.close(Duration.ofSeconds(2));
    assertThat(idle.read().last(2)).containsExactly(Pdu.ABORT, 0, 0);
  }

  @Test
  void the_first_transfer_syntax_of_the_requestor_that_is_known_is_chosen() throws IOException {
    start(OPEN);
    RawRequestor requestor = connect();
    Pdu.AssociateAccept accept =
        requestor.associate(
            RawRequestor.context(
                1, Objects.CT, "1.2.3.4", "1.2.840.10008.1.2.4.70", Uids.ExplicitVRLittleEndian),
            RawRequestor.context(3, Objects.CT, "1.2.3.4"),
            RawRequestor.context(5, "1.2.3", Uids.ExplicitVRLittleEndian),
            RawRequestor.context(7, Uids.StorageCommitmentPushModel, Uids.ImplicitVRLittleEndian));
    assertThat(accept.contexts().get(0))
        .isEqualTo(new ContextResult(1, 0, "1.2.840.10008.1.2.4.70"));
    assertThat(accept.contexts()).extracting(ContextResult::result).containsExactly(0, 4, 3, 3);
  }

  @Test
  void classes_nobody_has_heard_of_are_stored_when_the_setting_says_so() throws IOException {
    start(OPEN.withTaken(OPEN.taken().withUnknownClasses()));
    RawRequestor requestor = connect();
    Pdu.AssociateAccept accept =
        requestor.associate(
            RawRequestor.context(1, "1.2.3", "1.2.3.4"),
            RawRequestor.context(3, "1.2.840.10008.5.1.4.1.2.2.1", Uids.ImplicitVRLittleEndian));
    assertThat(accept.contexts()).extracting(ContextResult::result).containsExactly(0, 3);
  }
}
