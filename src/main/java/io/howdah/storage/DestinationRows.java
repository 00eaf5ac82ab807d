package io.howdah.storage;

import io.howdah.send.Attempt;
import io.howdah.send.Circuit;
import io.howdah.send.Resolution;
import io.howdah.settings.Destination;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jdbi.v3.core.Handle;

/** The rows of configured destinations, and their circuits. */
final class DestinationRows {
  private DestinationRows() {}

  /** Makes the rows that are missing; the id of each, in order. */
  static Map<Destination, Long> register(
      Transactions transactions, DatabaseTime time, List<Destination> destinations) {
    if (destinations.isEmpty()) {
      return Map.of();
    }
    return transactions.write(
        handle -> {
          long now = time.now(handle);
          Map<Destination, Long> ids = new LinkedHashMap<>();
          for (Destination destination : destinations) {
            handle.execute(
                "INSERT INTO storage_backend_configs (name, created_at, updated_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                destination.name(),
                now,
                now);
            ids.put(
                destination,
                handle
                    .createQuery("SELECT id FROM storage_backend_configs WHERE name = :name")
                    .bind("name", destination.name())
                    .mapTo(Long.class)
                    .one());
          }
          return ids;
        });
  }

  /** True when a batch may be sent: the circuit is closed, or half open and its pause is over. */
  static boolean passes(Handle handle, long destination, long now, boolean halfOpen) {
    return handle
        .createQuery(
            "SELECT open_count = 0 OR (:half = 1 AND open_until <= :now) FROM storage_backend_configs WHERE id = :id")
        .bind("half", halfOpen ? 1 : 0)
        .bind("now", now)
        .bind("id", destination)
        .mapTo(Boolean.class)
        .one();
  }

  /** What an attempt says about the destination. */
  static void attempted(
      Handle handle, long destination, Attempt attempt, Resolution resolution, long now) {
    handle.execute(
        """
        UPDATE storage_backend_configs SET associations = associations + ?, associations_failed = associations_failed + ?,
               last_delivery_at = CASE WHEN ? > 0 THEN ? ELSE last_delivery_at END, updated_at = ? WHERE id = ?""",
        attempt.associations(),
        attempt.failedAssociations(),
        attempt.confirmed(),
        now,
        now,
        destination);
    if (resolution.trouble().isPresent()) {
      open(handle, destination, resolution.trouble().get(), now);
    } else if (attempt.outage().isEmpty()) {
      close(handle, destination, now);
    }
  }

  /** How it stands with the circuit. */
  static Circuit circuit(Handle handle, String name, long destination) {
    return handle
        .createQuery(
            "SELECT open_count, open_until, open_since, open_reason FROM storage_backend_configs WHERE id = :id")
        .bind("id", destination)
        .map(
            (row, context) -> {
              long since = row.getLong("open_since");
              return new Circuit(
                  name,
                  row.getInt("open_count"),
                  Instant.ofEpochMilli(row.getLong("open_until")),
                  since == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(since)),
                  row.getString("open_reason"));
            })
        .one();
  }

  /** True when an open circuit's pause is over. */
  static boolean probeDue(Handle handle, long destination, long now) {
    return handle
        .createQuery(
            "SELECT COUNT(*) FROM storage_backend_configs WHERE id = :id AND open_count > 0 AND open_until <= :now")
        .bind("id", destination)
        .bind("now", now)
        .mapTo(Boolean.class)
        .one();
  }

  /** The destination answers. */
  static int close(Handle handle, long destination, long now) {
    return handle.execute(
        """
        UPDATE storage_backend_configs SET open_count = 0, open_until = 0, open_since = NULL, open_reason = NULL, updated_at = ?
        WHERE id = ? AND open_count > 0""",
        now,
        destination);
  }

  /** The destination failed once more. */
  static int open(Handle handle, long destination, String reason, long now) {
    int failures =
        handle
                .createQuery("SELECT open_count FROM storage_backend_configs WHERE id = :id")
                .bind("id", destination)
                .mapTo(Integer.class)
                .one()
            + 1;
    Duration pause = Circuit.pause(failures, ThreadLocalRandom.current().nextDouble());
    return handle.execute(
        """
        UPDATE storage_backend_configs SET open_count = ?, open_until = ?, open_since = COALESCE(open_since, ?), open_reason = ?,
               updated_at = ? WHERE id = ?""",
        failures,
        now + pause.toMillis(),
        now,
        reason.length() <= 500 ? reason : reason.substring(0, 500),
        now,
        destination);
  }
}
