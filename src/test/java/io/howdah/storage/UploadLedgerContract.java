package io.howdah.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.pacsupload.Attempt;
import io.howdah.pacsupload.ClaimedImage;
import io.howdah.pacsupload.Decision;
import io.howdah.pacsupload.Mark;
import io.howdah.pacsupload.PendingImage;
import io.howdah.pacsupload.UploadLeases;
import io.howdah.pacsupload.UploadLeases.Claimant;
import io.howdah.pacsupload.UploadLedger;
import io.howdah.pacsupload.UploadOutcome;
import io.howdah.pacsupload.UploadOutcome.Kind;
import io.howdah.pacsupload.Waiting;
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
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link UploadLeases} and {@link UploadLedger} promise on every database. */
abstract class UploadLedgerContract {
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final String AT = "2026-11-21 10:00:00";

  private final MutableClock clock = new MutableClock();
  private SqlUploadLeases leases;
  private SqlUploadLeases others;
  private UploadLedger ledger;

  abstract Database database();

  @BeforeEach
  void empty() {
    database()
        .transactions()
        .write(
            handle ->
                handle.execute("DELETE FROM pacs_upload")
                    + handle.execute("DELETE FROM pacs_upload_attempt"));
    leases = new SqlUploadLeases(database(), "one", LEASE);
    others = new SqlUploadLeases(database(), "two", LEASE);
    ledger = new SqlUploadLedger(database(), "one");
  }

  private Optional<UploadLeases.Lease> leased(UploadLeases by, String uid) {
    return Optional.ofNullable(by.lease(List.of(uid), Map.of(), AT, clock.instant()).get(uid));
  }

  private ClaimedImage claimed(String uid) {
    UploadLeases.Lease lease = leased(leases, uid).orElseThrow();
    return new ClaimedImage(
        new PendingImage(uid, "ACC", "a.dcm", 7, "hash", 1),
        1,
        lease.fence(),
        AT,
        clock.instant(),
        lease.messageId(),
        lease.linkMissedAt(),
        lease.tries(),
        lease.ambiguous());
  }

  private static UploadOutcome outcome(Kind kind) {
    return new UploadOutcome(kind, "http", Optional.of(503), "said", "", Optional.empty());
  }

  private UploadLedger.Result result(ClaimedImage claim, Kind kind, String status, Kind waiting) {
    Decision decision =
        new Decision(
            status,
            status.equals("COMPLETE") ? null : "said",
            true,
            Optional.ofNullable(waiting),
            waiting == null ? Instant.EPOCH : clock.instant().plusSeconds(60),
            waiting == null ? 0 : claim.tries() + 1,
            claim.ambiguous(),
            waiting == Kind.AWAITING_LINK ? Optional.of(clock.instant()) : Optional.empty());
    return new UploadLedger.Result(claim, outcome(kind), decision, status.equals("FAILED"));
  }

  private Set<String> recorded(UploadLedger.Result result) {
    return ledger.record(List.of(result), clock.instant());
  }

  private void settled() {
    ledger.settled(ledger.unsettled(10));
  }

  @Test
  void an_image_is_leased_to_one_process_and_to_the_next_when_the_lease_is_over() {
    assertThat(leased(leases, "1.2")).isPresent();
    assertThat(leased(others, "1.2")).isEmpty();
    assertThat(leases.notNow(clock.instant())).containsExactly("1.2");
    assertThat(leases.claimant("1.2", AT, clock.instant())).isEqualTo(Claimant.LIVING);
    clock.advance(LEASE);
    assertThat(leases.claimant("1.2", AT, clock.instant())).isEqualTo(Claimant.GONE);
    assertThat(leased(others, "1.2").orElseThrow().fence()).isEqualTo(2);
  }

  @Test
  void of_many_that_want_an_image_at_once_one_gets_it() throws Exception {
    Map<String, Boolean> winners = new ConcurrentHashMap<>();
    Together.run(
        8,
        number -> {
          SqlUploadLeases own = new SqlUploadLeases(database(), "node-" + number, LEASE);
          for (int image = 0; image < 20; image++) {
            String uid = "1.2." + image;
            if (leased(own, uid).isPresent()) {
              assertThat(winners.put(uid, true)).as(uid + " was given twice").isNull();
            }
          }
        });
    assertThat(winners).hasSize(20);
  }

