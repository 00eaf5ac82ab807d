package io.howdah.dicom.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.dicom.net.AssociationEnd;
import io.howdah.dicom.net.AssociationSettings;
import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.Objects;
import io.howdah.dicom.net.PeerAddress;
import io.howdah.dicom.net.ReceivedFile;
import io.howdah.dicom.net.RejectReason;
import io.howdah.dicom.net.Reply;
import io.howdah.dicom.net.StoreOutcome;
import io.howdah.dicom.net.StoreRefused;
import io.howdah.dicom.net.StudySender;
import io.howdah.disk.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code dicom:server} as a route uses it. */
class DicomServerTest {
  private static final String ROUTE =
      """
      - route:
          id: modalities
          errorHandler:
            noErrorHandler: {}
          from:
            uri: dicom:server
            parameters:
              host: 127.0.0.1
              port: 0
              aeTitle: HOWDAH
              peers: "CT1@*"
              directory: %s
      %s
            steps:
              - process:
                  ref: step
      """;

  @TempDir Path base;
  private final CamelContext camel = new DefaultCamelContext();
  private final List<ReceivedFile> received = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    camel.stop();
  }

  private Path arriving() {
    return base.resolve("arriving");
  }

  /** Starts the route with one step, and gives its endpoint. */
  private DicomEndpoint start(Processor step, String... options) throws Exception {
    camel.getRegistry().bind("step", step);
    StringBuilder more = new StringBuilder();
    for (String option : options) {
      more.append("        ").append(option).append('\n');
    }
    PluginHelper.getRoutesLoader(camel)
        .loadRoutes(
            ResourceHelper.fromString("modalities.camel.yaml", ROUTE.formatted(arriving(), more)));
    camel.start();
    return (DicomEndpoint) camel.getRoute("modalities").getEndpoint();
  }

  private void keep(Exchange exchange) throws IOException {
    ReceivedFile file = exchange.getMessage().getBody(ReceivedFile.class);
    assertThat(Disk.sha256(file.path())).isEqualTo(file.sha256());
    assertThat(file.size()).isEqualTo(Files.size(file.path()));
    received.add(file);
  }

  private static StudySender sender(DicomEndpoint endpoint, String callingAe) {
    return new StudySender(
        new PeerAddress("127.0.0.1", endpoint.getListeningPort(), "HOWDAH", callingAe),
        AssociationSettings.DEFAULT);
  }

  private List<Instance> study(int count) throws IOException {
    return Objects.study(Files.createDirectories(base.resolve("in")), count, 32);
  }

  private static List<StoreOutcome> send(DicomEndpoint endpoint, List<Instance> study) {
    List<StoreOutcome> outcomes = new ArrayList<>();
    sender(endpoint, "CT1").send(study, (instance, outcome) -> outcomes.add(outcome));
    return outcomes;
  }

  private long left() throws IOException {
    try (Stream<Path> files = Files.list(arriving())) {
      return files.count();
    }
  }

  @Test
  void answers_leave_at_once_unless_the_route_says_otherwise() throws Exception {
    assertThat(start(this::keep, "tcpNoDelay: false").serverSettings().tcpNoDelay()).isFalse();
    assertThat(
            camel
                .getEndpoint("dicom:server?port=0", DicomEndpoint.class)
                .serverSettings()
                .tcpNoDelay())
        .isTrue();
  }

  @Test
  void the_route_sees_each_object_as_a_whole_file_before_its_sender_is_answered() throws Exception {
    DicomEndpoint endpoint = start(this::keep);
    List<Instance> study = study(5);
    assertThat(send(endpoint, study)).hasSize(5).allMatch(StoreOutcome::stored);
    assertThat(received)
        .extracting(file -> file.object().sopInstance())
        .containsExactlyInAnyOrderElementsOf(study.stream().map(Instance::sopInstance).toList());
    assertThat(received).allMatch(file -> file.association().callingAe().equals("CT1"));
    assertThat(left()).isZero();
    assertThat(endpoint.getStored()).isEqualTo(5);
    assertThat(endpoint.getAssociations()).isEqualTo(1);
    assertThat(sender(endpoint, "CT1").echo()).isEqualTo(new Reply.Answered(0));
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 180, 400, 2300})
  void the_digest_is_that_of_the_file_however_large_it_is(int rows) throws Exception {
    DicomEndpoint endpoint = start(this::keep);
    List<Instance> study = Objects.study(Files.createDirectories(base.resolve("in")), 2, rows);
    assertThat(send(endpoint, study)).hasSize(2).allMatch(StoreOutcome::stored);
    assertThat(received)
        .extracting(ReceivedFile::sha256)
        .containsExactlyInAnyOrder(
            Disk.sha256(study.get(0).file()), Disk.sha256(study.get(1).file()));
  }

  @Test
  void headers_tell_a_route_who_sends_what() throws Exception {
    List<Map<String, Object>> headers = new CopyOnWriteArrayList<>();
    DicomEndpoint endpoint =
        start(exchange -> headers.add(Map.copyOf(exchange.getMessage().getHeaders())));
    send(endpoint, study(1));
    assertThat(headers.get(0))
        .containsEntry(DicomConstants.OPERATION, "C-STORE")
        .containsEntry(DicomConstants.CALLING_AE_TITLE, "CT1")
        .containsEntry(DicomConstants.CALLED_AE_TITLE, "HOWDAH")
        .containsEntry(DicomConstants.ADDRESS, "127.0.0.1")
        .containsEntry(DicomConstants.SOP_CLASS, Objects.SECONDARY_CAPTURE)
        .containsEntry(DicomConstants.SOP_INSTANCE, Objects.uid(1))
        .containsEntry(DicomConstants.TRANSFER_SYNTAX, "1.2.840.10008.1.2.1");
  }

  @Test
  void a_route_chooses_the_status_and_one_that_fails_is_answered_a700() throws Exception {
    List<Processor> steps =
        List.of(
            exchange -> exchange.getMessage().setHeader(DicomConstants.STATUS, "B007"),
            exchange -> exchange.getMessage().setHeader(DicomConstants.STATUS, 0xC001),
            exchange -> {
              throw new IOException("disk");
            },
            exchange -> {
              throw new StoreRefused(0xA901);
            },
            this::keep);
    int[] next = new int[1];
    DicomEndpoint endpoint = start(exchange -> steps.get(next[0]++).process(exchange));
    List<String> labels = new ArrayList<>();
    for (Instance each : study(5)) {
      send(endpoint, List.of(each)).forEach(outcome -> labels.add(outcome.label()));
    }
    assertThat(labels).containsExactly("B007", "C001", "A700", "A901", "0000");
    assertThat(left()).isZero();
    assertThat(endpoint.getNotStored()).isEqualTo(3);
  }

  @Test
  void a64_a_short_disk_is_answered_a700_before_a_byte_is_kept() throws Exception {
    DicomEndpoint endpoint = start(this::keep, "diskReserve: " + Long.MAX_VALUE);
    assertThat(send(endpoint, study(2)))
        .extracting(StoreOutcome::label)
        .containsExactly("A700", "A700");
    assertThat(received).isEmpty();
    assertThat(left()).isZero();
  }

  @Test
  void a_larger_object_than_allowed_is_answered_a700_and_a_stranger_is_rejected() throws Exception {
    DicomEndpoint endpoint = start(this::keep, "maxObjectSize: 1000");
    assertThat(send(endpoint, study(1))).extracting(StoreOutcome::label).containsExactly("A700");
    Reply reply = sender(endpoint, "STRANGER").echo();
    assertThat(((Reply.Ended) reply).end())
        .isEqualTo(new AssociationEnd.Rejected(RejectReason.CALLING_AE));
  }

  @Test
  void what_makes_no_sense_ends_the_start() {
    assertThatThrownBy(() -> start(this::keep, "tls: true"))
        .hasStackTraceContaining("tls=true needs tlsKey");
  }

  @Test
  void a_stopped_route_no_longer_listens_and_a_started_one_does_again() throws Exception {
    DicomEndpoint endpoint = start(this::keep);
    StudySender before = sender(endpoint, "CT1");
    assertThat(before.echo()).isEqualTo(new Reply.Answered(0));
    camel.getRouteController().stopRoute("modalities");
    assertThat(before.echo()).isInstanceOf(Reply.Ended.class);
    camel.getRouteController().startRoute("modalities");
    assertThat(sender(endpoint, "CT1").echo()).isEqualTo(new Reply.Answered(0));
  }
}
