package io.howdah.storage;

import com.fasterxml.jackson.databind.JsonNode;
import io.howdah.status.StudyState;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** What other processes say of studies that they work on, in whatever order it comes. */
final class StudyReports {
  private final Transactions transactions;
  private final InstantSource clock;
  private final StudyJournal journal;

  StudyReports(Transactions transactions, InstantSource clock, StudyJournal journal) {
    this.transactions = transactions;
    this.clock = clock;
    this.journal = journal;
  }

  void report(String studyId, StudyState status, JsonNode details, long version) {
    transactions.write(
        handle -> {
          long now = clock.millis();
          int inserted =
              handle
                  .createUpdate(
                      """
                      INSERT INTO study (study_id, state, held, source, details, reported_version, created_at, updated_at)
                      VALUES (:id, :state, 0, 'reported', :details, :reported, :now, :now) ON CONFLICT DO NOTHING""")
                  .bind("id", studyId)
                  .bind("state", status.word())
                  .bind("details", StudyJournal.text(details))
                  .bind("reported", version)
                  .bind("now", now)
                  .execute();
          boolean applied =
              inserted == 1 || applyReport(handle, studyId, status, details, version, now);
          journal.remember(handle, studyId, status, applied, details, now);
          if (applied) {
            long own =
                handle
                    .createQuery("SELECT version FROM study WHERE study_id = :id")
                    .bind("id", studyId)
                    .mapTo(Long.class)
                    .one();
            journal.announce(handle, studyId, own, status, details, List.of(), now);
          }
          return applied;
        });
  }

  private static boolean applyReport(
      Handle handle, String studyId, StudyState status, JsonNode details, long version, long now) {
    List<String> before = new ArrayList<>(List.of("none"));
    for (StudyState state : StudyState.values()) {
      if (state.isFollowedBy(status)) {
        before.add(state.word());
      }
    }
    return handle
            .createUpdate(
                """
                UPDATE study SET state = :state, version = version + 1, details = :details, updated_at = :now,
                       reported_version = CASE WHEN :reported > 0 THEN :reported ELSE reported_version END
                WHERE study_id = :id AND held = 0
                  AND CASE WHEN :reported > 0 AND reported_version > 0 THEN reported_version < :reported
                           ELSE state IN (<before>) END""")
            .bindList("before", before)
            .bind("state", status.word())
            .bind("details", StudyJournal.text(details))
            .bind("reported", version)
            .bind("now", now)
            .bind("id", studyId)
            .execute()
        == 1;
  }
}
