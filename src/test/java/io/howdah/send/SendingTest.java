package io.howdah.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.batch.Arrival;
import io.howdah.batch.BatchDesk;
import io.howdah.batch.BatchInstance;
import io.howdah.batch.BatchObserver;
import io.howdah.batch.BatchStatus;
import io.howdah.batch.ClosedBatch;
import io.howdah.batch.ExamBatch;
import io.howdah.batch.OpenBatch;
import io.howdah.dicom.DicomReader;
import io.howdah.dicom.DicomWriter;
import io.howdah.dicom.Header;
import io.howdah.dicom.Tag;
import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.Uids;
import io.howdah.dicom.net.AssociationSettings;
import io.howdah.dicom.net.Deadlines;
import io.howdah.dicom.net.Found;
import io.howdah.dicom.net.PeerAddress;
import io.howdah.dicom.net.Reply;
import io.howdah.dicom.net.StudySender;
import io.howdah.dicom.net.toy.ToyPeer;
import io.howdah.dicom.net.toy.ToyScript;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.storage.Database;
import io.howdah.storage.DatabaseTime;
import io.howdah.storage.SqlBatchDesk;
import io.howdah.storage.SqlBatches;
import io.howdah.storage.SqlDeliveries;
import io.howdah.support.DicomFixtures;
import io.howdah.support.MutableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Batches sent to a peer that misbehaves (F60 to F63), step by step as the routes do it, on a clock
 * moved by hand: rows, wire and answers are real.
 */
class SendingTest {
  private static final long SEED = 77;
  private static final String STUDY = DicomFixtures.studyUid(SEED);

  @TempDir Path base;
  private final MutableClock clock = new MutableClock();
  private Database database;
  private Settings settings;
  private SqlBatches batches;
  private BatchDesk desk;
  private Sends sends;
  private ToyPeer peer;
  private StudySender wire;

  @AfterEach
  void end() throws IOException {
    sends.close();
    database.close();
    peer.close();
  }

  private void start(String script, String... more) throws IOException {
    start(script, AssociationSettings.DEFAULT, more);
  }

  private void start(String script, AssociationSettings association, String... more)
      throws IOException {
    peer = ToyPeer.start(ToyScript.parse(script));
    wire = new StudySender(new PeerAddress("127.0.0.1", peer.port(), "TOY", "HOWDAH"), association);
    Map<String, String> keys = new HashMap<>();
    keys.put("howdah.destination.pacs.uri", "dicom:send?host=127.0.0.1");
    for (int i = 0; i < more.length; i += 2) {
      keys.put(more[i], more[i + 1]);
    }
    settings = SettingsReader.read(base, base.resolve("config"), Map.of(), keys);
    database = Database.open(settings.database());
    DatabaseTime time = DatabaseTime.by(clock);
    batches = new SqlBatches(database, time, settings.destinations(), Duration.ofDays(7));
    desk = new SqlBatchDesk(database, time, Duration.ofHours(1));
    sends =
        new Sends(
            settings,
            new SqlDeliveries(
                database, time, settings.destinations(), "one", Duration.ofSeconds(30)),
            new Unheard(),
            clock);
  }

  private static final class Unheard implements BatchObserver {
    @Override
    public void closed(ClosedBatch batch) {}

    @Override
    public void attempted(String destination, int associations, int failed, int confirmed) {}

    @Override
    public void ended(String destination, BatchStatus status, Duration sinceOpened) {}
  }

  private void archive(int number, byte[] file) throws IOException {
    String id = "file-" + number;
    Path home = Files.createDirectories(settings.archive().path().resolve(id));
    Path object = Files.write(home.resolve("original.dcm"), file);
    Header header = new DicomReader().header(object);
    batches.join(
        new Arrival(
            "pacs",
            id,
            STUDY,
            DicomFixtures.uid(SEED, "series"),
            header.dataSet().string(Tag.SOPInstanceUID),
            header.dataSet().string(Tag.SOPClassUID),
            header.transferSyntax().uid(),
            header.dataSetOffset(),
            file.length,
            id + "/original.dcm"));
  }

  private void complete(int instances) throws IOException {
    for (int number = 1; number <= instances; number++) {
      archive(number, DicomFixtures.instance(SEED, number, 512));
    }
    close();
  }

  private void close() {
    OpenBatch open = batches.open(STUDY + "/pacs").orElseThrow();
    assertThat(batches.close(open, true)).isPresent();
  }

  private ExamBatch batch() {
    return desk.page(BatchDesk.Filter.ALL, 1, 10).batches().get(0);
  }

  /** What the routes of the destination do, until the batch has come to an end. */
  private BatchStatus sendUntilItEnds() {
    for (int turn = 0; turn < 2_000; turn++) {
      if (batch().status() == BatchStatus.SENT || batch().status() == BatchStatus.FAILED) {
        break;
      }
      Sending sending = sends.begin("pacs");
      if (sending != null) {
        send(sending);
      } else if (sends.probeDue("pacs") != null) {
        probe();
      } else {
        clock.advance(Duration.ofMillis(500));
      }
    }
    return batch().status();
  }

