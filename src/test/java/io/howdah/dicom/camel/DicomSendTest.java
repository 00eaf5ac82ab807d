package io.howdah.dicom.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.howdah.dicom.net.AssociationEnd;
import io.howdah.dicom.net.Instance;
import io.howdah.dicom.net.Objects;
import io.howdah.dicom.net.Reply;
import io.howdah.dicom.net.Status;
import io.howdah.dicom.net.StoreListener;
import io.howdah.dicom.net.StoreOutcome;
import io.howdah.dicom.net.toy.ToyPeer;
import io.howdah.dicom.net.toy.ToyScript;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckRepository;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code dicom:send}, {@code echo} and {@code commit} as a route uses them. */
class DicomSendTest {
  private static final String CALLED = "&calledAeTitle=PACS&window=1";

  @TempDir Path directory;
  private final CamelContext camel = new DefaultCamelContext();
  private ProducerTemplate template;

  @BeforeEach
  void start() {
    camel.start();
    template = camel.createProducerTemplate();
  }

  @AfterEach
  void stop() {
    camel.stop();
  }

  private static ToyPeer toy(String yaml) throws IOException {
    return ToyPeer.start(ToyScript.parse(yaml));
  }

  private static String send(int port) {
    return "dicom:send?host=127.0.0.1&port=" + port + CALLED;
  }

  private List<Instance> study(int count) throws IOException {
    return Objects.study(directory, count, 32);
  }

  private List<Path> files(int count) throws IOException {
    return study(count).stream().map(Instance::file).toList();
  }

  @Test
  void the_files_of_a_study_go_over_one_association() throws Exception {
    List<Path> files = files(5);
    try (ToyPeer peer = toy("associations: [{}]")) {
      Exchange exchange =
          template.request(send(peer.port()), sent -> sent.getMessage().setBody(files));
      StudySent result = exchange.getMessage().getBody(StudySent.class);
      assertThat(result.associations()).isEqualTo(1);
      assertThat(result.end()).isEqualTo(new AssociationEnd.Released());
      assertThat(result.outcomes()).isEqualTo(Map.of("0000", 5));
      assertThat(exchange.getMessage().getHeaders())
          .containsEntry(DicomConstants.ASSOCIATIONS, 1)
          .containsEntry(DicomConstants.STORED, 5)
          .containsEntry(DicomConstants.NOT_STORED, 0);
      assertThat(peer.kept()).hasSize(5);
      assertThat(peer.associations()).isEqualTo(1);
    }
  }

  @Test
  void a_path_a_text_a_file_an_instance_and_a_directory_are_all_files() throws Exception {
    List<Instance> study = study(4);
    try (ToyPeer peer = toy("associations: [{}]")) {
      String uri = send(peer.port());
      assertThat(stored(uri, study.get(0).file())).isEqualTo(1);
      assertThat(stored(uri, study.get(1).file().toString())).isEqualTo(1);
      assertThat(stored(uri, study.get(2).file().toFile())).isEqualTo(1);
      assertThat(stored(uri, study.get(3))).isEqualTo(1);
      assertThat(peer.kept()).hasSize(4);
      assertThat(stored(uri, directory)).isEqualTo(4);
      assertThatThrownBy(() -> template.sendBody(uri, 42))
          .cause()
          .hasMessageContaining("dicom:send takes files");
    }
  }

  private int stored(String uri, Object body) {
    return template.requestBody(uri, body, StudySent.class).stored();
  }

