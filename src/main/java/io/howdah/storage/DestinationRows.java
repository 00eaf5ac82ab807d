package io.howdah.storage;

import io.howdah.settings.Destination;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rows of configured destinations. */
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
}
