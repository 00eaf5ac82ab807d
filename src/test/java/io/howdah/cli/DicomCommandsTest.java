package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.dicom.net.AssociationServer;
import io.howdah.dicom.net.DirectorySink;
import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.Objects;
import io.howdah.dicom.net.Offered;
import io.howdah.dicom.net.PeerList;
import io.howdah.dicom.net.ServerSettings;
import io.howdah.dicom.net.toy.ToyPeer;
import io.howdah.dicom.net.toy.ToyScript;
import io.howdah.support.RunningGateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code echo}, {@code send}, {@code preflight}, {@code receive} and {@code toy-peer}. */
class DicomCommandsTest {
  @TempDir Path base;
  private Path in;
  private List<Instance> study;

  @BeforeEach
  void study() throws IOException {
    in = Files.createDirectories(base.resolve("in"));
    study = Objects.study(in, 5, 32);
  }

  private static ToyPeer toy(String yaml) throws IOException {
    return ToyPeer.start(ToyScript.parse(yaml));
  }

  private static String at(ToyPeer peer) {
    return "PACS@127.0.0.1:" + peer.port();
  }

  @Test
  void echo_says_whether_the_peer_is_there() throws IOException {
    String gone;
    try (ToyPeer peer = toy("associations: [{}, {associate: 'reject 1,1,3'}]")) {
      gone = at(peer);
      CommandLineRun there = CommandLineRun.of("echo", at(peer));
      assertThat(there.out()).startsWith("answered  " + at(peer));
      assertThat(there.exitCode()).isZero();
      CommandLineRun stranger = CommandLineRun.of("echo", at(peer));
      assertThat(stranger.out()).contains("does not know our AE title", "see --as");
      assertThat(stranger.exitCode()).isEqualTo(1);
    }
    CommandLineRun nobody = CommandLineRun.of("echo", gone, "--timeout", "5");
    assertThat(nobody.out()).startsWith("failed").contains("no connection");
    assertThat(nobody.exitCode()).isEqualTo(1);
  }

  @Test
  void a_peer_that_is_none_and_numbers_that_make_no_sense_are_misuse() {
    for (String[] misuse :
        new String[][] {
          {"echo", "pacs.example:104"},
          {"echo", "PACS@host"},
          {"echo", "PACS@host:99999"},
          {"echo", "A\\B@host:104"},
          {"echo", "PACS@host:104", "--timeout", "0"},
          {"send", ".", "--to", "PACS@host:104", "--window", "0"},
          {"send", "."},
          {"echo", "PACS@host:104", "--tls-key", "k.pem"},
          {"receive", "--out", base.toString(), "--peers", "host.example"},
          {"receive", "--out", base.toString(), "--tls-mutual"}
        }) {
      CommandLineRun run = CommandLineRun.of((Object[]) misuse);
      assertThat(run.exitCode()).as(String.join(" ", misuse)).isEqualTo(2);
      assertThat(run.err()).doesNotContain("Exception");
    }
  }

  @Test
  void send_counts_by_status_and_exits_0_only_when_the_peer_has_everything() throws IOException {
    try (ToyPeer peer = toy("associations: [{store: {2: B007}}, {store: {2: A700, 4: abort}}]")) {
      CommandLineRun good = CommandLineRun.of("send", in, "--to", at(peer));
      assertThat(good.exitCode()).as(good.out()).isZero();
      assertThat(good.out())
          .contains("sending 5 objects", "1 association; released")
          .containsPattern("0000 +4 +stored")
          .containsPattern("B007 +1 +stored, although the object does not match its class");
      CommandLineRun bad = CommandLineRun.of("send", in, "--to", at(peer), "--window", "1");
      assertThat(bad.exitCode()).isEqualTo(1);
      assertThat(bad.out())
          .containsPattern("0000 +2 +stored")
          .containsPattern("A700 +1 +out of resources, may work later")
          .containsPattern("unanswered +1 ")
          .containsPattern("not sent +1\n")
          .contains("2.dcm: A700", "the peer aborted");
    }
  }

