package io.howdah.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.dicom.net.Certificates;
import io.howdah.dicom.net.Dcmtk;
import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.Objects;
import io.howdah.support.RunningGateway;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that speak DICOM, over TLS, against DCMTK's tools. */
class DicomCommandsTlsTest {
  @TempDir Path base;
  private Path in;
  private List<Instance> study;
  private Certificates certificates;

  @BeforeEach
  void prepare() throws Exception {
    Dcmtk.assumeInstalled("storescp");
    Dcmtk.assumeInstalled("openssl");
    in = Files.createDirectories(base.resolve("in"));
    study = Objects.study(in, 4, 32);
    certificates =
        Certificates.make(
            Files.createDirectories(base.resolve("tls")), base.resolve("openssl.log"));
  }

  /** How DCMTK is told its key and whom to believe. */
  private List<String> theirs() {
    return List.of(
        "+tls",
        certificates.key("peer").toString(),
        certificates.certificate("peer").toString(),
        "+cf",
        certificates.authority().toString());
  }

  /** A command with our key and whom to believe. */
  private String[] ours(String... command) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(
        List.of(
            "--tls-trust",
            certificates.authority().toString(),
            "--tls-key",
            certificates.key("howdah").toString(),
            "--tls-certificate",
            certificates.certificate("howdah").toString()));
    return all.toArray(String[]::new);
  }

  private CommandLineRun run(String... command) {
    return CommandLineRun.of((Object[]) ours(command));
  }

  @Test
  void echo_preflight_and_send_reach_a_storescp_that_insists_on_our_certificate() throws Exception {
    Path out = Files.createDirectories(base.resolve("out"));
    List<String> options = new ArrayList<>(theirs());
    options.addAll(List.of("-rc", "+B"));
    try (Dcmtk storescp =
        Dcmtk.storescp(out, base.resolve("storescp.log"), options.toArray(String[]::new))) {
      String peer = "ANY-SCP@localhost:" + storescp.port();
      assertThat(run("echo", peer).out()).startsWith("answered  " + peer);
      CommandLineRun preflight = run("preflight", in.toString(), "--to", peer);
      assertThat(preflight.exitCode()).as(preflight.out()).isZero();
      assertThat(preflight.out()).contains("would take  all 4 objects");
      CommandLineRun one = run("preflight", study.get(0).file().toString(), "--to", peer);
      assertThat(one.out()).contains("would take");
      assertThat(RunningGateway.names(out)).as("nothing sent yet").isEmpty();
      CommandLineRun sent = run("send", in.toString(), "--to", peer);
      assertThat(sent.exitCode()).as(sent.out()).isZero();
      assertThat(RunningGateway.names(out)).hasSize(4);
      CommandLineRun plain = CommandLineRun.of("send", in, "--to", peer, "--timeout", "5");
      assertThat(plain.exitCode()).as("without TLS").isEqualTo(1);
      CommandLineRun stranger =
          CommandLineRun.of("echo", peer, "--tls-trust", certificates.authority());
      assertThat(stranger.exitCode()).as("without a certificate").isEqualTo(1);
    }
  }

  @Test
  void receive_takes_from_echoscu_and_storescu_that_bring_a_certificate() throws Exception {
    Path out = base.resolve("out");
    String port = String.valueOf(Dcmtk.freePort());
    CompletableFuture<Integer> receiving =
        CompletableFuture.supplyAsync(
            () ->
                Howdah.commandLine()
                    .execute(
                        ours(
                            "receive",
                            "--port",
                            port,
                            "--out",
                            out.toString(),
                            "--objects",
                            "4",
                            "--tls-mutual")));
    while (Dcmtk.run(base.resolve("echoscu.log"), tool("echoscu", port)) != 0) {
      assertThat(receiving).isNotDone();
    }
    assertThat(
            Dcmtk.run(base.resolve("plain.log"), List.of("echoscu", "-to", "5", "localhost", port)))
        .as("without TLS")
        .isNotZero();
    List<String> store = new ArrayList<>(tool("storescu", port));
    study.forEach(each -> store.add(each.file().toString()));
    assertThat(Dcmtk.run(base.resolve("storescu.log"), store)).isZero();
    assertThat(receiving.get(60, TimeUnit.SECONDS)).isZero();
    for (Instance each : study) {
      assertThat(out.resolve(each.sopInstance() + ".dcm")).exists();
    }
  }

  private List<String> tool(String name, String port) {
    List<String> command = new ArrayList<>(List.of(name));
    command.addAll(theirs());
    command.addAll(List.of("localhost", port));
    return command;
  }
}