  @Test
  void a_listener_hears_each_instance_and_keeps_the_exchange_from_failing() throws Exception {
    List<Instance> study = study(4);
    Map<Instance, StoreOutcome> told = new HashMap<>();
    StoreListener listener =
        (instance, outcome) -> assertThat(told.put(instance, outcome)).isNull();
    try (ToyPeer peer = toy("associations: [{store: {2: A700, 3: abort}}]")) {
      StudySent result = sent(send(peer.port()), study, listener);
      List<StoreOutcome> heard = study.stream().map(told::get).toList();
      assertThat(heard.get(0)).isEqualTo(new StoreOutcome.Stored());
      assertThat(((StoreOutcome.Refused) heard.get(1)).status()).isEqualTo(Status.OUT_OF_RESOURCES);
      assertThat(heard.get(2)).isInstanceOf(StoreOutcome.Unanswered.class);
      assertThat(heard.get(3)).isInstanceOf(StoreOutcome.NotSent.class);
      assertThat(result.end()).isInstanceOf(AssociationEnd.PeerAborted.class);
      assertThat(result.notStored()).isEqualTo(3);
    }
    int closed;
    try (ToyPeer gone = toy("associations: [{}]")) {
      closed = gone.port();
    }
    told.clear();
    StudySent result = sent(send(closed), study, listener);
    assertThat(told.values()).hasSize(4).allMatch(StoreOutcome.NotSent.class::isInstance);
    assertThat(result.associations()).isZero();
    assertThat(result.end()).isInstanceOf(AssociationEnd.Lost.class);
  }

  private StudySent sent(String uri, List<Instance> study, StoreListener listener) {
    return template.requestBodyAndHeader(
        uri, study, DicomConstants.STORE_LISTENER, listener, StudySent.class);
  }

  @Test
  void without_a_listener_anything_not_stored_fails_the_exchange_with_the_counts()
      throws Exception {
    List<Path> files = new ArrayList<>(files(4));
    files.add(Files.writeString(directory.resolve("notes.txt"), "no image"));
    try (ToyPeer peer = toy("associations: [{store: {2: A700, 4: abort}}]")) {
      assertThatThrownBy(() -> template.sendBody(send(peer.port()), files))
          .isInstanceOf(CamelExecutionException.class)
          .cause()
          .isInstanceOf(NotAllStored.class)
          .hasMessageContaining("PACS@127.0.0.1:" + peer.port() + " has 2 of 5 instances")
          .hasMessageContaining("0000: 2, A700: 1, no DICOM object: 1, unanswered: 1")
          .hasMessageContaining("PeerAborted")
          .hasMessageNotContaining(directory.toString());
    }
  }

  private static final String ROUTE =
      """
      - route:
          id: to-pacs
          errorHandler:
            defaultErrorHandler:
              redeliveryPolicy:
                maximumRedeliveries: 3
                redeliveryDelay: 10
          from:
            uri: direct:to-pacs
            steps:
              - to:
                  uri: dicom:send
                  parameters:
                    host: 127.0.0.1
                    port: %d
                    calledAeTitle: PACS
                    callingAeTitle: CT1
                    window: 1
                    responseTimeout: 20s
                    associateTimeout: 5s
      """;

  private void route(int port) throws Exception {
    PluginHelper.getRoutesLoader(camel)
        .loadRoutes(ResourceHelper.fromString("to-pacs.camel.yaml", ROUTE.formatted(port)));
  }

  @Test
  void a_redelivery_in_yaml_sends_only_what_is_not_confirmed() throws Exception {
    List<Path> files = files(6);
    try (ToyPeer peer =
        toy("associations: [{store: {3: abort}}, {store: {2: A700, 3: reset}}, {}]")) {
      route(peer.port());
      StudySent result = template.requestBody("direct:to-pacs", files, StudySent.class);
      assertThat(result.complete()).isTrue();
      assertThat(result.stored()).isEqualTo(6);
      assertThat(peer.associations()).isEqualTo(3);
      // 2 of 6 confirmed, then 1 of 4, then all 3
      assertThat(peer.storeRequests()).isEqualTo(3 + 3 + 3);
      assertThat(peer.kept()).hasSize(6);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 50, 199})
  void f60_an_abort_at_instance_k_costs_at_most_one_instance_sent_twice(int k) throws Exception {
    List<Instance> study = study(200);
    try (ToyPeer peer = toy("associations: [{store: {" + k + ": abort}}, {}]")) {
      route(peer.port());
      StudySent result = template.requestBody("direct:to-pacs", study, StudySent.class);
      assertThat(result.complete()).isTrue();
      assertThat(result.stored()).isEqualTo(200);
      assertThat(peer.associations()).isEqualTo(2);
      assertThat(peer.storeRequests()).isLessThanOrEqualTo(200 + 1);
      assertThat(peer.kept()).hasSize(200);
      // what the aborting peer had read whole is the one it is sent again, with the same bytes
      assertThat(peer.kept().values()).allMatch(copies -> Set.copyOf(copies).size() == 1);
      assertThat(peer.kept().values().stream().filter(copies -> copies.size() > 1).count())
          .isLessThanOrEqualTo(1);
    }
  }

