package io.howdah.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.dicom.net.toy.ToyPeer;
import io.howdah.dicom.net.toy.ToyScript;
import io.howdah.support.RunningGateway;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Studies on their way to a peer, from the upload to the peer's answers. */
class DeliveryTest {
  @TempDir Path base;
  private Exams exams;
  private ToyPeer peer;
  private RunningGateway gateway;

  @BeforeEach
  void prepare() {
    exams = new Exams(base.resolve("data"));
  }

  @AfterEach
  void end() throws Exception {
    if (gateway != null) {
      gateway.close();
    }
    if (peer != null) {
      peer.close();
    }
  }

  private void start(String script, String... settings) throws Exception {
    peer = ToyPeer.start(ToyScript.parse(script));
    String[] all = new String[settings.length + 4];
    all[0] = "howdah.destination.pacs.uri";
    all[1] =
        "dicom:send?host=127.0.0.1&port="
            + peer.port()
            + "&calledAeTitle=TOY&callingAeTitle=HOWDAH";
    all[2] = "howdah.batch.quiet-period";
    all[3] = "500ms";
    System.arraycopy(settings, 0, all, 4, settings.length);
    gateway = RunningGateway.start(base, all);
  }

  @Test
  void a_study_leaves_on_one_association_once_it_is_quiet() throws Exception {
    start("associations: [{}]");
    Exams.upload(gateway, 1, 1, 20);
    exams.awaitBatches(1, "pacs", "SENT");
    assertThat(peer.associations()).isEqualTo(1);
    assertThat(peer.storeRequests()).isEqualTo(20);
    assertThat(exams.ask("SELECT completion_reason FROM exam_batches")).containsExactly("QUIET");
  }
}
