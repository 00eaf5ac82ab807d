package io.howdah.storage;

import io.howdah.audit.AuditEntry;
import io.howdah.audit.AuditTrail;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** {@link AuditTrail} in SQL; entries are added only in the transaction of what they tell. */
public final class SqlAudit implements AuditTrail {
  private final Transactions transactions;

  public SqlAudit(Database database) {
    this.transactions = database.transactions();
  }

  /** Adds an entry; writers take turns at the head of the trail until they commit. */
  static void append(
      Handle handle,
      long at,
      String who,
      String what,
      String item,
      Optional<String> from,
      Optional<String> to,
      String result) {
    Anchor head =
        handle
            .createQuery("UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash")
            .map((row, context) -> new Anchor(row.getLong(1), row.getString(2)))
            .one();
    AuditEntry entry =
        AuditEntry.after(
            head.hash(), head.seq(), at, plain(who, 128), what, item, from, to, plain(result, 500));
    handle.execute(
        """
        INSERT INTO audit_entry (seq, at, who, what, item, from_state, to_state, result, prev_hash, hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        entry.seq(),
        entry.at(),
        entry.who(),
        entry.what(),
        entry.item(),
        entry.from().orElse(null),
        entry.to().orElse(null),
        entry.result(),
        entry.previousHash(),
        entry.hash());
    handle.execute("UPDATE audit_head SET hash = ? WHERE id = 1", entry.hash());
  }

  /** What every database gives back as it was put in, and a log shows on one line. */
  private static String plain(String text, int limit) {
    String clean = text.replaceAll("[\\p{Cntrl}\\p{Cs}]", " ").strip();
    return clean.length() <= limit ? clean : clean.substring(0, limit);
  }

  private static AuditEntry entry(ResultSet row) throws SQLException {
    return new AuditEntry(
        row.getLong("seq"),
        row.getLong("at"),
        row.getString("who"),
        row.getString("what"),
        row.getString("item"),
        Optional.ofNullable(row.getString("from_state")),
        Optional.ofNullable(row.getString("to_state")),
        row.getString("result"),
        row.getString("prev_hash"),
        row.getString("hash"));
  }

  @Override
  public List<AuditEntry> of(String item) {
    return transactions.read(
        handle ->
            handle
                .createQuery("SELECT * FROM audit_entry WHERE item = :item ORDER BY seq")
                .bind("item", item)
                .map((row, context) -> entry(row))
                .list());
  }

  @Override
  public List<AuditEntry> after(long seq, int limit) {
    return transactions.read(
        handle ->
            handle
                .createQuery("SELECT * FROM audit_entry WHERE seq > :seq ORDER BY seq LIMIT :limit")
                .bind("seq", seq)
                .bind("limit", limit)
                .map((row, context) -> entry(row))
                .list());
  }

  @Override
  public Anchor head() {
    return transactions.read(
        handle ->
            handle
                .createQuery("SELECT seq, hash FROM audit_head WHERE id = 1")
                .map((row, context) -> new Anchor(row.getLong(1), row.getString(2)))
                .one());
  }
}