  @Test
  void an_echo_says_whether_the_peer_is_there() throws Exception {
    String uri;
    try (ToyPeer peer = toy("associations: [{}, {associate: 'reject 1,1,7'}]")) {
      uri = "dicom:echo?host=127.0.0.1&calledAeTitle=PACS&port=" + peer.port();
      assertThat(template.requestBody(uri, null, Reply.class)).isEqualTo(new Reply.Answered(0));
      assertThatThrownBy(() -> template.sendBody(uri, null))
          .cause()
          .isInstanceOf(RequestFailed.class)
          .hasMessageContaining("C-ECHO")
          .hasMessageContaining("Rejected");
    }
  }

  @Test
  void jmx_counts_what_was_stored_and_can_ask_for_an_echo() throws Exception {
    List<Path> files = files(3);
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    try (ToyPeer peer = toy("associations: [{}]")) {
      route(peer.port());
      template.sendBody("direct:to-pacs", files);
      ObjectName name =
          beans
              .queryNames(
                  new ObjectName(
                      "org.apache.camel:context="
                          + camel.getManagementName()
                          + ",type=endpoints,*"),
                  null)
              .stream()
              .filter(each -> each.getKeyProperty("name").contains("dicom://send"))
              .findFirst()
              .orElseThrow();
      assertThat(beans.getAttribute(name, "Stored")).isEqualTo(3L);
      assertThat(beans.getAttribute(name, "NotStored")).isEqualTo(0L);
      assertThat(beans.getAttribute(name, "Associations")).isEqualTo(1L);
      assertThat(beans.invoke(name, "echo", null, null)).isEqualTo("Answered[0000]");
    }
  }

  @Test
  void where_producers_are_checked_a_peer_is_well_while_it_answers_an_echo() throws Exception {
    HealthCheckRegistry checks = HealthCheckRegistry.get(camel);
    HealthCheckRepository producers = (HealthCheckRepository) checks.resolveById("producers");
    producers.setEnabled(true);
    checks.register(producers);
    try (ToyPeer peer = toy("associations: [{}, {associate: 'reject 1,1,3'}]")) {
      route(peer.port());
      assertThat(peerChecks()).allMatch(result -> result.getState() == HealthCheck.State.UP);
      assertThat(peerChecks())
          .hasSize(1)
          .allMatch(result -> result.getState() == HealthCheck.State.DOWN)
          .allMatch(result -> result.getMessage().orElse("").contains("PACS@127.0.0.1"));
    }
  }

  private List<HealthCheck.Result> peerChecks() {
    return HealthCheckHelper.invoke(camel).stream()
        .filter(result -> result.getCheck().getId().contains("dicom"))
        .toList();
  }

  @Test
  void an_endpoint_that_makes_no_sense_is_refused_when_it_is_made() {
    assertThatThrownBy(() -> camel.getEndpoint("dicom:burn?host=a"))
        .hasMessageContaining("dicom:burn is no operation");
    assertThatThrownBy(() -> camel.getEndpoint("dicom:send?host=a&calledAeTitel=X"))
        .hasMessageContaining("calledAeTitel");
    assertThatThrownBy(() -> camel.getEndpoint("dicom:send?port=104").createProducer())
        .hasMessageContaining("needs host, port and calledAeTitle");
    assertThatThrownBy(
            () -> camel.getEndpoint("dicom:send?host=a&calledAeTitle=P&tls=true").createProducer())
        .hasMessageContaining("tlsTrust");
  }
}