  @Test
  void a_lease_is_kept_while_its_process_lives_and_lost_when_it_is_abandoned() {
    UploadLeases.Lease lease = leased(leases, "1.2").orElseThrow();
    clock.advance(LEASE.minusSeconds(1));
    leases.renew(clock.instant());
    clock.advance(LEASE.minusSeconds(1));
    assertThat(leases.claimant("1.2", AT, clock.instant())).isEqualTo(Claimant.LIVING);
    leases.abandon(Map.of("1.2", lease.fence()));
    leases.renew(clock.instant());
    clock.advance(Duration.ofSeconds(1));
    assertThat(leased(others, "1.2")).isPresent();
  }

  @Test
  void a_message_id_seen_at_the_claim_is_remembered_and_none_is_forgotten() {
    leases.lease(List.of("1.2"), Map.of("1.2", "message"), AT, clock.instant());
    clock.advance(LEASE);
    assertThat(leased(others, "1.2").orElseThrow().messageId()).contains("message");
  }

  @Test
  void a_lease_given_back_is_free_at_once() {
    UploadLeases.Lease lease = leased(leases, "1.2").orElseThrow();
    leases.release(Map.of("1.2", lease.fence()));
    assertThat(leases.notNow(clock.instant())).isEmpty();
    assertThat(leased(others, "1.2")).isPresent();
  }

  /** The database, where something happens just before one of the looks at it. */
  private static final class Interrupted extends AroundTransactions {
    private int looks;
    private Runnable happening;

    Interrupted(Transactions transactions, int looks) {
      super(transactions);
      this.looks = looks;
    }

    @Override
    public <T> T read(Function<Handle, T> work) {
      looks--;
      if (looks == 0) {
        happening.run();
      }
      return super.read(work);
    }
  }

  /**
   * Two processes with databases of their own claim an image within one second, so that pacs.db
   * shows both what they would have written; who lost the race asks whose it is while giving its
   * lease back.
   */
  @Test
  void a_lease_given_back_at_whatever_moment_is_never_taken_for_that_of_a_process_that_died() {
    List<Claimant> seen = new ArrayList<>();
    Interrupted between;
    do {
      String uid = "1." + (seen.size() + 1);
      between = new Interrupted(database().transactions(), seen.size() + 1);
      SqlUploadLeases loser = new SqlUploadLeases(between, "one", LEASE);
      long fence = leased(loser, uid).orElseThrow().fence();
      between.happening = () -> loser.release(Map.of(uid, fence));
      seen.add(loser.claimant(uid, AT, clock.instant()));
    } while (between.looks <= 0);
    assertThat(seen.get(0)).as("given back before the first look").isEqualTo(Claimant.OTHERS);
    assertThat(seen.get(seen.size() - 1)).as("after the last").isEqualTo(Claimant.LIVING);
    assertThat(seen).doesNotContain(Claimant.GONE);
  }

  @Test
  void a_clock_that_was_set_back_far_keeps_no_lease_alive() {
    leased(leases, "1.2");
    clock.advance(Duration.ofDays(-1));
    assertThat(leases.claimant("1.2", AT, clock.instant())).isEqualTo(Claimant.GONE);
    assertThat(leased(others, "1.2")).isPresent();
  }

  @Test
  void leases_of_a_process_that_is_gone_are_freed_at_the_start_of_the_next() {
    leased(others, "1.2");
    leases.freeAbandoned();
    assertThat(leased(leases, "1.2")).isPresent();
  }

  @Test
  void a_claim_made_anew_is_ours_under_its_new_time_only() {
    ClaimedImage claim = claimed("1.2");
    ClaimedImage again =
        new ClaimedImage(
            claim.image(),
            1,
            claim.fence(),
            "2026-11-21 10:00:09",
            claim.startedAt(),
            claim.messageId(),
            claim.linkMissedAt(),
            0,
            0);
    assertThat(leases.reclaimed(again)).isTrue();
    assertThat(leases.claimant("1.2", AT, clock.instant())).isEqualTo(Claimant.OTHERS);
    assertThat(leases.claimant("1.2", again.claimedAt(), clock.instant()))
        .isEqualTo(Claimant.LIVING);
    clock.advance(LEASE);
    leased(others, "1.2");
    assertThat(leases.reclaimed(again)).as("another has it now").isFalse();
  }

