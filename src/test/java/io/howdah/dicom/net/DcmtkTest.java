package io.howdah.dicom.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.dicom.DicomReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DcmtkTest {
  private static final AssociationSettings SYNCHRONOUS = AssociationSettings.DEFAULT.withWindow(1);

  private static final DicomReader READER = new DicomReader();

  @TempDir Path base;

  @BeforeAll
  static void dcmtkIsInstalled() {
    Dcmtk.assumeInstalled("storescp");
    Dcmtk.assumeInstalled("storescu");
    Dcmtk.assumeInstalled("dcmsend");
    Dcmtk.assumeInstalled("echoscu");
  }

  private Path directory(String name) throws IOException {
    return Files.createDirectories(base.resolve(name));
  }

  private Path log() {
    return base.resolve("log");
  }

  private static StudySender sender(int port, AssociationSettings settings) {
    return new StudySender(new PeerAddress("127.0.0.1", port, "ANY-SCP", "TEST"), settings);
  }

  private static Map<Integer, StoreOutcome> outcomes(StudySender sender, List<Instance> study) {
    Map<Integer, StoreOutcome> outcomes = new HashMap<>();
    sender.send(study, (instance, outcome) -> outcomes.put(study.indexOf(instance) + 1, outcome));
    return outcomes;
  }

  private AssociationServer server(Path out) throws IOException {
    return AssociationServer.start(
        ServerSettings.of("HOWDAH", "127.0.0.1", 0, PeerList.ALL),
        Offered.storage(new DirectorySink(out, true)));
  }

  /** The data sets in a directory by their SOP instance. */
  private static Map<String, ByteBuffer> dataSets(Path directory) throws IOException {
    Map<String, ByteBuffer> dataSets = new HashMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        Instance instance = Instance.read(each, READER).orElseThrow();
        byte[] bytes = Files.readAllBytes(each);
        dataSets.put(
            instance.sopInstance(),
            ByteBuffer.wrap(
                Arrays.copyOfRange(bytes, (int) instance.dataSetOffset(), bytes.length)));
      }
    }
    return dataSets;
  }

  @Test
  void what_we_send_storescp_has_byte_for_byte() throws Exception {
    List<Instance> study = Objects.study(directory("in"), 20, 256);
    Path out = directory("out");
    try (Dcmtk storescp = Dcmtk.storescp(out, log(), "+B")) {
      assertThat(outcomes(sender(storescp.port(), AssociationSettings.DEFAULT), study).values())
          .hasSize(20)
          .allMatch(StoreOutcome::stored);
    }
    assertThat(dataSets(out)).isEqualTo(dataSets(directory("in")));
  }

  /** The public objects whose meta information names class, instance and encoding. */
  private static List<Instance> publicObjects() throws IOException {
    Path shared =
        Stream.of(System.getenv("HOWDAH_SHARED"), "../shared", "../../shared")
            .filter(java.util.Objects::nonNull)
            .map(each -> Path.of(each).resolve("data/dicom/files"))
            .filter(Files::isDirectory)
            .findFirst()
            .orElse(null);
    assumeTrue(shared != null, "the public test objects are not beside the project");
    Map<String, Instance> instances = new HashMap<>();
    try (Stream<Path> files = Files.list(shared)) {
      for (Path each : files.sorted().toList()) {
        Instance.read(each, READER)
            .ifPresent(instance -> instances.putIfAbsent(instance.sopInstance(), instance));
      }
    }
    return new ArrayList<>(instances.values());
  }

  @Test
  void objects_in_every_encoding_go_out_to_storescp_unchanged() throws Exception {
    Path out = directory("out");
    List<Instance> objects = publicObjects();
    List<Instance> accepted = new ArrayList<>();
    try (Dcmtk storescp = Dcmtk.storescp(out, log(), "+B", "+xa", "-pm")) {
      Map<Integer, StoreOutcome> outcomes = outcomes(sender(storescp.port(), SYNCHRONOUS), objects);
      outcomes.forEach(
          (number, outcome) -> {
            assertThat(outcome)
                .isInstanceOfAny(StoreOutcome.Stored.class, StoreOutcome.ContextNotAccepted.class);
            if (outcome.stored()) {
              accepted.add(objects.get(number - 1));
            }
          });
    }
    assertThat(accepted).hasSizeGreaterThan(20);
    Map<String, ByteBuffer> received = dataSets(out);
    for (Instance each : accepted) {
      byte[] bytes = Files.readAllBytes(each.file());
      byte[] dataSet = Arrays.copyOfRange(bytes, (int) each.dataSetOffset(), bytes.length);
      ByteBuffer there = received.get(each.sopInstance());
      // a deflated data set of odd length gets its padding on the way
      assertThat(there.slice(0, dataSet.length)).isEqualTo(ByteBuffer.wrap(dataSet));
      assertThat(there.remaining() - dataSet.length).isBetween(0, 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"storescu", "dcmsend"})
  void what_dcmtk_sends_we_have_byte_for_byte(String tool) throws Exception {
    List<Instance> study = Objects.study(directory("in"), 20, 256);
    Path out = directory("out");
    try (AssociationServer server = server(out)) {
      List<String> command =
          new ArrayList<>(
              List.of(tool, "-aec", "HOWDAH", "127.0.0.1", String.valueOf(server.port())));
      study.forEach(each -> command.add(each.file().toString()));
      assertThat(Dcmtk.run(log(), command)).isZero();
      assertThat(server.accepted()).isEqualTo(1);
    }
    assertThat(dataSets(out)).isEqualTo(dataSets(directory("in")));
    try (Stream<Path> files = Files.list(out)) {
      for (Path each : files.toList()) {
        assertThat(Dcmtk.run(log(), List.of("dcmdump", each.toString()))).isZero();
      }
    }
  }

  @Test
  void objects_in_every_encoding_come_in_unchanged_from_dcmsend() throws Exception {
    Path out = directory("out");
    List<Instance> objects = publicObjects();
    List<String> command = new ArrayList<>(List.of("dcmsend", "-aec", "HOWDAH"));
    command.addAll(List.of("--decompress-never", "--no-halt", "--no-illegal-proposal"));
    try (AssociationServer server = server(out)) {
      command.addAll(List.of("127.0.0.1", String.valueOf(server.port())));
      objects.forEach(each -> command.add(each.file().toString()));
      Dcmtk.run(log(), command);
      assertThat(server.accepted()).isBetween(1L, 3L);
    }
    assertThat(dataSets(out)).hasSizeGreaterThan(20);
  }

  @Test
  void echoes_are_answered_both_ways() throws Exception {
    try (AssociationServer server = server(directory("out"));
        Dcmtk storescp = Dcmtk.storescp(directory("out"), log())) {
      assertThat(
              Dcmtk.run(
                  log(),
                  List.of("echoscu", "-aec", "HOWDAH", "127.0.0.1", String.valueOf(server.port()))))
          .isZero();
      assertThat(sender(storescp.port(), AssociationSettings.DEFAULT).echo())
          .isEqualTo(new Reply.Answered(Status.SUCCESS));
    }
  }

  @Test
  void a_peer_that_is_not_allowed_sees_a_rejection() throws Exception {
    try (AssociationServer server =
        AssociationServer.start(
            ServerSettings.of("HOWDAH", "127.0.0.1", 0, PeerList.NONE),
            Offered.storage(new RecordingSink()))) {
      List<String> command =
          List.of("echoscu", "-aec", "HOWDAH", "127.0.0.1", String.valueOf(server.port()));
      assertThat(Dcmtk.run(log(), command)).isNotZero();
      assertThat(Files.readString(log())).contains("Calling AE Title Not Recognized");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--abort-after", "--abort-during"})
  void f60_an_abort_of_storescp_leaves_its_instance_unanswered(String option) throws Exception {
    List<Instance> study = Objects.study(directory("in"), 3, 256);
    try (Dcmtk storescp = Dcmtk.storescp(directory("out"), log(), option)) {
      Map<Integer, StoreOutcome> outcomes = outcomes(sender(storescp.port(), SYNCHRONOUS), study);
      assertThat(outcomes.get(1)).isInstanceOf(StoreOutcome.Unanswered.class);
      assertThat(((StoreOutcome.Unanswered) outcomes.get(1)).end())
          .isInstanceOf(AssociationEnd.PeerAborted.class);
      assertThat(outcomes.get(2)).isInstanceOf(StoreOutcome.NotSent.class);
      assertThat(outcomes.get(3)).isInstanceOf(StoreOutcome.NotSent.class);
    }
  }

  @Test
  void f61_a_storescp_that_sleeps_is_left_by_the_deadline() throws Exception {
    List<Instance> study = Objects.study(directory("in"), 2, 100);
    try (Dcmtk storescp = Dcmtk.storescp(directory("out"), log(), "--sleep-during", "3")) {
      AssociationSettings hasty =
          SYNCHRONOUS.withDeadlines(Deadlines.DEFAULT.withResponse(Duration.ofMillis(300)));
      assertThat(outcomes(sender(storescp.port(), hasty), study).get(1))
          .isEqualTo(new StoreOutcome.Unanswered(new AssociationEnd.TimedOut(Phase.RESPONSE)));
    }
  }

  @Test
  void f62_a_storescp_that_refuses_is_a_rejection() throws Exception {
    try (Dcmtk storescp = Dcmtk.storescp(directory("out"), log(), "--refuse")) {
      Reply reply = sender(storescp.port(), SYNCHRONOUS).echo();
      assertThat(((Reply.Ended) reply).end()).isInstanceOf(AssociationEnd.Rejected.class);
    }
  }

  @Test
  void a_class_storescp_does_not_take_is_named_and_the_rest_arrives() throws Exception {
    List<Instance> study = new ArrayList<>(Objects.study(directory("in"), 3, 100));
    Instance second = study.get(1);
    study.set(
        1,
        new Instance(
            second.file(),
            second.sopClass(),
            second.sopInstance(),
            "1.2.840.10008.1.2.4.70",
            second.dataSetOffset()));
    Path out = directory("out");
    try (Dcmtk storescp = Dcmtk.storescp(out, log())) {
      Map<Integer, StoreOutcome> outcomes = outcomes(sender(storescp.port(), SYNCHRONOUS), study);
      assertThat(outcomes.get(1).stored()).isTrue();
      assertThat(outcomes.get(2)).isInstanceOf(StoreOutcome.ContextNotAccepted.class);
      assertThat(outcomes.get(3).stored()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"false, false", "true, false", "true, true"})
  void tls_works_both_ways_with_dcmtk(boolean mutual, boolean pkcs12) throws Exception {
    Certificates certificates = Certificates.make(directory("tls"), log());
    TlsProfile profile = certificates.settings("howdah", mutual, pkcs12).load();
    List<Instance> study = Objects.study(directory("in"), 5, 200);
    Path out = directory("out");
    List<String> tls =
        List.of(
            "+tls",
            certificates.key("peer").toString(),
            certificates.certificate("peer").toString(),
            "+cf",
            certificates.authority().toString());
    try (Dcmtk storescp =
        Dcmtk.storescp(
            out,
            log(),
            Stream.concat(tls.stream(), Stream.of(mutual ? "-rc" : "-ic", "+B"))
                .toArray(String[]::new))) {
      PeerAddress address =
          new PeerAddress(
              "localhost", storescp.port(), "ANY-SCP", "TEST", java.util.Optional.of(profile));
      for (int window : new int[] {1, 16}) {
        assertThat(
                outcomes(
                        new StudySender(address, AssociationSettings.DEFAULT.withWindow(window)),
                        study)
                    .values())
            .hasSize(5)
            .allMatch(StoreOutcome::stored);
      }
    }
    assertThat(dataSets(out)).isEqualTo(dataSets(directory("in")));

    RecordingSink sink = new RecordingSink();
    try (AssociationServer server =
        AssociationServer.start(
            ServerSettings.of("HOWDAH", "127.0.0.1", 0, PeerList.ALL).withTls(profile),
            Offered.storage(sink))) {
      List<String> command = new ArrayList<>(List.of("storescu"));
      command.addAll(tls);
      command.addAll(List.of("-aec", "HOWDAH", "localhost", String.valueOf(server.port())));
      study.forEach(each -> command.add(each.file().toString()));
      assertThat(Dcmtk.run(log(), command)).isZero();
      assertThat(sink.objects).hasSize(5);
      assertThat(
              Dcmtk.run(
                  log(),
                  List.of("echoscu", "-aec", "HOWDAH", "127.0.0.1", String.valueOf(server.port()))))
          .isNotZero();
    }
  }

  @Test
  void a35_a_certificate_of_a_stranger_or_for_another_host_is_not_believed() throws Exception {
    Certificates ours = Certificates.make(directory("ours"), log());
    Certificates theirs = Certificates.make(directory("theirs"), log());
    TlsProfile serving = theirs.settings("peer", false, false).load();
    try (AssociationServer server =
        AssociationServer.start(
            ServerSettings.of("HOWDAH", "127.0.0.1", 0, PeerList.ALL).withTls(serving),
            Offered.storage(new RecordingSink()))) {
      assertThat(echo(server, "localhost", ours)).isInstanceOf(Reply.Ended.class);
      assertThat(echo(server, "127.0.0.1", theirs)).isInstanceOf(Reply.Ended.class);
      assertThat(echo(server, "localhost", theirs)).isEqualTo(new Reply.Answered(Status.SUCCESS));
    }
  }

  @Test
  void an_encrypted_key_is_read_and_an_empty_trust_store_is_refused() throws Exception {
    Certificates certificates = Certificates.make(directory("tls"), log());
    assertThat(certificates.encrypted().load()).isNotNull();
    // Java reads no certificate from a PKCS #12 file that openssl made without -jdktrust
    assertThatThrownBy(() -> certificates.trusting("ca.p12").load())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ca.p12");
  }

  private static Reply echo(AssociationServer server, String host, Certificates trusted)
      throws IOException {
    return new StudySender(
            new PeerAddress(
                host,
                server.port(),
                "HOWDAH",
                "TEST",
                java.util.Optional.of(trusted.settings("howdah", false, false).load())),
            AssociationSettings.DEFAULT)
        .echo();
  }
}
