package io.howdah.storage;

import java.time.InstantSource;
import org.jdbi.v3.core.Handle;

/**
 * Lets one process at a time do what has a name; another takes over ten seconds after it was heard
 * of last.
 *
 * @param node names this process
 */
record NodeLease(String node, InstantSource clock) {
  private static final long LENGTH_MS = 10_000;

  /** Takes or keeps the lease of {@code name}; false when another process has it. */
  boolean take(Handle handle, String name) {
    long now = clock.millis();
    return handle
            .createUpdate(
                """
                INSERT INTO lease (name, owner, until) VALUES (:name, :node, :until)
                ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
                WHERE lease.owner = excluded.owner OR lease.until < :now OR lease.until > :now + 2 * :lease""")
            .bind("name", name)
            .bind("node", node)
            .bind("until", now + LENGTH_MS)
            .bind("now", now)
            .bind("lease", LENGTH_MS)
            .execute()
        == 1;
  }
}