  private void send(Sending sending) {
    if (sending.isVerifying()) {
      for (Sending.Doubt doubt : sending.getDoubts()) {
        Found found =
            wire.find(
                sending.getBatch().studyUid(),
                doubt.seriesUid(),
                new HashSet<>(doubt.sopInstanceUids()));
        assertThat(found.complete()).isTrue();
        sends.found(sending, found.sopInstances());
      }
    }
    StudySender.Sent sent = wire.send(sending.getInstances(), sending);
    sends.associations(sending, sent.associations());
    sends.settle(sending);
  }

  private void probe() {
    if (wire.echo() instanceof Reply.Answered answered && answered.success()) {
      sends.alive("pacs");
    } else {
      sends.stillAway("pacs", new IOException("no answer"));
    }
  }

  /** How many instances have which status and peer's status. */
  private Map<String, Long> answers() {
    return desk.instances(batch().id(), 1_000).stream()
        .collect(
            Collectors.groupingBy(
                instance -> instance.status() + " " + instance.peerStatus(),
                TreeMap::new,
                Collectors.counting()));
  }

  private static String digest(byte[] file) throws Exception {
    Header header = new DicomReader().header(new java.io.ByteArrayInputStream(file));
    byte[] dataSet = Arrays.copyOfRange(file, (int) header.dataSetOffset(), file.length);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(dataSet));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 50, 199})
  void after_an_abort_only_the_rest_is_sent_again(int k) throws Exception {
    start("associations: [{store: {" + k + ": abort-during}}, {}]");
    complete(200);
    assertThat(sendUntilItEnds()).isEqualTo(BatchStatus.SENT);
    assertThat(peer.storeRequests()).isLessThanOrEqualTo(201);
    assertThat(peer.kept()).hasSize(200);
    for (int number = 1; number <= 200; number++) {
      assertThat(peer.kept().get(DicomFixtures.instanceUid(SEED, number)))
          .as("instance " + number)
          .containsExactly(digest(DicomFixtures.instance(SEED, number, 512)));
    }
    assertThat(batch().associations()).isEqualTo(2);
    assertThat(batch().attempts()).isZero();
    assertThat(desk.instances(batch().id(), 300).stream().mapToInt(BatchInstance::requests).sum())
        .isEqualTo(peer.storeRequests());
  }

  @Test
  void aborts_at_every_instance_still_get_the_study_through() throws Exception {
    start("associations: [{store: {3: abort-during}}]");
    complete(20);
    assertThat(sendUntilItEnds()).isEqualTo(BatchStatus.SENT);
    assertThat(peer.kept().values()).hasSize(20).allMatch(copies -> copies.size() == 1);
    assertThat(batch().attempts()).isZero();
  }

  @Test
  void an_answer_that_got_lost_is_asked_for_before_the_instance_is_sent_again() throws Exception {
    start("associations: [{store: {50: abort}}, {}]", "howdah.destination.pacs.verify", "true");
    complete(200);
    assertThat(sendUntilItEnds()).isEqualTo(BatchStatus.SENT);
    assertThat(peer.storeRequests()).isEqualTo(200);
    assertThat(peer.kept().values()).hasSize(200).allMatch(copies -> copies.size() == 1);
    assertThat(answers()).isEqualTo(Map.of("DELIVERED 0000", 199L, "DELIVERED C-FIND", 1L));
  }

  @ParameterizedTest
  @CsvSource({
    "0000, DELIVERED, SENT",
    "0111, DELIVERED, SENT",
    "B000, WARNING, SENT",
    "B006, WARNING, SENT",
    "B007, WARNING, SENT",
    "A900, REFUSED, FAILED",
    "A901, REFUSED, FAILED",
    "C000, REFUSED, FAILED",
    "CFFF, REFUSED, FAILED",
    "0122, REFUSED, FAILED",
    "0211, REFUSED, FAILED",
    "A700, RETRY, READY",
    "A702, RETRY, READY",
    "0124, RETRY, READY",
    "0110, RETRY, READY",
    "1234, RETRY, READY",
    "B123, UNCONFIRMED, READY"
  })
  void every_status_means_what_the_table_says(String status, Verdict verdict, BatchStatus end)
      throws Exception {
    start("associations: [{store: {2: \"" + status + "\"}}]");
    complete(3);
    send(sends.begin("pacs"));
    Map<String, Long> expected = new TreeMap<>(Map.of("DELIVERED 0000", 2L));
    expected.merge(verdict + " " + status, 1L, Long::sum);
    assertThat(answers()).isEqualTo(expected);
    assertThat(batch().status()).isEqualTo(end);
    assertThat(batch().error().isEmpty()).isEqualTo(end == BatchStatus.SENT);
    assertThat(batch().attempts()).isEqualTo(end == BatchStatus.READY ? 1 : 0);
  }

  @Test
  void a_destination_reads_a_status_in_its_own_way_where_the_site_says_so() throws Exception {
    start(
        "associations: [{store: {1: A700, 2: C123}}]",
        "howdah.destination.pacs.responses",
        "A7xx:refused, C123:warning");
    complete(2);
    send(sends.begin("pacs"));
    assertThat(answers()).isEqualTo(Map.of("REFUSED A700", 1L, "WARNING C123", 1L));
  }

  @Test
  void rejections_of_every_kind_cost_nothing_but_time() throws Exception {
    start("associations: [{associate: 'reject 2,3,2'}, {associate: 'reject 1,1,3'}, {}]");
    complete(3);
    assertThat(sendUntilItEnds()).isEqualTo(BatchStatus.SENT);
    assertThat(batch().attempts()).isZero();
    assertThat(peer.storeRequests()).isEqualTo(3);
  }

  @Test
  void a_class_that_is_not_taken_fails_only_its_instances_and_names_them() throws Exception {
    start("associations: [{accepts: [" + Uids.CTImageStorage + "]}]");
    byte[] capture =
        new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN)
            .file(
                DicomFixtures.pixels(DicomFixtures.header(SEED, 99), 8, 8, 1)
                    .put(Tag.SOPClassUID, Uids.SecondaryCaptureImageStorage));
    archive(99, capture);
    complete(3);
    assertThat(sendUntilItEnds()).isEqualTo(BatchStatus.FAILED);
    assertThat(answers()).isEqualTo(Map.of("DELIVERED 0000", 3L, "REFUSED context", 1L));
    assertThat(batch().error())
        .contains("1 of 4", DicomFixtures.instanceUid(SEED, 99), Uids.SecondaryCaptureImageStorage);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "associate: silent",
        "associate: stall",
        "associate: close",
        "associate: reset",
        "associate: garbage",
        "associate: half",
        "store: {2: silent}",
        "store: {2: stall}",
        "store: {2: half}",
        "store: {2: close}",
        "store: {2: reset}",
        "store: {2: garbage}",
        "store: {2: answer-and-reset}",
        "store: {2: wrong-message-id}",
        "store: {2: wrong-instance}",
        "store: {2: without-status}",
        "store: {1: silent}",
        "release: silent",
        "release: reset"
      })
  void a_peer_that_is_silent_gone_or_wrong_at_any_phase_gets_the_rest_later(String trouble)
      throws Exception {
    start(
        "associations: [{" + trouble + "}, {}]",
        AssociationSettings.DEFAULT.withDeadlines(Deadlines.all(Duration.ofMillis(400))));
    complete(4);
    assertThat(sendUntilItEnds()).isEqualTo(BatchStatus.SENT);
    assertThat(peer.storeRequests()).isLessThanOrEqualTo(5);
    assertThat(peer.kept()).hasSize(4);
    assertThat(batch().attempts()).isZero();
  }

  @Test
  void one_instance_that_breaks_every_association_fails_its_batch_and_no_other() throws Exception {
    start("associations: [{store: {1: abort-during}}]", "howdah.destination.pacs.retry", "2x1m");
    complete(1);
    for (int turn = 0; turn < 50; turn++) {
      Sending sending = sends.begin("pacs");
      if (sending != null) {
        send(sending);
      } else if (sends.probeDue("pacs") != null) {
        probe();
      }
      clock.advance(Duration.ofSeconds(30));
    }
    assertThat(batch().status())
        .as("nothing else is taken, so it may be the destination's fault")
        .isEqualTo(BatchStatus.READY);
    assertThat(batch().attempts()).isZero();
    assertThat(batch().error()).contains("silence", DicomFixtures.instanceUid(SEED, 1));
  }

  @Test
  void a_file_that_is_gone_from_the_archive_fails_its_batch_at_the_end_of_the_schedule()
      throws Exception {
    start("associations: [{}]", "howdah.destination.pacs.retry", "2x1m");
    complete(3);
    Files.delete(settings.archive().path().resolve("file-2/original.dcm"));
    assertThat(sendUntilItEnds()).isEqualTo(BatchStatus.FAILED);
    assertThat(batch().attempts()).isEqualTo(3);
    assertThat(answers()).isEqualTo(Map.of("DELIVERED 0000", 2L, "RETRY unreadable", 1L));
    assertThat(peer.kept()).hasSize(2);
  }

  @Test
  void a_window_that_is_closed_lets_nothing_out() throws Exception {
    start("associations: [{}]", "howdah.destination.pacs.windows", "20:00-06:00");
    complete(1);
    boolean sawClosed = false;
    for (int hour = 0; hour < 48 && batch().status() == BatchStatus.READY; hour++) {
      int local = clock.instant().atZone(java.time.ZoneId.systemDefault()).getHour();
      Sending sending = sends.begin("pacs");
      assertThat(sending != null).isEqualTo(local >= 20 || local < 6);
      sawClosed |= sending == null;
      if (sending != null) {
        send(sending);
      }
      clock.advance(Duration.ofHours(1));
    }
    assertThat(batch().status()).isEqualTo(BatchStatus.SENT);
    assertThat(sawClosed).isTrue();
  }
}
