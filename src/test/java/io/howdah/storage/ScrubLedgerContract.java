package io.howdah.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.howdah.archive.Damage;
import io.howdah.archive.ScrubLedger;
import io.howdah.archive.ScrubLedger.Kept;
import io.howdah.archive.ScrubLedger.Look;
import io.howdah.status.Claim;
import io.howdah.status.NewStudy;
import io.howdah.status.Outcome;
import io.howdah.status.Stage;
import io.howdah.status.StudyState;
import io.howdah.support.MutableClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link ScrubLedger} promises on every database. */
abstract class ScrubLedgerContract {
  private static final Duration EVERY = Duration.ofDays(7);

  private final MutableClock clock = new MutableClock();
  private SqlStudies studies;
  private ScrubLedger ledger;

  abstract Database database();

  @BeforeEach
  void three_studies_are_archived() {
    database()
        .transactions()
        .write(
            handle -> {
              for (String table :
                  List.of(
                      "archive_damage", "lease", "archived_instance", "study_history", "study")) {
                handle.execute("DELETE FROM " + table);
              }
              return handle.execute("UPDATE scrub SET after_seq = 0, until_seq = 0, begun_at = 0");
            });
    studies = new SqlStudies(database(), clock, "one", Duration.ofSeconds(30), Set.of(), Set.of());
    ledger = node("one");
    archived("a");
    archived("b");
    archived("c");
  }

  private ScrubLedger node(String name) {
    return new SqlScrubLedger(database(), clock, name, EVERY);
  }

  private void accepted(String id) {
    studies.accept(
        List.of(
            new NewStudy(
                id,
                "http",
                "x.dcm",
                7,
                digest(id),
                Optional.empty(),
                JsonNodeFactory.instance.objectNode())));
  }

  private static String digest(String id) {
    return id.repeat(64).substring(0, 64);
  }

  private void archived(String id) {
    accepted(id);
    finished(id, Stage.VALIDATE, StudyState.VALIDATED);
    finished(id, Stage.DESCRIBE, StudyState.DESCRIBED);
    finished(id, Stage.ARCHIVE, StudyState.ARCHIVED);
  }

  private void finished(String id, Stage stage, StudyState state) {
    Claim claim = studies.claim(id, stage).orElseThrow();
    studies.finish(claim, Outcome.of(state, JsonNodeFactory.instance.objectNode()));
  }

  private List<String> due() {
    return due(ledger);
  }

  private static List<String> due(ScrubLedger ledger) {
    return ledger.due(10).stream().map(Kept::studyId).toList();
  }

  private List<String> seen(String id, Damage damage) {
    Kept kept =
        ledger.due(10).stream().filter(one -> one.studyId().equals(id)).findFirst().orElseThrow();
    return ledger.record(List.of(new Look(kept, Optional.ofNullable(damage))));
  }

  @Test
  void a_pass_goes_over_what_was_archived_before_it_began_and_nothing_else() {
    accepted("d");
    assertThat(due()).containsExactly("a", "b", "c");
    archived("e");
    assertThat(due()).containsExactly("a", "b", "c");
    assertThat(ledger.due(2)).extracting(Kept::studyId).containsExactly("a", "b");
    assertThat(ledger.due(1))
        .singleElement()
        .satisfies(
            kept -> {
              assertThat(kept.size()).isEqualTo(7);
              assertThat(kept.sha256()).isEqualTo(digest("a"));
            });
  }

  @Test
  void another_process_goes_on_where_one_stopped() {
    seen("a", null);
    clock.advance(Duration.ofSeconds(11));
    assertThat(due(node("two"))).containsExactly("b", "c");
  }

  @Test
  void one_process_scrubs_and_another_neither_reads_nor_records_meanwhile() {
    List<Kept> mine = ledger.due(10);
    assertThat(due(node("two"))).isEmpty();
    node("two").record(List.of(new Look(mine.get(0), Optional.of(Damage.UNREADABLE))));
    assertThat(ledger.damaged()).isEmpty();
    assertThat(due()).containsExactly("a", "b", "c");
  }

  @Test
  void the_next_pass_begins_no_sooner_than_asked_for_and_takes_in_what_came_meanwhile() {
    due();
    archived("d");
    seen("c", null);
    assertThat(due()).isEmpty();
    clock.advance(EVERY.minusMillis(1));
    assertThat(due()).isEmpty();
    clock.advance(Duration.ofMillis(1));
    assertThat(due()).containsExactly("a", "b", "c", "d");
  }

  @Test
  void no_row_is_written_while_nothing_is_archived_or_nothing_is_due() {
    String writes =
        "SELECT COALESCE(MAX(begun_at), 0) + COALESCE((SELECT MAX(until) FROM lease), 0) FROM scrub";
    seen("c", null);
    long before = number(writes);
    clock.advance(Duration.ofMinutes(1));
    assertThat(due()).isEmpty();
    assertThat(number(writes)).isEqualTo(before);
    three_studies_are_archived();
    database()
        .transactions()
        .write(handle -> handle.execute("UPDATE study SET held = 0 WHERE state = 'archived'"));
    assertThat(due()).isEmpty();
    assertThat(number(writes)).isZero();
  }

  private long number(String sql) {
    return database()
        .transactions()
        .read(handle -> handle.createQuery(sql).mapTo(Long.class).one());
  }

  @Test
  void a_clock_set_back_does_not_put_off_the_next_pass() {
    seen("c", null);
    clock.advance(Duration.ofDays(-30));
    assertThat(due()).containsExactly("a", "b", "c");
  }

  @Test
  void damage_is_counted_by_code_until_the_study_is_whole_again() {
    seen("a", Damage.CHECKSUM_MISMATCH);
    seen("b", Damage.FILE_MISSING);
    assertThat(seen("c", null)).isEmpty();
    assertThat(ledger.damaged())
        .isEqualTo(Map.of(Damage.CHECKSUM_MISMATCH, 1L, Damage.FILE_MISSING, 1L));
    clock.advance(EVERY);
    assertThat(seen("a", null)).containsExactly("a");
    assertThat(seen("b", Damage.UNREADABLE)).isEmpty();
    assertThat(ledger.damaged()).isEqualTo(Map.of(Damage.UNREADABLE, 1L));
  }

  @Test
  void between_passes_what_is_damaged_is_looked_at_every_hour() {
    seen("b", Damage.FILE_MISSING);
    assertThat(due()).containsExactly("c");
    seen("c", null);
    assertThat(due()).isEmpty();
    clock.advance(SqlScrubLedger.AGAIN);
    assertThat(seen("b", Damage.CHECKSUM_MISMATCH)).isEmpty();
    assertThat(due()).isEmpty();
    clock.advance(SqlScrubLedger.AGAIN);
    assertThat(seen("b", null)).containsExactly("b");
    assertThat(ledger.damaged()).isEmpty();
  }

  @Test
  void the_status_and_the_history_of_a_damaged_study_stay_as_they_were() {
    int before = studies.history("a").size();
    seen("a", Damage.CHECKSUM_MISMATCH);
    assertThat(studies.status("a").orElseThrow().status()).isEqualTo(StudyState.ARCHIVED);
    assertThat(studies.history("a")).hasSize(before);
  }
}
