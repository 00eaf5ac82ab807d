package io.howdah.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.batch.ArchivedFile;
import io.howdah.batch.Arrival;
import io.howdah.batch.BatchDesk;
import io.howdah.batch.BatchStatus;
import io.howdah.batch.Batches;
import io.howdah.batch.ClosedBatch;
import io.howdah.batch.CompletionReason;
import io.howdah.batch.ExamBatch;
import io.howdah.batch.OpenBatch;
import io.howdah.batch.Wish;
import io.howdah.send.Answer;
import io.howdah.send.Attempt;
import io.howdah.send.ClaimedBatch;
import io.howdah.send.Deliveries;
import io.howdah.send.Parcel;
import io.howdah.send.RetryPolicy;
import io.howdah.send.Settled;
import io.howdah.send.Verdict;
import io.howdah.settings.Destination;
import io.howdah.settings.Late;
import io.howdah.settings.Match;
import io.howdah.settings.Windows;
import io.howdah.support.MutableClock;
import io.howdah.support.Together;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@link Batches}, {@link Deliveries} and {@link BatchDesk} promise on every database. */
abstract class BatchesContract {
  static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration QUIET = Duration.ofSeconds(10);
  private static final Duration CAP = Duration.ofSeconds(60);
  private static final RetryPolicy RETRY =
      new RetryPolicy(List.of(Duration.ofMinutes(1), Duration.ofMinutes(5)));

  private final MutableClock clock = new MutableClock();
  private final DatabaseTime time = DatabaseTime.by(clock);
  private Batches batches;
  private Deliveries sender;
  private BatchDesk desk;

  abstract Database database();

  private static Destination destination(String name, Late late) {
    return new Destination(
        name,
        "dicom:send?host=127.0.0.1",
        Match.ALL,
        late,
        5,
        Windows.ALWAYS,
        RETRY.pauses(),
        Map.of(),
        false,
        QUIET,
        CAP);
  }

  private static final List<Destination> DESTINATIONS =
      List.of(
          destination("pacs", Late.SUPPLEMENT),
          destination("again", Late.RESEND_ALL),
          destination("held", Late.HOLD));

  @BeforeEach
  void empty() {
    database()
        .transactions()
        .write(
            handle -> {
              for (String table :
                  List.of(
                      "exam_batch_instances",
                      "delivery",
                      "exam_batches",
                      "storage_backend_configs",
                      "performed_procedure_step",
                      "study_history",
                      "study")) {
                handle.execute("DELETE FROM " + table);
              }
              return null;
            });
    batches = new SqlBatches(database(), time, DESTINATIONS, Duration.ofDays(7));
    sender = sender("one");
    desk = new SqlBatchDesk(database(), time, Duration.ofHours(1));
  }

  private Deliveries sender(String node) {
    return sender(node, LEASE);
  }

  private Deliveries sender(String node, Duration lease) {
    return new SqlDeliveries(database(), time, DESTINATIONS, node, lease);
  }

  private static Arrival arrival(String destination, String study, int number) {
    String uid = study + "." + number;
    return new Arrival(
        destination,
        "file-" + uid,
        study,
        study + ".0",
        uid,
        "1.2.840.10008.5.1.4.1.1.2",
        "1.2.840.10008.1.2.1",
        400,
        1000,
        "file-" + uid + "/original.dcm");
  }

  private void arrive(String destination, String study, int... numbers) {
    for (int number : numbers) {
      assertThat(batches.join(arrival(destination, study, number))).isTrue();
    }
  }

  /** What the completion timer does. */
  private List<ClosedBatch> closeDue() {
    List<ClosedBatch> closed = new ArrayList<>();
    for (OpenBatch batch : batches.due(100)) {
      batches.close(batch, false).ifPresent(closed::add);
    }
    return closed;
  }

  private void pass(Duration time) {
    clock.advance(time);
  }

