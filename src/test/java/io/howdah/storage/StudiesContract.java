package io.howdah.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.events.Outbox;
import io.howdah.status.Acceptance;
import io.howdah.status.Announcement;
import io.howdah.status.Claim;
import io.howdah.status.HistoryEntry;
import io.howdah.status.LeaseLost;
import io.howdah.status.NewStudy;
import io.howdah.status.Outcome;
import io.howdah.status.Stage;
import io.howdah.status.StatusPage;
import io.howdah.status.Studies;
import io.howdah.status.StudyState;
import io.howdah.status.StudyStatus;
import io.howdah.support.MutableClock;
import io.howdah.support.Together;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link Studies} and {@link Outbox} promise on every database. */
abstract class StudiesContract {
  static final Duration LEASE = Duration.ofSeconds(30);
  private static final Set<Stage> ALL = EnumSet.allOf(Stage.class);
  private static final Set<Stage> NONE = EnumSet.noneOf(Stage.class);

  private final MutableClock clock = new MutableClock();
  private Studies studies;

  abstract Database database();

  /** How many writes wait for another that has not ended. */
  abstract int waiting();

  @BeforeEach
  void empty() {
    database()
        .transactions()
        .write(
            handle -> {
              for (String table :
                  List.of(
                      "outbox",
                      "lease",
                      "archived_instance",
                      "duplicate_key",
                      "study_history",
                      "study")) {
                handle.execute("DELETE FROM " + table);
              }
              return null;
            });
    studies = node("one", NONE);
  }

  private Studies node(String name, Set<Stage> stages, Outbox.Target... targets) {
    return new SqlStudies(database(), clock, name, LEASE, stages, Set.of(targets));
  }

  private static String digest(int number) {
    return String.format("%064x", number);
  }

  private static NewStudy arrived(String id, String sha256, String key) {
    return new NewStudy(
        id, "http", "name.dcm", 7, sha256, Optional.ofNullable(key), json().put("study_id", id));
  }

  private static ObjectNode json() {
    return JsonNodeFactory.instance.objectNode();
  }

  private Acceptance accept(String id, String sha256, String key) {
    return studies.accept(List.of(arrived(id, sha256, key))).get(0);
  }

  @Test
  void the_ae_title_of_a_sender_is_kept_with_its_study() {
    NewStudy plain = arrived("ae-1", digest(1), null);
    studies.accept(
        List.of(
            plain,
            new NewStudy(
                "ae-2",
                "dicom",
                "2.dcm",
                7,
                digest(2),
                Optional.empty(),
                Optional.of("CT1"),
                json().put("study_id", "ae-2"))));
    List<String> titles =
        database()
            .transactions()
            .read(
                handle ->
                    handle
                        .createQuery("SELECT COALESCE(calling_ae, '-') FROM study ORDER BY seq")
                        .mapTo(String.class)
                        .list());
    assertThat(titles).containsExactly("-", "CT1");
  }

  private String accepted(int number) {
    String id = UUID.randomUUID().toString();
    assertThat(accept(id, digest(number), null)).isEqualTo(new Acceptance.Accepted(id));
    return id;
  }

  private static Outcome outcome(StudyState state) {
    return Outcome.of(state, json().put("said", state.word()));
  }

  private static Outcome validated(String sopInstance) {
    return new Outcome(
        StudyState.VALIDATED,
        json(),
        List.of(),
        Optional.of(new Claim.Instance("1.2", sopInstance, "1.4", "1.5")),
        Optional.of("{\"is_valid\":true}"));
  }

  private StudyState state(String id) {
    return studies.status(id).orElseThrow().status();
  }

  private List<StudyState> applied(String id) {
    return studies.history(id).stream()
        .filter(HistoryEntry::applied)
        .map(HistoryEntry::status)
        .toList();
  }

  private Claim claimed(Studies node, String id, Stage stage) {
    return node.claim(id, stage).orElseThrow();
  }

  /** Takes a study to the archive's door under a SOP Instance UID. */
  private void described(String id, String sopInstance) {
    studies.finish(claimed(studies, id, Stage.VALIDATE), validated(sopInstance));
    studies.finish(claimed(studies, id, Stage.DESCRIBE), outcome(StudyState.DESCRIBED));
  }

  private void failed(String id) {
    studies.finish(claimed(studies, id, Stage.VALIDATE), outcome(StudyState.FAILED));
  }

  // ------------------------------------------------------------------------------ acceptance

  @Test
  void a_new_file_is_accepted_and_waits_for_its_verdict() {
    String id = accepted(1);
    StudyStatus status = studies.status(id).orElseThrow();
    assertThat(status.status()).isEqualTo(StudyState.UPLOADED);
    assertThat(status.timestamp()).isEqualTo(clock.instant());
    assertThat(applied(id)).containsExactly(StudyState.UPLOADED);
    assertThat(studies.due(Stage.VALIDATE, 10)).containsExactly(id);
    assertThat(studies.due(Stage.DESCRIBE, 10)).isEmpty();
    assertThat(studies.due(Stage.ARCHIVE, 10)).isEmpty();
    assertThat(studies.holding(digest(1))).contains(id);
  }

  @Test
  void equal_bytes_are_one_study() {
    String id = accepted(1);
    assertThat(accept("other", digest(1), null)).isEqualTo(new Acceptance.Duplicate(id));
    assertThat(studies.status("other")).isEmpty();
    assertThat(studies.history(id)).hasSize(1);
  }

  @Test
  void equal_bytes_are_one_study_in_one_request_too() {
    assertThat(
            studies.accept(
                List.of(
                    arrived("a", digest(1), null),
                    arrived("b", digest(1), null),
                    arrived("c", digest(2), null))))
        .containsExactly(
            new Acceptance.Accepted("a"),
            new Acceptance.Duplicate("a"),
            new Acceptance.Accepted("c"));
  }

  @Test
  void equal_bytes_are_a_new_study_once_the_first_has_failed() {
    failed(accepted(1));
    String invalid = accepted(1);
    studies.finish(
        claimed(studies, invalid, Stage.VALIDATE), outcome(StudyState.VALIDATION_FAILED));
    accepted(1);
  }

  @Test
  void an_idempotency_key_names_one_study() {
    assertThat(accept("a", digest(1), "key")).isEqualTo(new Acceptance.Accepted("a"));
    assertThat(accept("b", digest(1), "key")).isEqualTo(new Acceptance.Duplicate("a"));
    assertThat(accept("c", digest(2), "key")).isEqualTo(new Acceptance.KeyReused("a"));
    assertThat(studies.status("c")).isEmpty();
    failed("a");
    assertThat(accept("d", digest(1), "key"))
        .as("the same request again is answered alike, whatever became of it")
        .isEqualTo(new Acceptance.Duplicate("a"));
  }

