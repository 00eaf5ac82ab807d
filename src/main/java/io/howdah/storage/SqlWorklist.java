package io.howdah.storage;

import io.howdah.pacsupload.PacsCondition;
import io.howdah.pacsupload.Worklist;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@link Worklist} on the SQLite file of contract §1; nothing in it is ever changed. */
public final class SqlWorklist implements Worklist, AutoCloseable {
  private static final int AT_ONCE = 500;
  private final ForeignSqlite database;

  public SqlWorklist(Path file, int busyTimeoutMs) {
    this.database = new ForeignSqlite(file, "worklist.db", busyTimeoutMs);
  }

  @Override
  public PacsCondition condition() {
    return database.condition();
  }

  @Override
  public Map<String, String> messageIds(Collection<String> accessions) {
    List<String> wanted = new ArrayList<>(accessions.stream().filter(a -> !a.isEmpty()).toList());
    if (wanted.isEmpty()) {
      return Map.of();
    }
    return database.read(
        connection -> {
          Map<String, String> found = new HashMap<>();
          for (int from = 0; from < wanted.size(); from += AT_ONCE) {
            List<String> some = wanted.subList(from, Math.min(from + AT_ONCE, wanted.size()));
            try (PreparedStatement statement =
                connection.prepareStatement(
                    "SELECT accession_number, source_message_id FROM worklist_items WHERE source_message_id <> '' AND accession_number IN ("
                        + String.join(",", Collections.nCopies(some.size(), "?"))
                        + ")")) {
              for (int i = 0; i < some.size(); i++) {
                statement.setString(i + 1, some.get(i));
              }
              try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                  found.put(row.getString(1), row.getString(2));
                }
              }
            }
          }
          return found;
        });
  }

  @Override
  public void close() {
    database.close();
  }
}