  private List<ExamBatch> all(String study, String destination) {
    List<ExamBatch> found =
        new ArrayList<>(
            desk.page(
                    new BatchDesk.Filter(
                        Optional.empty(), Optional.of(destination), Optional.of(study)),
                    1,
                    100)
                .batches());
    java.util.Collections.reverse(found);
    return found;
  }

  private ClaimedBatch claimed(String destination) {
    return sender.claim(destination, false).orElseThrow();
  }

  private static Answer answer(ClaimedBatch batch, Parcel parcel, Verdict verdict, String status) {
    return new Answer(
        batch.id(), batch.destination(), parcel.sopInstanceUid(), verdict, status, null, true);
  }

  private Settled deliver(ClaimedBatch batch) {
    sender.record(
        batch.parcels().stream()
            .map(parcel -> answer(batch, parcel, Verdict.DELIVERED, "0000"))
            .toList());
    return sender
        .settle(batch, new Attempt(batch.parcels().size(), 0, false, "", 1, 0, false), RETRY)
        .orElseThrow();
  }

  private static List<String> uids(ClaimedBatch batch) {
    return batch.parcels().stream().map(Parcel::sopInstanceUid).toList();
  }

  /**
   * Twelve ways in which a study may come, against every rule: seconds at which instances arrive,
   * {@code m} the modality says how many there are, {@code o} an operator says it is complete.
   */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "all at once,                      0 0 0 0,              10 QUIET 4",
    "one after the other,              0 1 2 3,              13 QUIET 4",
    "a single instance,                0,                    10 QUIET 1",
    "a pause just short of too long,   0 9 18,               28 QUIET 3",
    "a pause just too long,            0 11,                 10 QUIET 1",
    "without an end,                   0 8 16 24 32 40 48 56, 60 CAP 8",
    "the last one at the cap,          0 8 16 24 32 40 48 56 59, 60 CAP 9",
    "count known before the last,      0 1 m3@2 4,           4 EXPECTED 3",
    "count known after the last,       0 1 2 m3@5,           5 EXPECTED 3",
    "count never reached,              0 1 m9@2,             11 QUIET 2",
    "count known and all there anyway, 0 m1@0,               0 EXPECTED 1",
    "an operator does not wait,        0 1 o@3,              3 OPERATOR 2"
  })
  void a_batch_is_complete_by_the_first_evidence(String name, String pattern, String expected) {
    String study = "1.2.3";
    Instant start = clock.instant();
    String seen = "";
    int number = 0;
    List<String> events = new ArrayList<>(List.of(pattern.strip().split(" ")));
    for (int second = 0; second <= 120 && seen.isEmpty(); second++) {
      while (!events.isEmpty() && at(events.get(0)) == second) {
        String event = events.remove(0);
        if (event.startsWith("m")) {
          step(study, Integer.parseInt(event.substring(1, event.indexOf('@'))), "COMPLETED");
        } else if (event.startsWith("o")) {
          assertThat(desk.grant(all(study, "pacs").get(0).id(), Wish.COMPLETE)).isTrue();
        } else {
          arrive("pacs", study, ++number);
        }
      }
      List<ClosedBatch> closed = closeDue();
      if (!closed.isEmpty()) {
        ClosedBatch batch = closed.get(0);
        seen =
            Duration.between(start, clock.instant()).toSeconds()
                + " "
                + batch.reason()
                + " "
                + batch.count();
      }
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(seen).isEqualTo(expected);
    ExamBatch row = all(study, "pacs").get(0);
    assertThat(row.status()).isEqualTo(BatchStatus.READY);
    assertThat(seen).contains(row.reason().orElseThrow().name());
  }

  private static int at(String event) {
    return Integer.parseInt(event.substring(event.indexOf('@') + 1));
  }

  private void step(String study, Integer count, String state) {
    database()
        .transactions()
        .write(
            handle ->
                handle.execute(
                    """
                    INSERT INTO performed_procedure_step (sop_instance_uid, study_instance_uid, calling_ae, state, instance_count,
                                                          created_at, updated_at, completed_at)
                    VALUES (?, ?, 'CT1', ?, ?, ?, ?, ?)""",
                    "9." + System.nanoTime(),
                    study,
                    state,
                    count,
                    clock.millis(),
                    clock.millis(),
                    state.equals("IN PROGRESS") ? null : clock.millis()));
  }

  @Test
  void a_study_of_several_steps_is_complete_when_all_of_them_have_ended() {
    step("1.2.3", null, "IN PROGRESS");
    step("1.2.3", 2, "COMPLETED");
    arrive("pacs", "1.2.3", 1, 2);
    assertThat(closeDue()).isEmpty();
    database()
        .transactions()
        .write(
            handle ->
                handle.execute(
                    "UPDATE performed_procedure_step SET state = 'COMPLETED', instance_count = 1, completed_at = ? WHERE completed_at IS NULL",
                    clock.millis()));
    assertThat(closeDue()).isEmpty();
    arrive("pacs", "1.2.3", 3);
    assertThat(closeDue())
        .singleElement()
        .satisfies(batch -> assertThat(batch.reason()).isEqualTo(CompletionReason.EXPECTED));
    assertThat(all("1.2.3", "pacs").get(0).expected()).hasValue(3);
  }

  @Test
  void an_instance_joins_a_destination_once_however_often_it_is_told() {
    arrive("pacs", "1.2.3", 1);
    assertThat(batches.join(arrival("pacs", "1.2.3", 1))).isFalse();
    assertThat(batches.join(arrival("again", "1.2.3", 1))).isTrue();
    pass(QUIET);
    closeDue();
    deliver(claimed("pacs"));
    assertThat(batches.join(arrival("pacs", "1.2.3", 1))).isFalse();
    assertThat(all("1.2.3", "pacs")).hasSize(1);
  }

  @Test
  void a_batch_that_changed_since_it_was_seen_is_not_closed() {
    arrive("pacs", "1.2.3", 1);
    pass(QUIET);
    OpenBatch seen = batches.due(10).get(0);
    arrive("pacs", "1.2.3", 2);
    assertThat(batches.close(seen, false)).isEmpty();
    assertThat(batches.due(10)).isEmpty();
    pass(QUIET);
    assertThat(closeDue())
        .singleElement()
        .satisfies(batch -> assertThat(batch.count()).isEqualTo(2));
    assertThat(batches.close(seen, true)).isEmpty();
  }

  @Test
  void an_open_batch_is_found_by_its_key_and_may_be_closed_before_its_time() {
    arrive("pacs", "1.2.3", 1, 2);
    OpenBatch open = batches.open("1.2.3/pacs").orElseThrow();
    assertThat(open.count()).isEqualTo(2);
    assertThat(batches.close(open, false)).isEmpty();
    assertThat(batches.close(open, true).orElseThrow().reason())
        .isEqualTo(CompletionReason.OPERATOR);
    assertThat(batches.open("1.2.3/pacs")).isEmpty();
  }

  /** When the late instance comes. */
  enum Moment {
    AT_READY,
    WHILE_SENDING,
    AFTER_SENT
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void a_late_instance_becomes_a_supplement(Moment moment) {
    ClaimedBatch second = late("pacs", moment);
    assertThat(uids(second)).containsExactly("1.2.3.3");
    assertThat(second.generation()).isEqualTo(2);
    deliver(second);
    assertThat(all("1.2.3", "pacs"))
        .extracting(ExamBatch::status)
        .containsExactly(BatchStatus.SENT, BatchStatus.SENT);
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void a_late_instance_sends_the_whole_study_again_where_that_is_wanted(Moment moment) {
    ClaimedBatch second = late("again", moment);
    assertThat(uids(second)).containsExactlyInAnyOrder("1.2.3.1", "1.2.3.2", "1.2.3.3");
    assertThat(second.size()).isEqualTo(3);
    deliver(second);
    assertThat(all("1.2.3", "again"))
        .extracting(ExamBatch::status)
        .containsExactly(BatchStatus.SENT, BatchStatus.SENT);
  }

  @ParameterizedTest
  @EnumSource(Moment.class)
  void a_late_instance_waits_for_a_person_where_that_is_wanted(Moment moment) {
    first("held", moment);
    arrive("held", "1.2.3", 3);
    end("held", moment);
    pass(CAP.multipliedBy(2));
    assertThat(closeDue()).isEmpty();
    ExamBatch waiting = all("1.2.3", "held").get(1);
    assertThat(waiting.status()).isEqualTo(BatchStatus.PENDING);
    assertThat(waiting.held()).isTrue();
    assertThat(desk.grant(waiting.id(), Wish.RELEASE)).isTrue();
    assertThat(closeDue()).hasSize(1);
    assertThat(uids(claimed("held"))).containsExactly("1.2.3.3");
  }

  private ClaimedBatch late(String destination, Moment moment) {
    first(destination, moment);
    pass(Duration.ofSeconds(1));
    arrive(destination, "1.2.3", 3);
    end(destination, moment);
    pass(QUIET);
    assertThat(closeDue()).hasSize(1);
    return claimed(destination);
  }

  private ClaimedBatch underWay;

  private void first(String destination, Moment moment) {
    arrive(destination, "1.2.3", 1, 2);
    pass(QUIET);
    assertThat(closeDue()).hasSize(1);
    if (moment != Moment.AT_READY) {
      underWay = claimed(destination);
    }
    if (moment == Moment.AFTER_SENT) {
      deliver(underWay);
    }
  }

  private void end(String destination, Moment moment) {
    if (moment == Moment.AT_READY) {
      underWay = claimed(destination);
    }
    if (moment != Moment.AFTER_SENT) {
      assertThat(uids(underWay)).containsExactly("1.2.3.1", "1.2.3.2");
      assertThat(deliver(underWay).status()).isEqualTo(BatchStatus.SENT);
    }
  }

  @Test
  void ten_thousand_rounds_of_timer_against_arrival_lose_nothing_and_give_nothing_twice() {
    int rounds = 10_000;
    int studies = 50;
    AtomicInteger arrived = new AtomicInteger();
    Set<Long> closed = ConcurrentHashMap.newKeySet();
    Set<Long> sent = ConcurrentHashMap.newKeySet();
    Set<String> delivered = ConcurrentHashMap.newKeySet();
    // the clock runs so fast that no lease of the usual length would last
    List<Deliveries> senders =
        List.of(sender("one", Duration.ofDays(30)), sender("two", Duration.ofDays(30)));
    Together.run(
        4,
        thread -> {
          if (thread < 2) {
            for (int number = arrived.getAndIncrement();
                number < rounds;
                number = arrived.getAndIncrement()) {
              assertThat(
                      batches.join(arrival("pacs", "1.2." + (number % studies), number / studies)))
                  .isTrue();
              clock.advance(
                  Duration.ofMillis(
                      ThreadLocalRandom.current().nextInt(QUIET.toMillisPart() + 900)));
            }
            return;
          }
          Deliveries own = senders.get(thread - 2);
          while (delivered.size() < rounds) {
            if (arrived.get() >= rounds) {
              clock.advance(QUIET);
            }
            for (OpenBatch batch : batches.due(100)) {
              batches
                  .close(batch, false)
                  .ifPresent(one -> assertThat(closed.add(one.id())).isTrue());
            }
            for (Optional<ClaimedBatch> claim = own.claim("pacs", false);
                claim.isPresent();
                claim = own.claim("pacs", false)) {
              ClaimedBatch batch = claim.get();
              assertThat(sent.add(batch.id())).as("batch owned twice").isTrue();
              uids(batch).forEach(uid -> assertThat(delivered.add(uid)).isTrue());
              own.record(
                  batch.parcels().stream()
                      .map(parcel -> answer(batch, parcel, Verdict.DELIVERED, "0000"))
                      .toList());
              assertThat(
                      own.settle(
                          batch,
                          new Attempt(batch.parcels().size(), 0, false, "", 1, 0, false),
                          RETRY))
                  .isPresent();
            }
          }
        });
    assertThat(delivered).hasSize(rounds);
    assertThat(sent).isEqualTo(closed);
    for (int study = 0; study < studies; study++) {
      assertThat(all("1.2." + study, "pacs"))
          .extracting(ExamBatch::status)
          .containsOnly(BatchStatus.SENT);
    }
  }

  private void ready(String destination, int instances) {
    arrive(destination, "1.2.3", IntStream.rangeClosed(1, instances).toArray());
    pass(QUIET);
    assertThat(closeDue()).hasSize(1);
  }

  @Test
  void a_batch_is_sent_by_one_process_until_its_lease_ends() {
    ready("pacs", 2);
    ClaimedBatch first = claimed("pacs");
    Deliveries other = sender("two");
    assertThat(other.claim("pacs", false)).isEmpty();
    pass(LEASE.minusSeconds(1));
    sender.renew();
    pass(LEASE.minusSeconds(1));
    assertThat(other.claim("pacs", false)).isEmpty();
    pass(Duration.ofSeconds(2));
    ClaimedBatch second = other.claim("pacs", false).orElseThrow();
    assertThat(second.fence()).isGreaterThan(first.fence());
    sender.record(List.of(answer(first, first.parcels().get(0), Verdict.DELIVERED, "0000")));
    assertThat(sender.settle(first, new Attempt(1, 0, false, "", 1, 0, false), RETRY)).isEmpty();
    assertThat(all("1.2.3", "pacs").get(0).confirmed())
        .as("what the peer confirmed is true whoever heard it")
        .isEqualTo(1);
  }

  @Test
  void what_a_dead_process_was_sending_goes_on_with_the_rest_only() {
    ready("pacs", 3);
    ClaimedBatch first = claimed("pacs");
    sender.record(List.of(answer(first, first.parcels().get(0), Verdict.DELIVERED, "0000")));
    Deliveries restarted = sender("after");
    restarted.freeAbandoned();
    ClaimedBatch second = restarted.claim("pacs", false).orElseThrow();
    assertThat(uids(second)).containsExactly("1.2.3.2", "1.2.3.3");
    assertThat(sender.releaseAll()).isZero();
    assertThat(restarted.releaseAll()).isEqualTo(1);
  }

  @Test
  void a_batch_is_sent_only_when_every_instance_is_confirmed() {
    ready("pacs", 3);
    ClaimedBatch batch = claimed("pacs");
    sender.record(
        List.of(
            answer(batch, batch.parcels().get(0), Verdict.DELIVERED, "0000"),
            answer(batch, batch.parcels().get(1), Verdict.WARNING, "B000")));
    Settled settled =
        sender
            .settle(batch, new Attempt(2, 0, false, "the peer aborted", 1, 1, false), RETRY)
            .orElseThrow();
    assertThat(settled.status()).isEqualTo(BatchStatus.READY);
    assertThat(settled.summary()).contains("1 of 3", "the peer aborted");
    assertThat(sender.claim("pacs", false)).isEmpty();
    pass(Duration.ofSeconds(1));
    ClaimedBatch rest = claimed("pacs");
    assertThat(rest.attempts()).as("progress costs nothing").isZero();
    assertThat(uids(rest)).containsExactly("1.2.3.3");
    assertThat(deliver(rest).status()).isEqualTo(BatchStatus.SENT);
    ExamBatch sent = all("1.2.3", "pacs").get(0);
    assertThat(sent.confirmed()).isEqualTo(3);
    assertThat(sent.associations()).isEqualTo(2);
    assertThat(sent.error()).isEmpty();
  }

  @Test
  void a_refused_instance_is_named_and_everything_can_be_requeued() {
    ready("pacs", 3);
    ClaimedBatch batch = claimed("pacs");
    sender.record(
        List.of(
            answer(batch, batch.parcels().get(0), Verdict.DELIVERED, "0000"),
            answer(batch, batch.parcels().get(1), Verdict.REFUSED, "A900"),
            answer(batch, batch.parcels().get(2), Verdict.DELIVERED, "0000")));
    Settled settled =
        sender.settle(batch, new Attempt(2, 1, false, "", 1, 0, false), RETRY).orElseThrow();
    assertThat(settled.status()).isEqualTo(BatchStatus.FAILED);
    assertThat(settled.summary()).contains("1.2.3.2", "A900", "1 of 3");
    ExamBatch failed = all("1.2.3", "pacs").get(0);
    assertThat(failed.refused()).isEqualTo(1);
    assertThat(sender.claim("pacs", false)).isEmpty();
    assertThat(desk.grant(failed.id(), Wish.REQUEUE)).isTrue();
    assertThat(uids(claimed("pacs"))).containsExactly("1.2.3.2");
  }

  @Test
  void an_outage_opens_the_circuit_and_costs_no_attempt() {
    ready("pacs", 2);
    for (int failure = 1; failure <= 50; failure++) {
      ClaimedBatch batch = claimed("pacs");
      assertThat(batch.attempts()).isZero();
      sender.settle(batch, new Attempt(0, 0, false, "connection lost", 1, 1, false), RETRY);
      assertThat(sender.circuit("pacs").isOpen()).isTrue();
      assertThat(sender.claim("pacs", true)).isEmpty();
      pass(Duration.ofSeconds(61));
      assertThat(sender.probeDue("pacs")).isTrue();
      assertThat(sender.claim("pacs", false)).as("the probe comes first").isEmpty();
      sender.openCircuit("pacs", "no answer to a probe");
      assertThat(sender.probeDue("pacs")).isFalse();
      sender.closeCircuit("pacs");
    }
    deliver(claimed("pacs"));
    assertThat(sender.circuit("pacs").isOpen()).isFalse();
  }

  @Test
  void an_instance_that_is_not_taken_while_others_are_costs_its_batch_the_schedule() {
    ready("pacs", 2);
    ClaimedBatch batch = claimed("pacs");
    sender.record(
        List.of(
            answer(batch, batch.parcels().get(0), Verdict.DELIVERED, "0000"),
            answer(batch, batch.parcels().get(1), Verdict.RETRY, "A700")));
    assertThat(
            sender
                .settle(batch, new Attempt(1, 0, false, "", 1, 0, false), RETRY)
                .orElseThrow()
                .status())
        .isEqualTo(BatchStatus.READY);
    for (Duration pause : RETRY.pauses()) {
      pass(pause.minusSeconds(1));
      assertThat(sender.claim("pacs", false)).isEmpty();
      pass(Duration.ofSeconds(1));
      arrive("pacs", "1.9." + pause.toSeconds(), 1);
      ClaimedBatch again = claimed("pacs");
      assertThat(again.studyUid()).isEqualTo("1.2.3");
      pass(QUIET);
      closeDue();
      Deliveries other = sender("two");
      ClaimedBatch others = other.claim("pacs", false).orElseThrow();
      other.record(List.of(answer(others, others.parcels().get(0), Verdict.DELIVERED, "0000")));
      other.settle(others, new Attempt(1, 0, false, "", 1, 0, false), RETRY);
      sender.record(List.of(answer(again, again.parcels().get(0), Verdict.RETRY, "A700")));
      sender.settle(again, new Attempt(0, 0, false, "", 1, 0, false), RETRY);
    }
    ExamBatch failed = all("1.2.3", "pacs").get(0);
    assertThat(failed.status()).isEqualTo(BatchStatus.FAILED);
    assertThat(failed.error()).contains("1.2.3.2", "A700");
  }

  @Test
  void a_destination_that_takes_nothing_at_all_makes_no_batch_fail() {
    ready("pacs", 1);
    for (int attempt = 0; attempt < 10; attempt++) {
      ClaimedBatch batch = claimed("pacs");
      sender.record(List.of(answer(batch, batch.parcels().get(0), Verdict.RETRY, "A700")));
      Settled settled =
          sender.settle(batch, new Attempt(0, 0, false, "", 1, 0, false), RETRY).orElseThrow();
      assertThat(settled.status()).isEqualTo(BatchStatus.READY);
      pass(Duration.ofMinutes(5));
    }
  }

  @Test
  void what_was_tried_before_goes_last_so_that_one_bad_instance_stops_no_other() {
    ready("pacs", 3);
    ClaimedBatch batch = claimed("pacs");
    sender.record(List.of(answer(batch, batch.parcels().get(0), Verdict.UNCONFIRMED, "silence")));
    sender.settle(batch, new Attempt(0, 0, true, "the peer aborted", 1, 1, false), RETRY);
    sender.closeCircuit("pacs");
    pass(Duration.ofMinutes(1));
    ClaimedBatch again = claimed("pacs");
    assertThat(uids(again)).containsExactly("1.2.3.2", "1.2.3.3", "1.2.3.1");
    assertThat(again.parcels()).extracting(Parcel::doubtful).containsExactly(false, false, true);
  }

  @Test
  void an_operator_holds_and_releases_what_has_not_begun() {
    arrive("pacs", "1.2.3", 1);
    long id = all("1.2.3", "pacs").get(0).id();
    assertThat(desk.grant(id, Wish.HOLD)).isTrue();
    pass(CAP);
    assertThat(closeDue()).isEmpty();
    assertThat(desk.grant(id, Wish.COMPLETE)).isTrue();
    assertThat(closeDue()).hasSize(1);
    assertThat(desk.grant(id, Wish.HOLD)).isTrue();
    assertThat(sender.claim("pacs", false)).isEmpty();
    assertThat(desk.grant(id, Wish.RELEASE)).isTrue();
    ClaimedBatch batch = claimed("pacs");
    assertThat(desk.grant(id, Wish.HOLD)).isFalse();
    assertThat(desk.grant(id, Wish.COMPLETE)).isFalse();
    assertThat(desk.grant(id, Wish.REQUEUE)).isFalse();
    deliver(batch);
    assertThat(desk.instances(id, 10))
        .singleElement()
        .satisfies(
            instance -> {
              assertThat(instance.status()).isEqualTo("DELIVERED");
              assertThat(instance.peerStatus()).isEqualTo("0000");
              assertThat(instance.requests()).isEqualTo(1);
            });
    assertThat(desk.grant(4711, Wish.HOLD)).isFalse();
    assertThat(desk.find(4711)).isEmpty();
  }

  @Test
  void the_figures_of_a_destination_tell_what_waits_and_how_it_went() {
    ready("pacs", 4);
    deliver(claimed("pacs"));
    arrive("pacs", "1.2.4", 1);
    pass(Duration.ofHours(2));
    sender.openCircuit("again", "connection refused");
    assertThat(desk.destinations())
        .extracting(figures -> figures.name())
        .containsExactly("again", "held", "pacs");
    var pacs = desk.destinations().get(2);
    assertThat(pacs.unfinished(BatchStatus.PENDING)).isEqualTo(1);
    assertThat(pacs.stuck()).isEqualTo(1);
    assertThat(pacs.sentLately()).isEqualTo(1);
    assertThat(pacs.averageSize()).isEqualTo(4);
    assertThat(pacs.averageCompletion()).isEqualTo(QUIET);
    assertThat(pacs.successRate()).isEqualTo(1);
    var again = desk.destinations().get(0);
    assertThat(again.circuitFailures()).isEqualTo(1);
    assertThat(again.circuitReason()).isEqualTo("connection refused");
  }

  private List<Integer> left(String study) {
    return database()
        .transactions()
        .read(
            handle ->
                List.of(
                    all(study, "pacs").size(),
                    handle
                        .createQuery(
                            "SELECT COUNT(*) FROM delivery WHERE study_instance_uid = :uid")
                        .bind("uid", study)
                        .mapTo(Integer.class)
                        .one(),
                    handle
                        .createQuery(
                            "SELECT COUNT(*) FROM exam_batch_instances WHERE sop_instance_uid LIKE :uid")
                        .bind("uid", study + ".%")
                        .mapTo(Integer.class)
                        .one()));
  }

  @Test
  void what_was_sent_long_ago_is_forgotten_and_what_is_unfinished_never() {
    Duration retention = Duration.ofDays(90);
    arrive("pacs", "1.2.3", 1, 2, 3);
    pass(QUIET);
    closeDue();
    deliver(claimed("pacs"));
    arrive("pacs", "1.2.4", 1);
    pass(QUIET);
    closeDue();
    deliver(claimed("pacs"));
    arrive("pacs", "1.2.4", 2);
    arrive("pacs", "1.2.5", 1);
    pass(retention.minus(QUIET));
    assertThat(desk.forgetSent(retention)).as("on its last day").isZero();
    pass(Duration.ofMillis(1));
    assertThat(desk.forgetSent(retention)).isEqualTo(1);
    assertThat(left("1.2.3")).containsExactly(0, 0, 0);
    assertThat(left("1.2.4")).as("sent, but for one that came later").containsExactly(2, 2, 2);
    assertThat(left("1.2.5")).as("never sent").containsExactly(1, 1, 1);
    arrive("pacs", "1.2.3", 4);
    assertThat(all("1.2.3", "pacs")).singleElement().extracting(ExamBatch::generation).isEqualTo(1);
  }

  @Test
  void a_batch_left_open_by_a_destination_that_is_gone_stays_open() {
    arrive("pacs", "1.2.3", 1);
    Batches without =
        new SqlBatches(database(), time, DESTINATIONS.subList(1, 3), Duration.ofDays(7));
    pass(CAP);
    assertThat(without.due(10)).isEmpty();
    assertThat(without.close(batches.due(10).get(0), true)).isEmpty();
  }

  private void archived(String id, Duration ago) {
    database()
        .transactions()
        .write(
            handle ->
                handle.execute(
                    """
                    INSERT INTO study (study_id, state, held, source, file_size, sha256, sop_instance_uid, study_uid, series_uid,
                                       calling_ae, created_at, updated_at)
                    VALUES (?, 'archived', 1, 'dicom', 7, ?, '1.2.3.1', '1.2.3', '1.2.3.0', 'CT1', ?, ?)""",
                    id,
                    String.format("%064x", id.hashCode()),
                    clock.millis() - ago.toMillis(),
                    clock.millis() - ago.toMillis()));
  }

  @Test
  void an_archived_file_is_looked_at_once() {
    archived("a", Duration.ofHours(1));
    archived("b", Duration.ZERO);
    assertThat(batches.unbatched(10)).containsExactly("a", "b");
    assertThat(batches.archived("a"))
        .contains(new ArchivedFile("a", "1.2.3", "1.2.3.0", "1.2.3.1", 7, "CT1"));
    batches.joined(List.of("a"));
    batches.leaveOut("b");
    assertThat(batches.unbatched(10)).isEmpty();
    assertThat(batches.archived("a")).isEmpty();
    assertThat(batches.archived("nobody")).isEmpty();
  }

  @Test
  void what_was_archived_while_nobody_looked_is_found_unless_it_is_too_old() {
    archived("old", Duration.ofDays(8));
    archived("young", Duration.ofDays(6));
    assertThat(batches.passOverOld()).isEqualTo(1);
    assertThat(batches.unbatched(10)).containsExactly("young");
    assertThat(batches.passOverAll()).isEqualTo(1);
    assertThat(batches.passOverAll()).isZero();
    assertThat(batches.unbatched(10)).isEmpty();
  }
}