  @Test
  void a_key_whose_bytes_were_known_when_it_first_came_names_one_study_too() {
    String id = accepted(1);
    assertThat(accept("b", digest(1), "key")).isEqualTo(new Acceptance.Duplicate(id));
    assertThat(accept("c", digest(2), "key")).isEqualTo(new Acceptance.KeyReused(id));
    assertThat(studies.status("c")).isEmpty();
    assertThat(accept("d", digest(1), "key")).isEqualTo(new Acceptance.Duplicate(id));
    failed(id);
    assertThat(accept("e", digest(1), "key")).isEqualTo(new Acceptance.Duplicate(id));
    assertThat(accept("f", digest(1), "other")).isEqualTo(new Acceptance.Accepted("f"));
  }

  /** Both ways round; the first sender of the key is held before its commit. */
  @Test
  void a_key_that_comes_with_known_and_new_bytes_at_the_same_moment_names_one_study()
      throws Exception {
    String id = accepted(1);
    assertThat(heldAndAfter(arrived("b", digest(1), "key"), arrived("c", digest(2), "key")))
        .containsExactly(new Acceptance.Duplicate(id), new Acceptance.KeyReused(id));
    assertThat(studies.status("c")).isEmpty();

    assertThat(heldAndAfter(arrived("d", digest(3), "other"), arrived("e", digest(1), "other")))
        .containsExactly(new Acceptance.Accepted("d"), new Acceptance.KeyReused("d"));
    assertThat(accept("f", digest(3), "other")).isEqualTo(new Acceptance.Duplicate("d"));
  }