  @Test
  void an_outcome_counts_once_and_pacs_db_is_told_until_it_took_it() {
    ClaimedImage claim = claimed("1.2");
    assertThat(recorded(result(claim, Kind.VERDICT, "FAILED", null))).containsExactly("1.2");
    assertThat(ledger.unsettled(10))
        .containsExactly(new Mark("1.2", claim.fence(), AT, "FAILED", "said", 1, "hash"));
    assertThat(leased(leases, "1.2")).as("not before pacs.db knows").isEmpty();
    settled();
    assertThat(ledger.unsettled(10)).isEmpty();
    assertThat(leased(leases, "1.2")).isPresent();
    assertThat(ledger.attempts("1.2"))
        .extracting(Attempt::outcome, Attempt::node)
        .containsExactly(org.assertj.core.api.Assertions.tuple("VERDICT", "one"));
  }

  @Test
  void an_outcome_of_a_lost_lease_does_not_count_unless_the_image_was_delivered() {
    ClaimedImage late = claimed("1.2");
    clock.advance(LEASE);
    leased(others, "1.2");
    assertThat(recorded(result(late, Kind.TRY_LATER, "PENDING", Kind.TRY_LATER))).isEmpty();
    assertThat(ledger.unsettled(10)).isEmpty();
    assertThat(recorded(result(late, Kind.DELIVERED, "COMPLETE", null))).containsExactly("1.2");
    assertThat(ledger.attempts("1.2")).as("what was tried is known all the same").hasSize(2);
  }

  @Test
  void a_wait_keeps_an_image_back_until_its_time_or_until_the_cloud_is_back() {
    recorded(result(claimed("1.2"), Kind.TRY_LATER, "PENDING", Kind.TRY_LATER));
    settled();
    assertThat(ledger.waiting("1.2").map(Waiting::reason)).contains("TRY_LATER");
    assertThat(ledger.waits()).containsEntry("TRY_LATER", 1L);
    assertThat(leased(leases, "1.2")).isEmpty();
    ledger.wake(clock.instant());
    assertThat(leases.notNow(clock.instant())).isEmpty();
    assertThat(leased(leases, "1.2").orElseThrow().tries()).isEqualTo(1);
  }

  @Test
  void a_message_id_ends_the_wait_for_it_and_is_never_forgotten_by_a_requeue() {
    recorded(result(claimed("1.2"), Kind.AWAITING_LINK, "PENDING", Kind.AWAITING_LINK));
    settled();
    assertThat(ledger.awaitingLink(10)).containsEntry("1.2", "ACC");
    ledger.remember(Map.of("1.2", "message", "1.3", "other"), clock.instant());
    assertThat(ledger.awaitingLink(10)).isEmpty();
    assertThat(ledger.linked(List.of("1.2", "1.3", "1.4"))).containsOnly("1.2", "1.3");
    ledger.forgetWaits(List.of("1.2"));
    UploadLeases.Lease lease = leased(leases, "1.2").orElseThrow();
    assertThat(lease.messageId()).contains("message");
    assertThat(lease.linkMissedAt()).isEmpty();
  }

  @Test
  void more_images_than_a_statement_takes_parameters_are_looked_up() {
    List<String> uids = IntStream.range(0, 1_200).mapToObj(number -> "1.2." + number).toList();
    ledger.remember(Map.of("1.2.7", "a", "1.2.1199", "b"), clock.instant());
    assertThat(ledger.linked(uids)).containsOnly("1.2.7", "1.2.1199");
  }

  @Test
  void a_failure_is_to_be_reported_once_where_its_message_is_known() {
    ledger.remember(Map.of("1.2", "message"), clock.instant());
    recorded(result(claimed("1.2"), Kind.VERDICT, "FAILED", null));
    recorded(result(claimed("1.3"), Kind.VERDICT, "FAILED", null));
    assertThat(ledger.failureReports(10))
        .containsExactly(new UploadLedger.FailureReport("1.2", "message", "said"));
    ledger.reported("1.2");
    assertThat(ledger.failureReports(10)).isEmpty();
  }

  @Test
  void what_was_finished_long_ago_is_forgotten_and_what_is_open_is_not() {
    recorded(result(claimed("1.2"), Kind.DELIVERED, "COMPLETE", null));
    recorded(result(claimed("1.3"), Kind.TRY_LATER, "PENDING", Kind.TRY_LATER));
    settled();
    clock.advance(Duration.ofDays(100));
    ledger.prune(clock.instant());
    assertThat(ledger.attempts("1.2")).isEmpty();
    assertThat(ledger.waiting("1.3")).isPresent();
  }
}
