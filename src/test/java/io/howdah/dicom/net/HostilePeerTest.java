package io.howdah.dicom.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.dicom.Uids;
import io.howdah.dicom.net.toy.ToyPeer;
import io.howdah.dicom.net.toy.ToyScript;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostilePeerTest {
  private static final AssociationSettings SYNCHRONOUS = AssociationSettings.DEFAULT.withWindow(1);
  private static final AssociationSettings HASTY =
      SYNCHRONOUS.withDeadlines(Deadlines.all(Duration.ofMillis(300)));

  @TempDir Path directory;

  private static ToyPeer toy(String yaml) throws IOException {
    return ToyPeer.start(ToyScript.parse(yaml));
  }

  private static StudySender sender(ToyPeer peer, AssociationSettings settings) {
    return new StudySender(new PeerAddress("127.0.0.1", peer.port(), "TOY", "TEST"), settings);
  }

  /** Outcomes by number of the instance, each told once. */
  private static Map<Integer, StoreOutcome> outcomes(StudySender sender, List<Instance> study) {
    Map<Integer, StoreOutcome> outcomes = new HashMap<>();
    sender.send(
        study,
        (instance, outcome) ->
            assertThat(outcomes.put(study.indexOf(instance) + 1, outcome)).isNull());
    assertThat(outcomes).hasSize(study.size());
    return outcomes;
  }

  private Map<Integer, StoreOutcome> outcomes(String yaml, int count, AssociationSettings settings)
      throws IOException {
    try (ToyPeer peer = toy(yaml)) {
      return outcomes(sender(peer, settings), Objects.study(directory, count, 20));
    }
  }

  @Test
  void f63_every_status_is_told_for_the_instance_it_was_given_to() throws IOException {
    for (AssociationSettings settings : List.of(SYNCHRONOUS, AssociationSettings.DEFAULT)) {
      Map<Integer, StoreOutcome> outcomes =
          outcomes(
              "window: 4\n"
                  + "associations: [{store: {2: A700, 3: A900, 4: C000, 5: B000, 6: B006, 7: B007,"
                  + " 8: '0122', 9: '0124', 10: '0211', 11: '0111', 12: '0110'}}]",
              13,
              settings);
      assertThat(outcomes)
          .containsEntry(1, new StoreOutcome.Stored())
          .containsEntry(2, new StoreOutcome.Refused(0xA700, ""))
          .containsEntry(3, new StoreOutcome.Refused(0xA900, ""))
          .containsEntry(4, new StoreOutcome.Refused(0xC000, ""))
          .containsEntry(5, new StoreOutcome.StoredWithWarning(0xB000))
          .containsEntry(6, new StoreOutcome.StoredWithWarning(0xB006))
          .containsEntry(7, new StoreOutcome.StoredWithWarning(0xB007))
          .containsEntry(8, new StoreOutcome.Refused(0x0122, ""))
          .containsEntry(9, new StoreOutcome.Refused(0x0124, ""))
          .containsEntry(10, new StoreOutcome.Refused(0x0211, ""))
          .containsEntry(11, new StoreOutcome.Refused(0x0111, ""))
          .containsEntry(12, new StoreOutcome.Refused(0x0110, ""))
          .containsEntry(13, new StoreOutcome.Stored());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "wrong-message-id, C-STORE-RSP to no open request",
    "wrong-context, presentation context not accepted",
    "wrong-instance, C-STORE-RSP for another instance",
    "wrong-kind, message other than C-STORE-RSP",
    "without-status, C-STORE-RSP without status",
    "giant, command fragments",
    "garbage, PDU type 72"
  })
  void a65_a_wrong_answer_is_no_success_and_ends_the_association(String act, String what)
      throws IOException {
    Map<Integer, StoreOutcome> outcomes =
        outcomes("associations: [{store: {2: " + act + "}}]", 4, SYNCHRONOUS);
    assertThat(outcomes.get(1).stored()).isTrue();
    assertThat(outcomes.get(2)).isInstanceOf(StoreOutcome.Unanswered.class);
    AssociationEnd end = ((StoreOutcome.Unanswered) outcomes.get(2)).end();
    assertThat(end).isInstanceOf(AssociationEnd.Violated.class);
    assertThat(((AssociationEnd.Violated) end).what()).isEqualTo(what);
    assertThat(outcomes)
        .containsEntry(3, new StoreOutcome.NotSent(end))
        .containsEntry(4, new StoreOutcome.NotSent(end));
  }

  @Test
  void a65_an_answer_before_the_data_set_is_no_success() throws IOException {
    // larger than what one write takes, so that the answer comes before the last fragment
    List<Instance> study = List.of(Objects.instance(directory, 1, 4000));
    try (ToyPeer peer = toy("associations: [{otherwise: early}]")) {
      assertThat(outcomes(sender(peer, SYNCHRONOUS), study).get(1))
          .isInstanceOf(StoreOutcome.Unanswered.class);
    }
  }

  @Test
  void a65_a_second_answer_changes_nothing_told_and_ends_the_association() throws IOException {
    Map<Integer, StoreOutcome> outcomes =
        outcomes("associations: [{store: {2: twice}}]", 4, SYNCHRONOUS);
    assertThat(outcomes.get(1).stored()).isTrue();
    assertThat(outcomes.get(2).stored()).isTrue();
    assertThat(outcomes.get(3).stored()).isFalse();
    assertThat(outcomes.get(4).stored()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"abort", "abort-during", "close", "reset", "silent", "stall", "half", "release"})
  void an_instance_without_answer_is_not_stored_and_the_rest_not_sent(String act)
      throws IOException {
    Map<Integer, StoreOutcome> outcomes =
        outcomes("associations: [{store: {2: " + act + "}}]", 3, HASTY);
    assertThat(outcomes.get(1)).isEqualTo(new StoreOutcome.Stored());
    assertThat(outcomes.get(2)).isInstanceOf(StoreOutcome.Unanswered.class);
    assertThat(outcomes.get(3)).isInstanceOf(StoreOutcome.NotSent.class);
    AssociationEnd end = ((StoreOutcome.Unanswered) outcomes.get(2)).end();
    switch (act) {
      case "abort", "abort-during" ->
          assertThat(end).isEqualTo(new AssociationEnd.PeerAborted(0, 0));
      case "close", "reset" -> assertThat(end).isInstanceOf(AssociationEnd.Lost.class);
      case "release" -> assertThat(end).isEqualTo(new AssociationEnd.Released());
      case "half" -> assertThat(end).isEqualTo(new AssociationEnd.TimedOut(Phase.PDU));
      default -> assertThat(end).isEqualTo(new AssociationEnd.TimedOut(Phase.RESPONSE));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"answer-and-reset", "answer-and-close"})
  void an_answer_counts_although_the_peer_leaves_after_it(String act) throws IOException {
    Map<Integer, StoreOutcome> outcomes =
        outcomes("associations: [{store: {2: " + act + "}}]", 3, HASTY);
    assertThat(outcomes.get(2)).isEqualTo(new StoreOutcome.Stored());
    assertThat(outcomes.get(3).stored()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "silent, ASSOCIATE",
    "stall, ASSOCIATE",
    "half, ASSOCIATE",
  })
  void f61_silence_instead_of_an_acceptance_ends_by_its_deadline(String act, Phase phase)
      throws IOException {
    AssociationEnd end = new AssociationEnd.TimedOut(phase);
    assertThat(outcomes("associations: [{associate: " + act + "}]", 2, HASTY))
        .containsEntry(1, new StoreOutcome.NotSent(end))
        .containsEntry(2, new StoreOutcome.NotSent(end));
  }

  @Test
  void f61_a_peer_that_stops_reading_ends_the_write_by_its_deadline() throws IOException {
    // more than the buffers of both sockets hold
    List<Instance> study = List.of(Objects.instance(directory, 1, 4000));
    try (ToyPeer peer = toy("associations: [{associate: answer, otherwise: abort-during}]");
        StoppedReader stopped = new StoppedReader()) {
      StudySender sender =
          new StudySender(new PeerAddress("127.0.0.1", stopped.port(), "TOY", "TEST"), HASTY);
      assertThat(outcomes(sender, study))
          .containsEntry(1, new StoreOutcome.Unanswered(new AssociationEnd.TimedOut(Phase.WRITE)));
      assertThat(outcomes(sender(peer, HASTY), study))
          .containsEntry(1, new StoreOutcome.Unanswered(new AssociationEnd.PeerAborted(0, 0)));
    }
  }

  @Test
  void f61_silence_at_release_changes_no_outcome() throws IOException {
    for (String act : List.of("silent", "abort", "close", "reset", "garbage")) {
      try (ToyPeer peer = toy("associations: [{release: " + act + "}]")) {
        List<StoreOutcome> outcomes = new ArrayList<>();
        StudySender.Sent sent =
            sender(peer, HASTY)
                .send(
                    Objects.study(directory, 2, 20), (instance, outcome) -> outcomes.add(outcome));
        assertThat(outcomes).hasSize(2).allMatch(StoreOutcome::stored);
        assertThat(sent.end()).isNotInstanceOf(AssociationEnd.Released.class);
      }
    }
  }

  @Test
  void f62_a_rejection_tells_whether_it_may_pass() throws IOException {
    Map<Integer, StoreOutcome> transients =
        outcomes("associations: [{associate: 'reject 2,3,2'}]", 1, SYNCHRONOUS);
    AssociationEnd.Rejected rejected =
        (AssociationEnd.Rejected) ((StoreOutcome.NotSent) transients.get(1)).end();
    assertThat(rejected.reason().mayPass()).isTrue();
    Map<Integer, StoreOutcome> permanent =
        outcomes("associations: [{associate: 'reject 1,1,7'}]", 1, SYNCHRONOUS);
    assertThat(permanent)
        .containsEntry(
            1, new StoreOutcome.NotSent(new AssociationEnd.Rejected(RejectReason.CALLED_AE)));
  }

  @Test
  void f62_a_class_that_is_refused_fails_its_own_instances_only() throws IOException {
    List<Instance> study = new ArrayList<>(Objects.study(directory, 3, 20));
    Instance second = study.get(1);
    study.set(
        1,
        new Instance(
            second.file(),
            Objects.CT,
            second.sopInstance(),
            second.transferSyntax(),
            second.dataSetOffset()));
    try (ToyPeer peer = toy("associations: [{accepts: [" + Objects.SECONDARY_CAPTURE + "]}]")) {
      Map<Integer, StoreOutcome> outcomes = outcomes(sender(peer, SYNCHRONOUS), study);
      assertThat(outcomes.get(1).stored()).isTrue();
      assertThat(outcomes.get(2))
          .isEqualTo(
              new StoreOutcome.ContextNotAccepted(Objects.CT, Uids.ExplicitVRLittleEndian, 3));
      assertThat(outcomes.get(3).stored()).isTrue();
      assertThat(peer.storeRequests()).isEqualTo(2);
    }
  }

  @Test
  void nothing_at_the_port_is_a_value_too() throws IOException {
    int port = Dcmtk.freePort();
    StudySender sender =
        new StudySender(new PeerAddress("127.0.0.1", port, "TOY", "TEST"), SYNCHRONOUS);
    assertThat(sender.echo()).isInstanceOf(Reply.Ended.class);
    assertThat(((Reply.Ended) sender.echo()).end()).isInstanceOf(AssociationEnd.Lost.class);
    assertThat(
            new StudySender(new PeerAddress("no.such.host.invalid", 104, "A", "B"), HASTY).echo())
        .isInstanceOf(Reply.Ended.class);
  }

  @Test
  void a_file_that_cannot_be_read_costs_nothing_but_itself() throws IOException {
    List<Instance> study = Objects.study(directory, 3, 20);
    Files.delete(study.get(1).file());
    try (ToyPeer peer = toy("associations: [{}]")) {
      Map<Integer, StoreOutcome> outcomes = outcomes(sender(peer, SYNCHRONOUS), study);
      assertThat(outcomes.get(1).stored()).isTrue();
      assertThat(outcomes.get(2)).isInstanceOf(StoreOutcome.Unreadable.class);
      assertThat(outcomes.get(3).stored()).isTrue();
      assertThat(peer.associations()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "7, 1", "50, 1", "199, 1", "1, 16", "7, 16", "50, 16", "199, 16"})
  void f60_after_an_abort_at_instance_k_the_rest_alone_is_sent_again(int k, int window)
      throws IOException {
    List<Instance> study = Objects.study(directory, 200, 20);
    for (String act : List.of("abort", "abort-during")) {
      try (ToyPeer peer =
          toy("window: " + window + "\nassociations: [{store: {" + k + ": " + act + "}}, {}]")) {
        StudySender sender = sender(peer, AssociationSettings.DEFAULT.withWindow(window));
        Set<Instance> left = new LinkedHashSet<>(study);
        Map<Integer, StoreOutcome> first = outcomes(sender, study);
        for (int number = 1; number < k; number++) {
          assertThat(first.get(number)).isEqualTo(new StoreOutcome.Stored());
        }
        assertThat(first.get(k))
            .isEqualTo(new StoreOutcome.Unanswered(new AssociationEnd.PeerAborted(0, 0)));
        first.forEach(
            (number, outcome) -> {
              if (outcome.stored()) {
                left.remove(study.get(number - 1));
              }
            });
        assertThat(left).hasSize(200 - k + 1);
        Map<Integer, StoreOutcome> second = outcomes(sender, new ArrayList<>(left));
        assertThat(second.values()).allMatch(StoreOutcome::stored);
        assertThat(peer.associations()).isEqualTo(2);
        assertThat(peer.kept()).hasSize(200);
        assertThat(peer.storeRequests()).isEqualTo(201);
        assertThat(peer.kept().values().stream().filter(copies -> copies.size() > 1).count())
            .isEqualTo(act.equals("abort") ? 1 : 0);
      }
    }
  }

  @Test
  void more_than_128_contexts_take_a_second_association() throws IOException {
    List<Instance> study = new ArrayList<>();
    for (int i = 1; i <= 130; i++) {
      Instance each = Objects.instance(directory, i, 10);
      study.add(
          new Instance(
              each.file(),
              "1.2.840.10008.5.1.4.1.1." + i,
              each.sopInstance(),
              each.transferSyntax(),
              each.dataSetOffset()));
    }
    try (ToyPeer peer = toy("associations: [{}]")) {
      assertThat(outcomes(sender(peer, SYNCHRONOUS), study).values())
          .allMatch(StoreOutcome::stored);
      assertThat(peer.associations()).isEqualTo(2);
    }
  }

  @Test
  void a_preflight_tells_what_would_be_refused_and_sends_nothing() throws IOException {
    try (ToyPeer peer = toy("associations: [{accepts: []}]")) {
      StudySender.Preflight preflight =
          sender(peer, SYNCHRONOUS).preflight(Objects.study(directory, 2, 20));
      assertThat(preflight.end()).isEqualTo(new AssociationEnd.Released());
      assertThat(preflight.contexts()).hasSize(1).noneMatch(NegotiatedContext::accepted);
      assertThat(peer.storeRequests()).isZero();
    }
  }

  @Test
  void a_query_finds_what_the_peer_kept_although_it_gave_no_answer() throws IOException {
    List<Instance> study = Objects.study(directory, 3, 20);
    try (ToyPeer peer = toy("associations: [{store: {2: close}}, {}]")) {
      StudySender sender = sender(peer, SYNCHRONOUS);
      assertThat(outcomes(sender, study).get(2).stored()).isFalse();
      Found found =
          sender.find(Objects.STUDY, "", Set.of(Objects.uid(1), Objects.uid(2), Objects.uid(3)));
      assertThat(found.complete()).isTrue();
      assertThat(found.sopInstances()).containsExactlyInAnyOrder(Objects.uid(1), Objects.uid(2));
    }
  }

  @Test
  void abort_from_another_thread_ends_a_call_in_progress() throws Exception {
    try (ToyPeer peer = toy("associations: [{otherwise: silent}]")) {
      Opening opening =
          Association.open(
              new PeerAddress("127.0.0.1", peer.port(), "TOY", "TEST"),
              ContextPlan.of(Objects.study(directory, 1, 20)).get(0).contexts(),
              SYNCHRONOUS);
      Association association = ((Opening.Opened) opening).association();
      Thread aborter =
          new Thread(
              () -> {
                while (peer.kept().isEmpty()) {
                  Thread.onSpinWait();
                }
                association.abort();
              });
      aborter.start();
      assertThat(association.store(Objects.instance(directory, 1, 20)))
          .isInstanceOf(StoreOutcome.Unanswered.class);
      aborter.join();
    }
  }

  @Test
  void f61_a_host_that_swallows_connections_ends_by_the_connect_deadline() throws IOException {
    List<SocketChannel> waiting = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < 8; i++) {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.connect(full.getLocalSocketAddress());
        waiting.add(channel);
      }
      PeerAddress address = new PeerAddress("127.0.0.1", full.getLocalPort(), "TOY", "TEST");
      assertThat(new StudySender(address, HASTY).echo())
          .isEqualTo(new Reply.Ended(new AssociationEnd.TimedOut(Phase.CONNECT)));
    } finally {
      for (SocketChannel each : waiting) {
        each.close();
      }
    }
  }

  @Test
  void f61_silence_in_the_tls_handshake_ends_by_the_connect_deadline() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      TlsProfile profile = new TlsProfile(SSLContext.getDefault(), false, true);
      PeerAddress address =
          new PeerAddress("127.0.0.1", silent.getLocalPort(), "TOY", "TEST", Optional.of(profile));
      assertThat(new StudySender(address, HASTY).echo())
          .isEqualTo(new Reply.Ended(new AssociationEnd.TimedOut(Phase.CONNECT)));
    }
  }
}