  @Test
  void a_file_that_is_no_dicom_is_named_and_is_not_silently_left_out() throws IOException {
    Files.writeString(in.resolve("notes.txt"), "no image");
    try (ToyPeer peer = toy("associations: [{}]")) {
      CommandLineRun run = CommandLineRun.of("send", in, "--to", at(peer));
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.out()).contains("notes.txt: no DICOM object");
      assertThat(peer.kept()).hasSize(5);
    }
  }

  @Test
  void preflight_shows_each_answer_and_sends_nothing() throws IOException {
    try (ToyPeer peer =
        toy("associations: [{}, {accepts: [" + Objects.CT + "]}, {associate: 'reject 1,1,7'}]")) {
      CommandLineRun good = CommandLineRun.of("preflight", in, "--to", at(peer));
      assertThat(good.exitCode()).as(good.out()).isZero();
      assertThat(good.out())
          .containsPattern("Secondary Capture.*Explicit VR Little Endian +5 +accepted")
          .contains("would take  all 5 objects");
      CommandLineRun refused = CommandLineRun.of("preflight", in, "--to", at(peer));
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.out()).contains("SOP class not supported", "would refuse  5 of 5");
      CommandLineRun rejected = CommandLineRun.of("preflight", in, "--to", at(peer));
      assertThat(rejected.exitCode()).isEqualTo(1);
      assertThat(rejected.out()).contains("it is not called that");
      assertThat(peer.storeRequests()).isZero();
    }
  }

  @Test
  void preflight_knows_the_destinations_of_the_settings_and_the_studies_of_the_archive()
      throws Exception {
    try (ToyPeer peer = toy("associations: [{}]")) {
      Map<String, String> settings =
          Map.of(
              "howdah.data",
              base.resolve("data").toString(),
              "howdah.destination.pacs.uri",
              "dicom:send?host=127.0.0.1&calledAeTitle=PACS&port=" + peer.port());
      assertThat(CommandLineRun.with(settings, "preflight", in.toString(), "--to", "pacs").out())
          .contains("would take  all 5 objects");
      CommandLineRun other =
          CommandLineRun.with(settings, "preflight", in.toString(), "--to", "ris");
      assertThat(other.exitCode()).isEqualTo(1);
      assertThat(other.err()).contains("there is no howdah.destination.ris.uri");
      RunningGateway.start(base, "howdah.roles", "gateway").close();
      CommandLineRun unknown =
          CommandLineRun.with(settings, "preflight", Objects.STUDY, "--to", "pacs");
      assertThat(unknown.err()).contains("the archive has no study " + Objects.STUDY);
    }
  }

  @Test
  void receive_keeps_what_comes_until_it_has_enough() throws Exception {
    Path out = base.resolve("out");
    int port = freePort();
    CompletableFuture<Integer> receiving =
        CompletableFuture.supplyAsync(
            () ->
                Howdah.commandLine()
                    .execute(
                        "receive",
                        "--port",
                        String.valueOf(port),
                        "--out",
                        out.toString(),
                        "--objects",
                        "5"));
    while (CommandLineRun.of("echo", "ANY@127.0.0.1:" + port).exitCode() != 0) {
      assertThat(receiving).isNotDone();
    }
    assertThat(CommandLineRun.of("send", in, "--to", "ANY@127.0.0.1:" + port).exitCode()).isZero();
    assertThat(receiving.get(60, TimeUnit.SECONDS)).isZero();
    assertThat(RunningGateway.names(out))
        .containsExactlyInAnyOrderElementsOf(
            study.stream().map(each -> each.sopInstance() + ".dcm").toList());
  }

  private static int freePort() throws IOException {
    try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void a_toy_peer_that_cannot_be_read_says_where() throws IOException {
    Path script = Files.writeString(base.resolve("peer.yaml"), "associations: [{stor: 1}]");
    CommandLineRun run = CommandLineRun.of("toy-peer", script);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("peer.yaml", "unknown key \"stor\"");
  }

  @Test
  void what_send_delivers_receive_has_byte_for_byte() throws Exception {
    Path out = Files.createDirectories(base.resolve("out"));
    try (AssociationServer server =
        AssociationServer.start(
            ServerSettings.of("*", "127.0.0.1", 0, PeerList.ALL),
            Offered.storage(new DirectorySink(out, true)))) {
      CommandLineRun run = CommandLineRun.of("send", in, "--to", "ANY@127.0.0.1:" + server.port());
      assertThat(run.exitCode()).as(run.out()).isZero();
    }
    for (Instance each : study) {
      assertThat(out.resolve(each.sopInstance() + ".dcm")).hasSameBinaryContentAs(each.file());
    }
  }
}
