package io.howdah.storage;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * How many instances a study has by the word of the modality: the sum over its performed procedure
 * steps (MPPS, PS3.4 F.7), once each of them has ended and told its number.
 */
final class Expected {
  /** Steps that ended longer ago were noticed when they did, or when the next instance came. */
  private static final long RECENT = Duration.ofMinutes(5).toMillis();

  private Expected() {}

  /** An open batch of a study of which a step has just ended. */
  record News(long batch, String studyUid) {}

  static Optional<Integer> of(Handle handle, String studyUid) {
    return handle
        .createQuery(
            """
            SELECT SUM(instance_count) FROM performed_procedure_step WHERE study_instance_uid = :study
            HAVING COUNT(*) > 0 AND COUNT(*) = SUM(CASE WHEN completed_at IS NOT NULL AND instance_count IS NOT NULL
                                                        THEN 1 ELSE 0 END)""")
        .bind("study", studyUid)
        .mapTo(Integer.class)
        .findOne();
  }

  /** Open batches whose number has become known, or is another one now. */
  static List<News> news(Handle handle, long now) {
    return handle
        .createQuery(
            """
            SELECT DISTINCT b.id, b.study_instance_uid, b.expected_count FROM performed_procedure_step p
            JOIN exam_batches b ON b.study_instance_uid = p.study_instance_uid AND b.status = 'PENDING'
            WHERE p.completed_at > :since""")
        .bind("since", now - RECENT)
        .map((row, context) -> Map.entry(new News(row.getLong(1), row.getString(2)), row.getInt(3)))
        .list()
        .stream()
        .filter(
            known ->
                of(handle, known.getKey().studyUid())
                    .filter(expected -> !expected.equals(known.getValue()))
                    .isPresent())
        .map(Map.Entry::getKey)
        .toList();
  }
}
