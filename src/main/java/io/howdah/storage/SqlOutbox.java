package io.howdah.storage;

import io.howdah.disk.CrashPoint;
import io.howdah.events.Outbox;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;

/** {@link Outbox} in SQL; a lease by target keeps the order when several processes could relay. */
public final class SqlOutbox implements Outbox {
  private final Transactions transactions;
  private final InstantSource clock;
  private final NodeLease lease;

  /**
   * @param node names this process as the relay
   */
  public SqlOutbox(Database database, InstantSource clock, String node) {
    this.transactions = database.transactions();
    this.clock = clock;
    this.lease = new NodeLease(node, clock);
  }

  @Override
  public List<Message> unsent(Target target, int limit) {
    boolean any =
        transactions.read(
            handle ->
                handle
                    .createQuery(
                        "SELECT 1 FROM outbox WHERE target = :target AND sent_at IS NULL LIMIT 1")
                    .bind("target", target.name())
                    .mapTo(Integer.class)
                    .findOne()
                    .isPresent());
    if (!any || !isMine(target)) {
      return List.of();
    }
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT seq, target, channel, study_id, version, payload FROM outbox
                    WHERE target = :target AND sent_at IS NULL ORDER BY seq LIMIT :limit""")
                .bind("target", target.name())
                .bind("limit", limit)
                .map(
                    (row, context) ->
                        new Message(
                            row.getLong("seq"),
                            target,
                            row.getString("channel"),
                            row.getString("study_id"),
                            row.getLong("version"),
                            row.getString("payload")))
                .list());
  }

  private boolean isMine(Target target) {
    String name = "outbox-" + target.name().toLowerCase(Locale.ROOT);
    return transactions.progress(handle -> lease.take(handle, name));
  }

  @Override
  public void sent(List<Message> messages) {
    if (messages.isEmpty()) {
      return;
    }
    CrashPoint.OUTBOX_SENT.reached();
    CrashPoint.OUTBOX_SENT.reached();
    transactions.progress(
        handle ->
            handle
                .createUpdate("UPDATE outbox SET sent_at = :now WHERE seq IN (<seqs>)")
                .bind("now", clock.millis())
                .bindList("seqs", messages.stream().map(Message::seq).toList())
                .execute());
  }

  @Override
  public Backlog backlog(Target target) {
    return transactions.read(
        handle ->
            new Backlog(
                handle
                    .createQuery(
                        "SELECT COUNT(*) FROM outbox WHERE target = :target AND sent_at IS NULL")
                    .bind("target", target.name())
                    .mapTo(Long.class)
                    .one(),
                handle
                    .createQuery(
                        """
                        SELECT created_at FROM outbox
                        WHERE target = :target AND sent_at IS NULL ORDER BY seq LIMIT 1""")
                    .bind("target", target.name())
                    .mapTo(Long.class)
                    .findOne()
                    .map(Instant::ofEpochMilli)));
  }

  @Override
  public int forget(Duration retention) {
    return transactions.progress(
        handle ->
            handle
                .createUpdate("DELETE FROM outbox WHERE sent_at IS NOT NULL AND sent_at < :before")
                .bind("before", clock.millis() - retention.toMillis())
                .execute());
  }
}
