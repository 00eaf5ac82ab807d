package io.howdah.storage;

import io.howdah.procedure.StepLedger;
import io.howdah.procedure.StepState;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** {@link StepLedger} in SQL that SQLite and PostgreSQL both understand. */
public final class SqlStepLedger implements StepLedger {
  private final Transactions transactions;

  public SqlStepLedger(Database database) {
    this.transactions = database.transactions();
  }

  @Override
  public Answer begun(String step, Set<String> studies, String callingAe, Instant now) {
    return transactions.write(
        handle -> {
          if (rows(handle, step) > 0) {
            return Answer.EXISTS;
          }
          for (String study : studies) {
            // two that begin the same step at once: the database lets one be first
            int inserted =
                handle
                    .createUpdate(
                        """
                        INSERT INTO performed_procedure_step
                               (sop_instance_uid, study_instance_uid, calling_ae, state, created_at, updated_at)
                        VALUES (:step, :study, :ae, :state, :now, :now) ON CONFLICT DO NOTHING""")
                    .bind("step", step)
                    .bind("study", study)
                    .bind("ae", callingAe)
                    .bind("state", StepState.IN_PROGRESS.word())
                    .bind("now", now.toEpochMilli())
                    .execute();
            if (inserted == 0) {
              return Answer.EXISTS;
            }
          }
          return Answer.RECORDED;
        });
  }

  @Override
  public Answer changed(String step, StepState state, OptionalInt instances, Instant now) {
    return transactions.write(
        handle -> {
          int studies = rows(handle, step);
          Integer count = studies == 1 && instances.isPresent() ? instances.getAsInt() : null;
          int changed =
              handle
                  .createUpdate(
                      """
                      UPDATE performed_procedure_step
                      SET state = :state, instance_count = COALESCE(:count, instance_count), updated_at = :now,
                          completed_at = CASE WHEN :state = 'IN PROGRESS' THEN NULL ELSE :now END
                      WHERE sop_instance_uid = :step AND state = 'IN PROGRESS'""")
                  .bind("state", state.word())
                  .bind("count", count)
                  .bind("now", now.toEpochMilli())
                  .bind("step", step)
                  .execute();
          if (changed > 0) {
            return Answer.RECORDED;
          }
          return studies == 0
              ? Answer.UNKNOWN
              : isSame(handle, step, state, count) ? Answer.RECORDED : Answer.ENDED;
        });
  }

  private static int rows(Handle handle, String step) {
    return handle
        .createQuery("SELECT COUNT(*) FROM performed_procedure_step WHERE sop_instance_uid = :step")
        .bind("step", step)
        .mapTo(Integer.class)
        .one();
  }

  /** A modality that missed our answer says the same again. */
  private static boolean isSame(Handle handle, String step, StepState state, Integer count) {
    return handle
            .createQuery(
                """
                SELECT COUNT(*) FROM performed_procedure_step
                WHERE sop_instance_uid = :step AND state = :state AND COALESCE(instance_count, -1) = :count""")
            .bind("step", step)
            .bind("state", state.word())
            .bind("count", count == null ? -1 : count)
            .mapTo(Integer.class)
            .one()
        > 0;
  }
}
