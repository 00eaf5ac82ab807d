package io.howdah.storage;

import org.jdbi.v3.core.Handle;

/**
 * Lets transactions that bring the same Idempotency-Key look and write one after the other, so that
 * none of them decides on what another is about to commit.
 */
interface KeyTurns {
  /** Returns once no other transaction has the key's turn; it is given back at the end of this. */
  void take(Handle handle, String key);

  /** SQLite has one writer at a time; PostgreSQL is asked for a lock. */
  static KeyTurns of(Database database) {
    return database.isEmbedded() ? (handle, key) -> {} : KeyTurns::ofServer;
  }

  private static void ofServer(Handle handle, String key) {
    handle
        .createQuery("SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(:key, 0))")
        .bind("key", key)
        .mapTo(Integer.class)
        .one();
  }
}