  /**
   * What becomes of {@code first}, held before its commit until {@code second} waits for it or has
   * not waited, and of that.
   */
  private List<Acceptance> heldAndAfter(NewStudy first, NewStudy second) throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    StudyAcceptance holding =
        new StudyAcceptance(
            new HeldTransactions(database().transactions(), reached, released),
            KeyTurns.of(database()),
            clock,
            new StudyJournal("held", Set.of()),
            "held",
            LEASE);
    ExecutorService senders = Executors.newFixedThreadPool(2);
    try {
      Future<Acceptance> held =
          senders.submit(() -> holding.accept(List.of(first), false).answers().get(0));
      assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
      Future<Acceptance> after = senders.submit(() -> studies.accept(List.of(second)).get(0));
      await().atMost(Duration.ofSeconds(30)).until(() -> after.isDone() || waiting() > 0);
      released.countDown();
      return List.of(held.get(30, TimeUnit.SECONDS), after.get(30, TimeUnit.SECONDS));
    } finally {
      released.countDown();
      senders.shutdownNow();
      assertThat(senders.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** Writes that stop when all but the commit is done. */
  private static final class HeldTransactions extends AroundTransactions {
    private final CountDownLatch reached;
    private final CountDownLatch released;

    HeldTransactions(Transactions transactions, CountDownLatch reached, CountDownLatch released) {
      super(transactions);
      this.reached = reached;
      this.released = released;
    }

    @Override
    public <T> T write(Function<Handle, T> work) {
      return super.write(
          handle -> {
            T result = work.apply(handle);
            reached.countDown();
            try {
              assertThat(released.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return result;
          });
    }
  }

  @Test
  void a_file_whose_row_is_there_already_is_accepted_and_no_duplicate_of_itself() {
    String id = accepted(1);
    assertThat(accept(id, digest(1), null))
        .as("a duplicate's bytes are removed, and these are the only ones")
        .isEqualTo(new Acceptance.Accepted(id));
    failed(id);
    assertThat(accept(id, digest(1), null)).isEqualTo(new Acceptance.Accepted(id));
    assertThat(studies.history(id)).hasSize(3);
  }

  @Test
  void many_senders_of_the_same_bytes_make_one_study() {
    int digests = 20;
    Set<String> answers = ConcurrentHashMap.newKeySet();
    AtomicInteger news = new AtomicInteger();
    Together.run(
        16,
        thread -> {
          for (int i = 0; i < digests; i++) {
            Acceptance answer = accept(UUID.randomUUID().toString(), digest(i), null);
            answers.add(i + " " + answer.studyId());
            if (answer instanceof Acceptance.Accepted) {
              news.incrementAndGet();
            }
          }
        });
    assertThat(answers).hasSize(digests);
    assertThat(news).hasValue(digests);
    assertThat(studies.page(Optional.empty(), Optional.empty(), 1, 100).count()).isEqualTo(digests);
  }

  @Test
  void many_senders_of_the_same_files_in_any_order_all_get_an_answer() {
    AtomicInteger news = new AtomicInteger();
    Together.run(
        8,
        thread -> {
          for (int round = 0; round < 10; round++) {
            List<NewStudy> files = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
              files.add(arrived(UUID.randomUUID().toString(), digest(round * 6 + i), null));
            }
            Collections.shuffle(files, new Random(thread));
            studies.accept(files).stream()
                .filter(Acceptance.Accepted.class::isInstance)
                .forEach(answer -> news.incrementAndGet());
          }
        });
    assertThat(news).hasValue(60);
  }

  @Test
  void a_sender_is_answered_even_while_the_study_that_held_its_bytes_fails() {
    Together.run(
        8,
        thread -> {
          for (int i = 0; i < 40; i++) {
            String id = UUID.randomUUID().toString();
            Acceptance answer = accept(id, digest(1), null);
            if (answer instanceof Acceptance.Accepted) {
              failed(id);
            } else {
              assertThat(answer).isInstanceOf(Acceptance.Duplicate.class);
            }
          }
        });
    assertThat(studies.holding(digest(1))).isEmpty();
  }

  // ------------------------------------------------------------------------------ claims

  @Test
  void a_stage_may_claim_a_study_only_when_it_is_its_turn() {
    String id = accepted(1);
    assertThat(studies.claim(id, Stage.DESCRIBE)).isEmpty();
    assertThat(studies.claim(id, Stage.ARCHIVE)).isEmpty();
    assertThat(studies.claim("unknown", Stage.VALIDATE)).isEmpty();
    Claim claim = claimed(studies, id, Stage.VALIDATE);
    assertThat(claim.originalFilename()).isEqualTo("name.dcm");
    assertThat(claim.fileSize()).isEqualTo(7);
    assertThat(claim.sha256()).isEqualTo(digest(1));
    assertThat(claim.attempts()).isZero();
    assertThat(claim.acceptedAt()).isEqualTo(clock.instant());
    assertThat(state(id)).isEqualTo(StudyState.VALIDATING);
    assertThat(studies.claim(id, Stage.VALIDATE)).as("it is claimed").isEmpty();
    assertThat(studies.due(Stage.VALIDATE, 10)).isEmpty();
  }

  @Test
  void a_claim_carries_what_the_stages_before_learnt() {
    String id = accepted(1);
    studies.finish(claimed(studies, id, Stage.VALIDATE), validated("1.3"));
    Claim claim = claimed(studies, id, Stage.DESCRIBE);
    assertThat(claim.instance()).contains(new Claim.Instance("1.2", "1.3", "1.4", "1.5"));
    assertThat(claim.validation()).contains("{\"is_valid\":true}");
  }

  @Test
  void a_study_is_claimed_by_one_thread_of_one_process_only() {
    int count = 60;
    List<String> ids = IntStream.range(0, count).mapToObj(this::accepted).toList();
    List<Studies> nodes = List.of(node("one", NONE), node("two", NONE));
    List<String> claimed = Collections.synchronizedList(new ArrayList<>());
    Together.run(
        16,
        thread -> {
          List<String> order = new ArrayList<>(ids);
          Collections.shuffle(order, new Random(thread));
          for (String id : order) {
            nodes.get(thread % 2).claim(id, Stage.VALIDATE).ifPresent(c -> claimed.add(id));
          }
        });
    assertThat(claimed).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void a_process_that_lost_its_lease_changes_nothing() {
    Studies stale = node("stale", NONE);
    Studies other = node("other", NONE);
    String id = accepted(1);
    Claim lost = claimed(stale, id, Stage.VALIDATE);
    clock.advance(LEASE.plusMillis(1));
    Claim won = claimed(other, id, Stage.VALIDATE);
    assertThat(won.fence()).isGreaterThan(lost.fence());
    List<HistoryEntry> before = studies.history(id);

    assertThatExceptionOfType(LeaseLost.class).isThrownBy(() -> stale.finish(lost, validated("1")));
    stale.release(lost, Duration.ZERO);
    stale.spendAttempt(lost, Duration.ZERO);
    stale.renewLeases();

    assertThat(state(id)).isEqualTo(StudyState.VALIDATING);
    assertThat(studies.history(id)).isEqualTo(before);
    assertThat(studies.claim(id, Stage.VALIDATE)).as("it is still the other's").isEmpty();
    other.finish(won, validated("1"));
    assertThat(state(id)).isEqualTo(StudyState.VALIDATED);
  }

  @Test
  void the_same_process_cannot_finish_with_an_old_claim_either() {
    String id = accepted(1);
    Claim old = claimed(studies, id, Stage.VALIDATE);
    clock.advance(LEASE.plusMillis(1));
    Claim fresh = claimed(studies, id, Stage.VALIDATE);
    assertThatExceptionOfType(LeaseLost.class)
        .isThrownBy(() -> studies.finish(old, outcome(StudyState.FAILED)));
    studies.finish(fresh, validated("1"));
    assertThatExceptionOfType(LeaseLost.class)
        .as("a result counts once")
        .isThrownBy(() -> studies.finish(fresh, validated("1")));
  }

  @Test
  void a_step_back_with_a_lost_lease_changes_nothing() {
    String id = accepted(1);
    described(id, "1.3");
    Claim lost = claimed(studies, id, Stage.ARCHIVE);
    clock.advance(LEASE.plusMillis(1));
    claimed(node("other", NONE), id, Stage.ARCHIVE);
    assertThatExceptionOfType(LeaseLost.class).isThrownBy(() -> studies.stepBack(lost));
    assertThat(state(id)).isEqualTo(StudyState.DESCRIBED);
  }

  @Test
  void a_study_whose_worker_died_is_due_when_the_lease_has_ended() {
    String id = accepted(1);
    claimed(studies, id, Stage.VALIDATE);
    clock.advance(LEASE);
    assertThat(studies.due(Stage.VALIDATE, 10)).isEmpty();
    clock.advance(Duration.ofMillis(1));
    assertThat(studies.due(Stage.VALIDATE, 10)).containsExactly(id);
    claimed(node("other", NONE), id, Stage.VALIDATE);
  }

  @Test
  void a_renewed_lease_lasts() {
    String id = accepted(1);
    claimed(studies, id, Stage.VALIDATE);
    clock.advance(LEASE.dividedBy(2));
    studies.renewLeases();
    clock.advance(LEASE);
    assertThat(node("other", NONE).claim(id, Stage.VALIDATE)).isEmpty();
    clock.advance(Duration.ofMillis(1));
    claimed(node("other", NONE), id, Stage.VALIDATE);
  }

  @Test
  void a_clock_set_back_strands_neither_a_claimed_nor_a_waiting_study() {
    String claimed = accepted(1);
    String waiting = accepted(2);
    claimed(studies, claimed, Stage.VALIDATE);
    studies.release(claimed(studies, waiting, Stage.VALIDATE), Duration.ofSeconds(30));
    clock.advance(Duration.ofDays(-1));
    assertThat(studies.due(Stage.VALIDATE, 10)).containsExactlyInAnyOrder(claimed, waiting);
    claimed(node("other", NONE), claimed, Stage.VALIDATE);
    claimed(node("other", NONE), waiting, Stage.VALIDATE);
  }

  @Test
  void the_owner_of_the_data_directory_frees_what_its_roles_left_behind() {
    Studies dead = node("dead", NONE);
    String uploaded = accepted(1);
    claimed(dead, uploaded, Stage.VALIDATE);
    String described = accepted(2);
    described(described, "1.3");
    claimed(dead, described, Stage.ARCHIVE);
    String mine = accepted(3);
    claimed(studies, mine, Stage.VALIDATE);

    assertThat(studies.freeAbandoned(List.of(Stage.VALIDATE))).isEqualTo(1);
    assertThat(studies.due(Stage.VALIDATE, 10)).containsExactly(uploaded);
    assertThat(studies.due(Stage.ARCHIVE, 10)).as("another process's role").isEmpty();
  }

  @Test
  void a_process_that_stops_gives_back_its_own_work_and_no_one_elses() {
    String mine = accepted(1);
    Claim given = claimed(studies, mine, Stage.VALIDATE);
    String others = accepted(2);
    claimed(node("other", NONE), others, Stage.VALIDATE);

    assertThat(studies.releaseAll()).isEqualTo(1);
    assertThat(studies.due(Stage.VALIDATE, 10)).containsExactly(mine);
    assertThatExceptionOfType(LeaseLost.class)
        .isThrownBy(() -> studies.finish(given, outcome(StudyState.VALIDATED)));
  }

  // ------------------------------------------------------------------------------ results

  @Test
  void a_study_goes_from_uploaded_to_archived_and_its_history_says_so() {
    String id = accepted(1);
    described(id, "1.3");
    studies.finish(claimed(studies, id, Stage.ARCHIVE), outcome(StudyState.ARCHIVED));
    assertThat(applied(id))
        .containsExactly(
            StudyState.UPLOADED,
            StudyState.VALIDATING,
            StudyState.VALIDATED,
            StudyState.PROCESSING,
            StudyState.DESCRIBED,
            StudyState.ARCHIVED);
    assertThat(studies.history(id)).extracting(HistoryEntry::node).containsOnly("one");
    assertThat(studies.history(id)).extracting(HistoryEntry::seq).isSorted();
    assertThat(studies.status(id).orElseThrow().details().path("said").asText())
        .isEqualTo("archived");
    for (Stage stage : Stage.values()) {
      assertThat(studies.claim(id, stage)).isEmpty();
    }
  }

  @Test
  void a_stage_cannot_record_another_stages_result() {
    String id = accepted(1);
    Claim claim = claimed(studies, id, Stage.VALIDATE);
    for (StudyState state : StudyState.values()) {
      if (!Set.of(StudyState.VALIDATED, StudyState.VALIDATION_FAILED, StudyState.FAILED)
          .contains(state)) {
        assertThatIllegalArgumentException()
            .as(state.word())
            .isThrownBy(() -> studies.finish(claim, outcome(state)));
      }
    }
    assertThat(state(id)).isEqualTo(StudyState.VALIDATING);
  }

  @Test
  void trouble_that_is_not_the_studys_own_costs_it_time_and_nothing_else() {
    String id = accepted(1);
    studies.release(claimed(studies, id, Stage.VALIDATE), Duration.ofSeconds(5));
    assertThat(studies.claim(id, Stage.VALIDATE)).isEmpty();
    assertThat(studies.due(Stage.VALIDATE, 10)).isEmpty();
    clock.advance(Duration.ofSeconds(5));
    assertThat(studies.due(Stage.VALIDATE, 10)).containsExactly(id);
    assertThat(claimed(studies, id, Stage.VALIDATE).attempts()).isZero();
  }

  @Test
  void an_attempt_is_spent_and_forgotten_by_the_next_success() {
    String id = accepted(1);
    assertThat(studies.spendAttempt(claimed(studies, id, Stage.VALIDATE), Duration.ZERO)).isOne();
    assertThat(studies.spendAttempt(claimed(studies, id, Stage.VALIDATE), Duration.ZERO))
        .isEqualTo(2);
    Claim third = claimed(studies, id, Stage.VALIDATE);
    assertThat(third.attempts()).isEqualTo(2);
    studies.finish(third, validated("1.3"));
    assertThat(claimed(studies, id, Stage.DESCRIBE).attempts()).isZero();
  }

  @Test
  void a_study_whose_description_is_gone_is_described_again() {
    String id = accepted(1);
    described(id, "1.3");
    studies.stepBack(claimed(studies, id, Stage.ARCHIVE));
    assertThat(state(id)).isEqualTo(StudyState.VALIDATED);
    studies.finish(claimed(studies, id, Stage.DESCRIBE), outcome(StudyState.DESCRIBED));
    studies.finish(claimed(studies, id, Stage.ARCHIVE), outcome(StudyState.ARCHIVED));
    assertThat(state(id)).isEqualTo(StudyState.ARCHIVED);
  }

  @Test
  void a_process_that_runs_the_next_stage_goes_on_with_it_at_once() {
    Studies all = node("all", ALL);
    String id = accepted(1);
    Claim validate = claimed(all, id, Stage.VALIDATE);
    Claim describe = all.finish(validate, validated("1.3")).orElseThrow();
    assertThat(describe.stage()).isEqualTo(Stage.DESCRIBE);
    assertThat(describe.instance().orElseThrow().sopInstanceUid()).isEqualTo("1.3");
    assertThat(studies.claim(id, Stage.VALIDATE)).isEmpty();
    assertThat(studies.claim(id, Stage.DESCRIBE)).isEmpty();
    Claim archive = all.finish(describe, outcome(StudyState.DESCRIBED)).orElseThrow();
    assertThat(archive.stage()).isEqualTo(Stage.ARCHIVE);
    assertThat(all.finish(archive, outcome(StudyState.ARCHIVED))).isEmpty();
    assertThat(applied(id)).hasSize(6);
  }

  @Test
  void a_study_that_hurries_is_written_when_it_takes_its_place_with_all_it_went_through() {
    Studies all = node("all", ALL, Outbox.Target.STATUS_SERVICE);
    String id = accepted(1);
    Claim describe = all.finish(claimed(all, id, Stage.VALIDATE), validated("1.3")).orElseThrow();
    assertThat(state(id)).isEqualTo(StudyState.VALIDATING);
    Claim archive = all.finish(describe, outcome(StudyState.DESCRIBED)).orElseThrow();
    assertThat(state(id)).isEqualTo(StudyState.DESCRIBED);
    all.finish(archive, outcome(StudyState.ARCHIVED));
    assertThat(studies.history(id))
        .extracting(HistoryEntry::status)
        .containsExactly(
            StudyState.UPLOADED,
            StudyState.VALIDATING,
            StudyState.VALIDATED,
            StudyState.PROCESSING,
            StudyState.DESCRIBED,
            StudyState.ARCHIVED);
    assertThat(versions()).containsExactly(2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void a_stage_that_takes_its_time_is_seen_when_it_ends() {
    Studies all = node("all", ALL);
    String id = accepted(1);
    Claim validate = claimed(all, id, Stage.VALIDATE);
    clock.advance(Duration.ofSeconds(1));
    all.finish(validate, validated("1.3"));
    assertThat(state(id)).isEqualTo(StudyState.PROCESSING);
  }

  @Test
  void what_is_written_later_is_written_by_no_one_who_lost_the_study() {
    Studies all = node("all", ALL);
    String id = accepted(1);
    Claim describe = all.finish(claimed(all, id, Stage.VALIDATE), validated("1.3")).orElseThrow();
    clock.advance(LEASE.plusMillis(1));
    claimed(studies, id, Stage.VALIDATE);
    assertThatThrownBy(() -> all.finish(describe, outcome(StudyState.DESCRIBED)))
        .isInstanceOf(LeaseLost.class);
    assertThat(state(id)).isEqualTo(StudyState.VALIDATING);
  }

  @Test
  void an_attempt_spent_on_a_stage_that_is_not_written_yet_counts() {
    Studies all = node("all", ALL);
    String id = accepted(1);
    for (int attempt = 1; attempt <= 3; attempt++) {
      Claim describe = all.finish(claimed(all, id, Stage.VALIDATE), validated("1.3")).orElseThrow();
      assertThat(describe.attempts()).isEqualTo(attempt - 1);
      assertThat(all.spendAttempt(describe, Duration.ZERO)).isEqualTo(attempt);
    }
  }

  @Test
  void a_process_that_accepts_and_validates_begins_with_the_acceptance() {
    Studies all = node("all", ALL, Outbox.Target.STATUS_SERVICE);
    all.accept(List.of(arrived("1", digest(1), null)));
    assertThat(state("1")).isEqualTo(StudyState.VALIDATING);
    assertThat(studies.claim("1", Stage.VALIDATE)).isEmpty();
    Claim validate = claimed(all, "1", Stage.VALIDATE);
    assertThat(validate.carried()).isTrue();
    assertThat(all.claim("1", Stage.VALIDATE)).as("a second bell").isEmpty();
    Claim archive =
        all.finish(
                all.finish(validate, validated("1.3")).orElseThrow(), outcome(StudyState.DESCRIBED))
            .orElseThrow();
    all.finish(archive, outcome(StudyState.ARCHIVED));
    assertThat(studies.history("1")).hasSize(6);
    assertThat(versions()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void a_study_that_was_begun_and_that_no_bell_announced_is_found_by_the_sweep_of_its_process() {
    Studies all = node("all", ALL);
    all.accept(List.of(arrived("1", digest(1), null)));
    assertThat(all.due(Stage.VALIDATE, 10)).isEmpty();
    clock.advance(Duration.ofSeconds(2));
    assertThat(all.due(Stage.VALIDATE, 10)).containsExactly("1");
    assertThat(studies.due(Stage.VALIDATE, 10)).isEmpty();
  }

  @Test
  void a_process_that_dies_with_studies_it_began_leaves_them_to_others_when_its_lease_ends() {
    Studies all = node("all", ALL);
    all.accept(List.of(arrived("1", digest(1), null)));
    clock.advance(LEASE.plusMillis(1));
    assertThat(claimed(studies, "1", Stage.VALIDATE).carried()).isFalse();
    Claim late = claimed(all, "1", Stage.VALIDATE);
    assertThatThrownBy(() -> all.finish(late, outcome(StudyState.VALIDATION_FAILED)))
        .isInstanceOf(LeaseLost.class);
  }

  @Test
  void a_process_that_stops_gives_back_what_it_began() {
    Studies all = node("all", ALL);
    all.accept(List.of(arrived("1", digest(1), null)));
    assertThat(all.releaseAll()).isOne();
    assertThat(studies.due(Stage.VALIDATE, 10)).containsExactly("1");
  }

  @Test
  void no_more_are_begun_than_workers_soon_take_and_the_others_wait_for_anyone() {
    Studies all = node("all", ALL);
    for (int i = 1; i <= 70; i++) {
      all.accept(List.of(arrived("study-" + i, digest(i), null)));
    }
    assertThat(studies.due(Stage.VALIDATE, 100)).hasSize(6);
  }

  @Test
  void equal_bytes_are_begun_once() {
    Studies all = node("all", ALL);
    all.accept(List.of(arrived("1", digest(1), null), arrived("2", digest(1), null)));
    assertThat(all.claim("2", Stage.VALIDATE)).isEmpty();
    assertThat(claimed(all, "1", Stage.VALIDATE).studyId()).isEqualTo("1");
  }

  private List<Long> versions() {
    return database()
        .transactions()
        .read(
            handle ->
                handle
                    .createQuery("SELECT version FROM outbox ORDER BY seq")
                    .mapTo(Long.class)
                    .list());
  }

  @Test
  void a_process_that_does_not_run_the_next_stage_leaves_the_study_to_others_at_once() {
    Studies validator = node("validator", EnumSet.of(Stage.VALIDATE));
    String id = accepted(1);
    assertThat(validator.finish(claimed(validator, id, Stage.VALIDATE), validated("1.3")))
        .isEmpty();
    assertThat(studies.due(Stage.DESCRIBE, 10)).containsExactly(id);
    claimed(node("descriptor", NONE), id, Stage.DESCRIBE);
  }

  @Test
  void a_lease_taken_by_going_on_is_renewed_like_any_other() {
    Studies all = node("all", ALL);
    String id = accepted(1);
    all.finish(claimed(all, id, Stage.VALIDATE), validated("1.3"));
    clock.advance(LEASE.dividedBy(2));
    all.renewLeases();
    clock.advance(LEASE);
    assertThat(studies.claim(id, Stage.DESCRIBE)).isEmpty();
  }

  // ------------------------------------------------------------------------------ conflicts

  @Test
  void the_first_study_to_be_archived_holds_the_uid_and_the_second_learns_who_does() {
    String first = accepted(1);
    String second = accepted(2);
    described(first, "1.3");
    described(second, "1.3");
    assertThat(claimed(studies, first, Stage.ARCHIVE).conflict()).isEmpty();
    assertThat(claimed(studies, second, Stage.ARCHIVE).conflict())
        .contains(new Claim.Holder(first, digest(1)));
  }

  @Test
  void a_uid_is_free_again_when_its_holder_failed() {
    String first = accepted(1);
    String second = accepted(2);
    described(first, "1.3");
    described(second, "1.3");
    studies.finish(claimed(studies, first, Stage.ARCHIVE), outcome(StudyState.FAILED));
    assertThat(claimed(studies, second, Stage.ARCHIVE).conflict()).isEmpty();
  }

  @Test
  void a_loser_that_fails_does_not_free_the_winners_uid() {
    List<String> ids = IntStream.range(0, 3).mapToObj(this::accepted).toList();
    ids.forEach(id -> described(id, "1.3"));
    studies.finish(claimed(studies, ids.get(0), Stage.ARCHIVE), outcome(StudyState.ARCHIVED));
    studies.finish(claimed(studies, ids.get(1), Stage.ARCHIVE), outcome(StudyState.FAILED));
    assertThat(claimed(studies, ids.get(2), Stage.ARCHIVE).conflict())
        .contains(new Claim.Holder(ids.get(0), digest(0)));
  }

  @Test
  void of_many_studies_with_one_uid_exactly_one_is_archived() {
    List<String> ids = IntStream.range(0, 8).mapToObj(this::accepted).toList();
    ids.forEach(id -> described(id, "1.3"));
    AtomicInteger winners = new AtomicInteger();
    Set<String> holders = ConcurrentHashMap.newKeySet();
    Together.run(
        8,
        thread ->
            claimed(studies, ids.get(thread), Stage.ARCHIVE)
                .conflict()
                .ifPresentOrElse(
                    holder -> holders.add(holder.studyId()), winners::incrementAndGet));
    assertThat(winners).hasValue(1);
    assertThat(holders).hasSize(1);
  }

  // ------------------------------------------------------------------------------ reports

  @Test
  void reports_in_any_order_end_in_the_latest_status() {
    List<StudyState> way =
        List.of(
            StudyState.UPLOADED,
            StudyState.VALIDATING,
            StudyState.VALIDATED,
            StudyState.PROCESSING,
            StudyState.DESCRIBED,
            StudyState.ARCHIVED);
    List<List<StudyState>> orders = new ArrayList<>();
    permute(new ArrayList<>(way), 0, orders);
    assertThat(orders).hasSize(720);
    Together.run(
        8,
        thread -> {
          for (int i = thread; i < orders.size(); i += 8) {
            String id = "order-" + i;
            for (StudyState state : orders.get(i)) {
              studies.report(id, state, json().put("n", state.word()), 0);
            }
          }
        });
    for (int i = 0; i < orders.size(); i += 7) {
      String id = "order-" + i;
      assertThat(state(id)).as(orders.get(i).toString()).isEqualTo(StudyState.ARCHIVED);
      assertThat(studies.history(id))
          .as("what came late is remembered too")
          .extracting(HistoryEntry::status)
          .isEqualTo(orders.get(i));
      assertThat(applied(id)).isSorted();
    }
    assertThat(studies.page(Optional.of(StudyState.ARCHIVED), Optional.empty(), 1, 1).count())
        .isEqualTo(720);
  }

  private static void permute(List<StudyState> states, int from, List<List<StudyState>> orders) {
    if (from == states.size()) {
      orders.add(List.copyOf(states));
    }
    for (int i = from; i < states.size(); i++) {
      Collections.swap(states, from, i);
      permute(states, from + 1, orders);
      Collections.swap(states, from, i);
    }
  }

  @Test
  void of_two_final_reports_the_first_stands() {
    studies.report("a", StudyState.ARCHIVED, json(), 0);
    studies.report("a", StudyState.FAILED, json(), 0);
    assertThat(state("a")).isEqualTo(StudyState.ARCHIVED);
    studies.report("b", StudyState.VALIDATION_FAILED, json(), 0);
    studies.report("b", StudyState.ARCHIVED, json(), 0);
    assertThat(state("b")).isEqualTo(StudyState.VALIDATION_FAILED);
    assertThat(studies.history("b")).hasSize(2);
  }

  @Test
  void a_report_with_a_version_counts_when_it_is_newer_and_not_when_it_comes_late() {
    studies.report("a", StudyState.UPLOADED, json(), 1);
    studies.report("a", StudyState.FAILED, json(), 5);
    studies.report("a", StudyState.VALIDATING, json(), 2);
    assertThat(state("a")).isEqualTo(StudyState.FAILED);
    studies.report("a", StudyState.UPLOADED, json(), 6);
    assertThat(state("a"))
        .as("it was requeued where it is worked on")
        .isEqualTo(StudyState.UPLOADED);
    studies.report("a", StudyState.UPLOADED, json(), 6);
    studies.report("a", StudyState.ARCHIVED, json(), 12);
    studies.report("a", StudyState.DESCRIBED, json(), 11);
    assertThat(state("a")).isEqualTo(StudyState.ARCHIVED);
    assertThat(applied("a"))
        .containsExactly(
            StudyState.UPLOADED, StudyState.FAILED, StudyState.UPLOADED, StudyState.ARCHIVED);
    assertThat(studies.history("a")).as("late ones are remembered, too").hasSize(7);
  }

  @Test
  void among_reports_of_which_one_has_no_version_the_order_of_the_states_decides() {
    studies.report("a", StudyState.VALIDATED, json(), 0);
    studies.report("a", StudyState.UPLOADED, json(), 1);
    assertThat(state("a")).isEqualTo(StudyState.VALIDATED);
    studies.report("a", StudyState.DESCRIBED, json(), 7);
    studies.report("a", StudyState.PROCESSING, json(), 0);
    assertThat(state("a")).isEqualTo(StudyState.DESCRIBED);
    studies.report("a", StudyState.ARCHIVED, json(), 0);
    assertThat(state("a")).isEqualTo(StudyState.ARCHIVED);
  }

  @Test
  void a_report_about_a_study_of_ours_is_remembered_and_changes_nothing() {
    String id = accepted(1);
    studies.report(id, StudyState.ARCHIVED, json(), 0);
    assertThat(state(id)).isEqualTo(StudyState.UPLOADED);
    assertThat(studies.history(id)).extracting(HistoryEntry::applied).containsExactly(true, false);
    claimed(studies, id, Stage.VALIDATE);
  }

  @Test
  void a_reported_study_is_nobodys_work() {
    studies.report("reported", StudyState.UPLOADED, json(), 0);
    assertThat(studies.due(Stage.VALIDATE, 10)).isEmpty();
    assertThat(studies.claim("reported", Stage.VALIDATE)).isEmpty();
    assertThat(studies.requeue("reported")).isFalse();
    assertThat(studies.waiting().get(Stage.VALIDATE).count()).isZero();
  }

  // ------------------------------------------------------------------------------ looking

  @Test
  void an_unknown_study_has_neither_status_nor_history() {
    assertThat(studies.status("unknown")).isEmpty();
    assertThat(studies.history("unknown")).isEmpty();
  }

  @Test
  void of_many_studies_those_that_are_archived_are_told() {
    String waiting = accepted(1);
    String archived = accepted(2);
    described(archived, "1.3");
    studies.finish(claimed(studies, archived, Stage.ARCHIVE), outcome(StudyState.ARCHIVED));
    assertThat(studies.archived(List.of(waiting, archived, "unknown"))).containsExactly(archived);
    assertThat(studies.archived(List.of())).isEmpty();
  }

  @Test
  void pages_show_the_newest_first_and_count_all() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      ids.add(accepted(i));
      clock.advance(Duration.ofSeconds(1));
    }
    Collections.reverse(ids);
    StatusPage first = studies.page(Optional.empty(), Optional.empty(), 1, 3);
    StatusPage third = studies.page(Optional.empty(), Optional.empty(), 3, 3);
    assertThat(first.count()).isEqualTo(7);
    assertThat(first.results()).extracting(StudyStatus::studyId).isEqualTo(ids.subList(0, 3));
    assertThat(third.results()).extracting(StudyStatus::studyId).isEqualTo(ids.subList(6, 7));
    assertThat(studies.page(Optional.empty(), Optional.empty(), 4, 3).results()).isEmpty();
    assertThat(studies.page(Optional.empty(), Optional.empty(), 1_000_000, 50).results()).isEmpty();
  }

  @Test
  void pages_are_narrowed_by_state_and_time() {
    String old = accepted(1);
    clock.advance(Duration.ofMinutes(1));
    Instant later = clock.instant();
    String young = accepted(2);
    failed(accepted(3));
    assertThat(studies.page(Optional.of(StudyState.UPLOADED), Optional.empty(), 1, 10).results())
        .extracting(StudyStatus::studyId)
        .containsExactly(young, old);
    assertThat(studies.page(Optional.of(StudyState.UPLOADED), Optional.of(later), 1, 10).results())
        .extracting(StudyStatus::studyId)
        .containsExactly(young);
    assertThat(studies.page(Optional.empty(), Optional.of(later), 1, 10).count()).isEqualTo(2);
    assertThat(studies.page(Optional.of(StudyState.ARCHIVED), Optional.empty(), 1, 10).count())
        .isZero();
  }

  @Test
  void the_sweep_finds_the_longest_waiting_first_and_no_more_than_asked() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(accepted(i));
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(studies.due(Stage.VALIDATE, 3)).isEqualTo(ids.subList(0, 3));
  }

  @Test
  void queues_tell_their_length_and_the_age_of_their_oldest() {
    Instant first = clock.instant();
    String id = accepted(1);
    clock.advance(Duration.ofSeconds(1));
    accepted(2);
    Map<Stage, Studies.Waiting> waiting = studies.waiting();
    assertThat(waiting.get(Stage.VALIDATE)).isEqualTo(new Studies.Waiting(2, Optional.of(first)));
    assertThat(waiting.get(Stage.ARCHIVE)).isEqualTo(new Studies.Waiting(0, Optional.empty()));
    failed(id);
    assertThat(studies.waiting().get(Stage.VALIDATE).count()).isOne();
  }

  // ------------------------------------------------------------------------------ requeue

  @Test
  void a_failed_study_can_be_tried_again() {
    String id = accepted(1);
    studies.spendAttempt(claimed(studies, id, Stage.VALIDATE), Duration.ZERO);
    failed(id);
    assertThat(studies.requeue(id)).isTrue();
    assertThat(state(id)).isEqualTo(StudyState.UPLOADED);
    assertThat(claimed(studies, id, Stage.VALIDATE).attempts()).isZero();
    assertThat(studies.requeue(id)).as("it has not failed now").isFalse();
    assertThat(studies.requeue("unknown")).isFalse();
  }

  @Test
  void a_failed_study_whose_bytes_came_again_stays_failed() {
    String id = accepted(1);
    failed(id);
    accepted(1);
    assertThat(studies.requeue(id)).isFalse();
    assertThat(state(id)).isEqualTo(StudyState.FAILED);
  }

  @Test
  void of_two_failed_studies_with_equal_bytes_one_is_requeued() {
    for (int round = 0; round < 10; round++) {
      String one = accepted(round);
      failed(one);
      String two = accepted(round);
      failed(two);
      AtomicInteger requeued = new AtomicInteger();
      Together.run(
          2,
          thread -> {
            if (studies.requeue(thread == 0 ? one : two)) {
              requeued.incrementAndGet();
            }
          });
      assertThat(requeued).hasValue(1);
    }
  }

  // ------------------------------------------------------------------------------ outbox

  private Outbox outbox(String node) {
    return new SqlOutbox(database(), clock, node);
  }

  private static Outcome announced(StudyState state, String channel, String id) {
    return Outcome.of(
        state, json(), new Announcement(channel, json().put("study_id", id).put("event", "x")));
  }

  @Test
  void what_became_true_is_told_in_order_and_once() {
    Studies telling = node("one", NONE, Outbox.Target.REDIS);
    telling.accept(List.of(arrived("a", digest(1), null)));
    telling.finish(
        claimed(telling, "a", Stage.VALIDATE), announced(StudyState.VALIDATED, "validation", "a"));
    Outbox outbox = outbox("one");
    List<Outbox.Message> messages = outbox.unsent(Outbox.Target.REDIS, 10);
    assertThat(messages)
        .extracting(Outbox.Message::channel)
        .containsExactly("status", "uploads", "status", "status", "validation");
    assertThat(messages).extracting(Outbox.Message::seq).isSorted().doesNotHaveDuplicates();
    assertThat(messages).extracting(Outbox.Message::version).isSorted();
    assertThat(messages.get(0).payload()).contains("\"status\":\"uploaded\"", "\"timestamp\"");
    assertThat(outbox.unsent(Outbox.Target.REDIS, 2)).isEqualTo(messages.subList(0, 2));
    outbox.sent(messages.subList(0, 2));
    assertThat(outbox.unsent(Outbox.Target.REDIS, 10)).isEqualTo(messages.subList(2, 5));
    outbox.sent(messages.subList(2, 5));
    outbox.sent(List.of());
    assertThat(outbox.unsent(Outbox.Target.REDIS, 10)).isEmpty();
    assertThat(outbox.unsent(Outbox.Target.STATUS_SERVICE, 10)).isEmpty();
  }

  @Test
  void a_change_that_was_rolled_back_is_told_to_nobody() {
    Studies telling = node("one", NONE, Outbox.Target.REDIS);
    telling.accept(List.of(arrived("a", digest(1), null)));
    Claim lost = claimed(telling, "a", Stage.VALIDATE);
    clock.advance(LEASE.plusMillis(1));
    claimed(node("other", NONE), "a", Stage.VALIDATE);
    int before = outbox("one").unsent(Outbox.Target.REDIS, 100).size();
    assertThatExceptionOfType(LeaseLost.class)
        .isThrownBy(() -> telling.finish(lost, announced(StudyState.VALIDATED, "validation", "a")));
    assertThat(outbox("one").unsent(Outbox.Target.REDIS, 100)).hasSize(before);
  }

  @Test
  void a_status_service_is_told_statuses_only() {
    Studies telling = node("one", NONE, Outbox.Target.STATUS_SERVICE);
    telling.accept(List.of(arrived("a", digest(1), null)));
    List<Outbox.Message> messages = outbox("one").unsent(Outbox.Target.STATUS_SERVICE, 10);
    assertThat(messages).extracting(Outbox.Message::channel).containsExactly("status");
    assertThat(messages.get(0).payload()).contains("\"status\":\"uploaded\"", "\"details\"");
  }

  @Test
  void one_relay_speaks_at_a_time_and_another_takes_over_when_it_is_gone() {
    node("one", NONE, Outbox.Target.REDIS).accept(List.of(arrived("a", digest(1), null)));
    Outbox first = outbox("first");
    Outbox second = outbox("second");
    assertThat(first.unsent(Outbox.Target.REDIS, 10)).hasSize(2);
    assertThat(second.unsent(Outbox.Target.REDIS, 10)).isEmpty();
    clock.advance(Duration.ofSeconds(9));
    assertThat(first.unsent(Outbox.Target.REDIS, 10)).as("its lease is renewed").hasSize(2);
    clock.advance(Duration.ofSeconds(9));
    assertThat(second.unsent(Outbox.Target.REDIS, 10)).isEmpty();
    clock.advance(Duration.ofSeconds(2));
    assertThat(second.unsent(Outbox.Target.REDIS, 10)).hasSize(2);
    assertThat(first.unsent(Outbox.Target.REDIS, 10)).isEmpty();
    clock.advance(Duration.ofDays(-1));
    assertThat(first.unsent(Outbox.Target.REDIS, 10)).as("a clock set back").hasSize(2);
  }

  @Test
  void messages_sent_long_ago_are_forgotten_and_unsent_ones_never() {
    Studies telling = node("one", NONE, Outbox.Target.REDIS);
    telling.accept(List.of(arrived("a", digest(1), null)));
    Outbox outbox = outbox("one");
    List<Outbox.Message> messages = outbox.unsent(Outbox.Target.REDIS, 10);
    outbox.sent(messages.subList(0, 1));
    clock.advance(Duration.ofHours(1));
    assertThat(outbox.forget(Duration.ofHours(1))).isZero();
    clock.advance(Duration.ofMillis(1));
    assertThat(outbox.forget(Duration.ofHours(1))).isOne();
    assertThat(outbox.unsent(Outbox.Target.REDIS, 10)).hasSize(1);
  }

  // ------------------------------------------------------------------------------ all of it

  /** From, to: every change of state there is. */
  private static final Map<StudyState, Set<StudyState>> WAYS =
      Map.of(
          StudyState.UPLOADED, Set.of(StudyState.VALIDATING),
          StudyState.VALIDATING,
              Set.of(
                  StudyState.VALIDATING,
                  StudyState.VALIDATED,
                  StudyState.VALIDATION_FAILED,
                  StudyState.FAILED),
          StudyState.VALIDATED, Set.of(StudyState.PROCESSING),
          StudyState.PROCESSING,
              Set.of(StudyState.PROCESSING, StudyState.DESCRIBED, StudyState.FAILED),
          StudyState.DESCRIBED,
              Set.of(StudyState.ARCHIVED, StudyState.FAILED, StudyState.VALIDATED),
          StudyState.FAILED, Set.of(StudyState.UPLOADED),
          StudyState.VALIDATION_FAILED, Set.of(StudyState.UPLOADED),
          StudyState.ARCHIVED, Set.of());

  @Test
  void whatever_happens_a_study_changes_only_as_listed() {
    long seed = 20261121;
    Random random = new Random(seed);
    List<Studies> nodes = List.of(node("a", NONE), node("b", ALL), node("c", ALL));
    List<Map.Entry<Studies, Claim>> claims = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (int step = 0; step < 1_200; step++) {
      Studies node = nodes.get(random.nextInt(nodes.size()));
      String id = ids.isEmpty() ? "none" : ids.get(random.nextInt(ids.size()));
      switch (random.nextInt(12)) {
        case 0 -> {
          String fresh = "study-" + step;
          if (node.accept(List.of(arrived(fresh, digest(random.nextInt(40)), null))).get(0)
              instanceof Acceptance.Accepted) {
            ids.add(fresh);
          }
        }
        case 1, 2, 3 ->
            node.claim(id, Stage.values()[random.nextInt(3)])
                .ifPresent(claim -> claims.add(Map.entry(node, claim)));
        case 4, 5, 6, 7 -> {
          if (!claims.isEmpty()) {
            Map.Entry<Studies, Claim> held = claims.remove(random.nextInt(claims.size()));
            end(random, held.getKey(), held.getValue(), claims);
          }
        }
        case 8 ->
            node.report(id, StudyState.values()[random.nextInt(8)], json(), random.nextInt(2));
        case 9 -> node.requeue(id);
        case 10 -> clock.advance(Duration.ofSeconds(random.nextInt(20)));
        default -> node.renewLeases();
      }
    }
    assertThat(ids).as("seed " + seed).hasSizeGreaterThan(30);
    Set<StudyState> seen = EnumSet.noneOf(StudyState.class);
    for (String id : ids) {
      List<StudyState> states = applied(id);
      for (int i = 1; i < states.size(); i++) {
        assertThat(WAYS.get(states.get(i - 1)))
            .as("seed " + seed + " " + states)
            .contains(states.get(i));
      }
      assertThat(state(id)).isEqualTo(states.get(states.size() - 1));
      seen.addAll(states);
    }
    assertThat(seen).as("the run went everywhere").containsExactlyInAnyOrder(StudyState.values());
  }

  private static void end(
      Random random, Studies node, Claim claim, List<Map.Entry<Studies, Claim>> claims) {
    try {
      switch (random.nextInt(10)) {
        case 0 -> node.release(claim, Duration.ofSeconds(random.nextInt(5)));
        case 1 -> node.spendAttempt(claim, Duration.ofSeconds(random.nextInt(5)));
        case 2 -> node.finish(claim, outcome(StudyState.FAILED));
        case 3 -> {
          if (claim.stage() == Stage.VALIDATE) {
            node.finish(claim, outcome(StudyState.VALIDATION_FAILED));
          } else if (claim.stage() == Stage.ARCHIVE) {
            node.stepBack(claim);
          }
        }
        default ->
            node.finish(
                    claim,
                    claim.stage() == Stage.VALIDATE
                        ? validated("1." + random.nextInt(20))
                        : outcome(claim.stage().done()))
                .ifPresent(next -> claims.add(Map.entry(node, next)));
      }
    } catch (LeaseLost e) {
      // another node has it; that is what fences are for
    }
  }
}
