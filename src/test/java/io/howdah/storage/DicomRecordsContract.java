package io.howdah.storage;

import static io.howdah.procedure.StepLedger.Answer.ENDED;
import static io.howdah.procedure.StepLedger.Answer.EXISTS;
import static io.howdah.procedure.StepLedger.Answer.RECORDED;
import static io.howdah.procedure.StepLedger.Answer.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.dicom.net.OpenCommitments;
import io.howdah.dicom.net.Reference;
import io.howdah.dicom.net.Unreported;
import io.howdah.procedure.StepLedger;
import io.howdah.procedure.StepState;
import io.howdah.support.MutableClock;
import io.howdah.support.Together;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is promised of procedure steps and storage commitments on every database. */
abstract class DicomRecordsContract {
  private static final Reference ONE = new Reference("1.2.840.10008.5.1.4.1.1.2", "1.2.1");
  private static final Reference TWO = new Reference("1.2.840.10008.5.1.4.1.1.2", "1.2.2");

  private final MutableClock clock = new MutableClock();
  private final String step = "2.25." + Math.abs((long) UUID.randomUUID().hashCode());
  private StepLedger ledger;
  private SqlCommitments commitments;

  abstract Database database();

  @BeforeEach
  void ledgers() {
    ledger = new SqlStepLedger(database());
    commitments = new SqlCommitments(database(), clock);
  }

  private StepLedger.Answer begun(String... studies) {
    return ledger.begun(step, Set.of(studies), "CT1", clock.instant());
  }

  private StepLedger.Answer changed(StepState state, int instances) {
    return ledger.changed(step, state, OptionalInt.of(instances), clock.instant());
  }

  private List<String> rows(String sql, String key) {
    return database()
        .transactions()
        .read(handle -> handle.createQuery(sql).bind("key", key).mapTo(String.class).list());
  }

  private List<String> step() {
    return rows(
        """
        SELECT study_instance_uid || ' ' || state || ' ' || COALESCE(instance_count, -1) || ' '
               || COALESCE(completed_at, -1)
        FROM performed_procedure_step WHERE sop_instance_uid = :key ORDER BY study_instance_uid""",
        step);
  }

  @Test
  void a_completed_step_says_how_many_objects_its_study_has() {
    assertThat(begun("1.2.3")).isEqualTo(RECORDED);
    assertThat(step()).containsExactly("1.2.3 IN PROGRESS -1 -1");
    assertThat(changed(StepState.IN_PROGRESS, 3)).isEqualTo(RECORDED);
    clock.advance(Duration.ofMinutes(5));
    assertThat(changed(StepState.COMPLETED, 7)).isEqualTo(RECORDED);
    assertThat(step()).containsExactly("1.2.3 COMPLETED 7 " + clock.instant().toEpochMilli());
  }

  @Test
  void what_was_said_before_the_end_still_counts_when_the_end_does_not_repeat_it() {
    begun("1.2.3");
    changed(StepState.IN_PROGRESS, 3);
    assertThat(ledger.changed(step, StepState.COMPLETED, OptionalInt.empty(), clock.instant()))
        .isEqualTo(RECORDED);
    assertThat(step()).containsExactly("1.2.3 COMPLETED 3 " + clock.instant().toEpochMilli());
  }

  @Test
  void a_step_that_ended_never_changes_but_may_be_told_again() {
    begun("1.2.3");
    changed(StepState.COMPLETED, 7);
    List<String> before = step();
    clock.advance(Duration.ofSeconds(1));
    assertThat(changed(StepState.COMPLETED, 7)).isEqualTo(RECORDED);
    assertThat(changed(StepState.COMPLETED, 8)).isEqualTo(ENDED);
    assertThat(changed(StepState.DISCONTINUED, 7)).isEqualTo(ENDED);
    assertThat(step()).isEqualTo(before);
  }

  @Test
  void a_step_of_two_studies_counts_for_neither() {
    assertThat(begun("1.2.3", "1.2.4")).isEqualTo(RECORDED);
    assertThat(changed(StepState.COMPLETED, 7)).isEqualTo(RECORDED);
    assertThat(step())
        .containsExactly(
            "1.2.3 COMPLETED -1 " + clock.instant().toEpochMilli(),
            "1.2.4 COMPLETED -1 " + clock.millis());
  }

  @Test
  void a_step_begins_once_and_must_begin_before_it_goes_on() throws Exception {
    assertThat(changed(StepState.COMPLETED, 7)).isEqualTo(UNKNOWN);
    AtomicInteger first = new AtomicInteger();
    Together.run(
        8,
        thread -> {
          if (begun("1.2.3") == RECORDED) {
            first.incrementAndGet();
          }
        });
    assertThat(first).hasValue(1);
    assertThat(begun("1.2.4")).isEqualTo(EXISTS);
    assertThat(step()).hasSize(1);
  }

  private List<String> commitment() {
    return rows(
        """
        SELECT sop_instance_uid || ' ' || COALESCE(committed, -1) FROM storage_commitment_instance
        WHERE transaction_uid = :key ORDER BY sop_instance_uid""",
        step);
  }

  @Test
  void a_commitment_that_nobody_reports_is_overdue_in_the_end_and_a_late_report_still_counts() {
    Duration patience = Duration.ofHours(24);
    long before = commitments.unreported(patience).open();
    commitments.remember(step, new OpenCommitments.Request("PACS", List.of(ONE)));
    clock.advance(patience);
    assertThat(commitments.unreported(patience).open()).isEqualTo(before + 1);
    assertThat(commitments.unreported(patience).overdue()).isZero();
    clock.advance(Duration.ofMillis(1));
    assertThat(commitments.unreported(patience).overdue()).isEqualTo(1);
    assertThat(commitments.unreported(patience).peer()).isEqualTo("PACS");
    commitments.settle(step, List.of(ONE), List.of());
    assertThat(commitments.unreported(patience)).isEqualTo(new Unreported(before, 0, ""));
    assertThat(commitment()).containsExactly("1.2.1 1");
  }

  @Test
  void a_commitment_is_what_the_peer_said_first() {
    commitments.remember(step, new OpenCommitments.Request("PACS", List.of(ONE, TWO)));
    assertThat(commitment()).containsExactly("1.2.1 -1", "1.2.2 -1");
    OpenCommitments.Request asked = commitments.find(step).orElseThrow();
    assertThat(asked.peerAe()).isEqualTo("PACS");
    assertThat(asked.references()).containsExactlyInAnyOrder(ONE, TWO);
    commitments.settle(step, List.of(ONE), List.of(TWO));
    commitments.settle(step, List.of(ONE, TWO), List.of());
    assertThat(commitment()).containsExactly("1.2.1 1", "1.2.2 0");
    assertThat(commitments.find("2.25.0")).isEmpty();
  }
}
