package io.howdah.support;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.disk.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Compares what the senders know with what a gateway's rows and files say, and names every
 * difference: the invariants I-LOSS, I-DUP, I-SAME and I-STATE, and files that belong to no one.
 */
public final class Verifier {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> FAILED = Set.of("failed", "validation_failed");
  private static final Map<String, Set<String>> TRANSITIONS =
      Map.of(
          "", Set.of("uploaded"),
          "uploaded", Set.of("validating"),
          "validating", Set.of("validating", "validated", "validation_failed", "failed"),
          "validated", Set.of("processing"),
          "processing", Set.of("processing", "described", "failed"),
          "described", Set.of("archived", "failed", "validated"),
          "failed", Set.of("uploaded"),
          "validation_failed", Set.of("uploaded"),
          "archived", Set.of());

  private final String url;
  private final Path uploads;
  private final Path archive;
  private final Path inbox;
  private final Path quarantine;

  private Verifier(String url, Path data) {
    this.url = url;
    this.uploads = data.resolve("uploads");
    this.archive = data.resolve("archive");
    this.inbox = data.resolve("inbox");
    this.quarantine = data.resolve("quarantine");
  }

  /** A data directory with its own SQLite database. */
  public static Verifier of(Path data) {
    return new Verifier("jdbc:sqlite:" + data.resolve("howdah.db"), data);
  }

  /** A data directory whose rows are in a database that several processes share. */
  public static Verifier of(Path data, String jdbcUrl) {
    return new Verifier(jdbcUrl, data);
  }

  /** What is wrong, by kind; all kinds empty when nothing is. */
  public record Report(int acked, int archived, Map<Violation, List<String>> violations) {
    /** True when nothing is wrong. */
    public boolean isClean() {
      return violations.isEmpty();
    }

    @Override
    public String toString() {
      StringBuilder line = new StringBuilder("ACKED=" + acked + " ARCHIVED=" + archived);
      for (Violation violation : Violation.values()) {
        List<String> found = violations.getOrDefault(violation, List.of());
        line.append(' ').append(violation).append('=').append(found.size());
        if (!found.isEmpty()) {
          line.append(found.stream().limit(10).toList());
        }
      }
      return line.toString();
    }
  }

  /** The kinds of differences. */
  public enum Violation {
    LOST,
    DUP,
    CORRUPT,
    STUCK,
    ORPHAN_FILE,
    ILLEGAL_TRANSITION
  }

  private record Row(String state, String sha256) {}

  /** Waits until no study is in process. */
  public void awaitSettled(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (open() > 0 && System.nanoTime() < end) {
      Pause.aMoment();
    }
  }

  private long open() {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT COUNT(*) FROM study WHERE held = 1 AND state NOT IN ('failed', 'validation_failed', 'archived')")) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Studies on which somebody has a lease. */
  public List<String> leased() {
    List<String> leased = new ArrayList<>();
    query(
        "SELECT study_id, lease_owner FROM study WHERE lease_owner IS NOT NULL",
        row -> leased.add(row.getString(1) + " " + row.getString(2)));
    return leased;
  }

  /**
   * Waits until nothing is wrong but, perhaps, files that a broken commit left without an answer
   * and without a row: those the next start, or the hour, brings in order.
   */
  public void awaitNothingLost(ClientLedger ledger, Duration limit) {
    awaitSettled(limit);
    Pause.until(
        "nothing lost, but " + verify(ledger),
        limit,
        () -> Set.of(Violation.ORPHAN_FILE).containsAll(verify(ledger).violations().keySet()));
  }

  /** Waits until nothing is wrong. */
  public void awaitClean(ClientLedger ledger, Duration limit) {
    awaitSettled(limit);
    Pause.until("no violation, but " + verify(ledger), limit, () -> verify(ledger).isClean());
  }

  /** Compares. */
  public Report verify(ClientLedger ledger) {
    Map<Violation, List<String>> found = new TreeMap<>();
    Map<String, Row> rows = rows();
    acked(ledger, rows, found);
    twice(rows, found);
    rows.forEach(
        (id, row) -> {
          if (!FAILED.contains(row.state) && !row.state.equals("archived")) {
            note(found, Violation.STUCK, id + " " + row.state);
          }
        });
    transitions(rows, found);
    orphans(rows, found);
    int archived = (int) rows.values().stream().filter(row -> row.state.equals("archived")).count();
    return new Report(ledger.entries().size(), archived, found);
  }

  private static void note(Map<Violation, List<String>> found, Violation kind, String what) {
    found.computeIfAbsent(kind, none -> new ArrayList<>()).add(what);
  }

  private Map<String, Row> rows() {
    Map<String, Row> rows = new HashMap<>();
    query(
        "SELECT study_id, state, sha256 FROM study WHERE held = 1",
        row -> rows.put(row.getString(1), new Row(row.getString(2), row.getString(3))));
    return rows;
  }

  private void acked(
      ClientLedger ledger, Map<String, Row> rows, Map<Violation, List<String>> found) {
    for (ClientLedger.Acked acked : ledger.entries()) {
      Row row = rows.get(acked.studyId());
      if (row == null) {
        note(found, Violation.LOST, acked.studyId() + " has no row");
      } else if (!row.sha256.equals(acked.sha256())) {
        note(found, Violation.CORRUPT, acked.studyId() + " was accepted with another digest");
      } else if (row.state.equals("archived")) {
        archived(acked, found);
      } else if (FAILED.contains(row.state) && !isKept(acked.studyId(), acked.sha256())) {
        note(found, Violation.LOST, acked.studyId() + " failed and its bytes are gone");
      }
    }
  }

  private void archived(ClientLedger.Acked acked, Map<Violation, List<String>> found) {
    Path object = archive.resolve(acked.studyId()).resolve("original.dcm");
    Path metadata = archive.resolve(acked.studyId()).resolve("metadata.json");
    if (!Files.isRegularFile(object)) {
      note(found, Violation.LOST, acked.studyId() + " is archived and has no object");
      return;
    }
    if (!sha256(object).equals(acked.sha256())) {
      note(found, Violation.CORRUPT, acked.studyId() + " has other bytes in the archive");
    }
    try {
      if (!JSON.readTree(metadata.toFile()).isObject()) {
        note(found, Violation.CORRUPT, acked.studyId() + " has no object in metadata.json");
      }
    } catch (IOException e) {
      note(found, Violation.CORRUPT, acked.studyId() + " has no readable metadata.json");
    }
  }

  private boolean isKept(String studyId, String sha256) {
    return Stream.of(uploads, quarantine)
        .map(directory -> directory.resolve(studyId + ".dcm"))
        .anyMatch(file -> Files.isRegularFile(file) && sha256(file).equals(sha256));
  }

  private void twice(Map<String, Row> rows, Map<Violation, List<String>> found) {
    Map<String, String> archivedBytes = new HashMap<>();
    for (Path home : list(archive)) {
      Path object = home.resolve("original.dcm");
      if (Files.isRegularFile(object)) {
        String other = archivedBytes.putIfAbsent(sha256(object), home.getFileName().toString());
        if (other != null) {
          note(found, Violation.DUP, home.getFileName() + " and " + other + " are equal");
        }
      }
    }
    Map<String, Integer> times = new HashMap<>();
    query(
        "SELECT study_id FROM study_history WHERE status = 'archived' AND applied = 1",
        row -> times.merge(row.getString(1), 1, Integer::sum));
    times.forEach(
        (id, count) -> {
          if (count > 1 && rows.containsKey(id)) {
            note(found, Violation.DUP, id + " was archived " + count + " times");
          }
        });
  }

  private void transitions(Map<String, Row> rows, Map<Violation, List<String>> found) {
    Map<String, String> last = new HashMap<>();
    query(
        "SELECT study_id, status FROM study_history WHERE applied = 1 ORDER BY seq",
        row -> {
          String id = row.getString(1);
          if (rows.containsKey(id)) {
            String from = last.getOrDefault(id, "");
            String to = row.getString(2);
            if (!TRANSITIONS.get(from).contains(to)) {
              note(found, Violation.ILLEGAL_TRANSITION, id + " " + from + " to " + to);
            }
            last.put(id, to);
          }
        });
    rows.forEach(
        (id, row) -> {
          if (!row.state.equals(last.get(id))) {
            note(
                found,
                Violation.ILLEGAL_TRANSITION,
                id + " is " + row.state + " and its history ends with " + last.get(id));
          }
        });
  }

  private void orphans(Map<String, Row> rows, Map<Violation, List<String>> found) {
    for (Path file : list(uploads)) {
      String name = file.getFileName().toString();
      if (name.equals(".arriving")) {
        list(file).forEach(left -> orphan(found, left));
      } else {
        Row row = rows.get(name.replaceFirst("\\..*", ""));
        if (row == null
            || row.state.equals("archived")
            || row.state.equals("validation_failed")
            || name.endsWith(".part")) {
          orphan(found, file);
        }
      }
    }
    list(inbox).stream()
        .filter(file -> !file.getFileName().toString().equals(".taken"))
        .forEach(file -> orphan(found, file));
    for (Path home : list(archive)) {
      Row row = rows.get(home.getFileName().toString());
      if (row == null || !row.state.equals("archived")) {
        orphan(found, home);
      }
      Set<Path> expected = Set.of(home.resolve("original.dcm"), home.resolve("metadata.json"));
      list(home).stream()
          .filter(file -> !expected.contains(file))
          .forEach(file -> orphan(found, file));
    }
    Set<String> bytes = new HashSet<>();
    Set<String> reasons = new HashSet<>();
    for (Path file : list(quarantine)) {
      String name = file.getFileName().toString();
      if (name.endsWith(".reason.json") && !name.startsWith(".")) {
        reasons.add(name.replace(".reason.json", ""));
      } else if (name.endsWith(".dcm")) {
        bytes.add(name.replace(".dcm", ""));
      } else {
        orphan(found, file);
      }
    }
    bytes.stream()
        .filter(id -> !reasons.contains(id))
        .forEach(id -> note(found, Violation.ORPHAN_FILE, id + " is held without a reason"));
    reasons.stream()
        .filter(id -> !bytes.contains(id))
        .forEach(id -> note(found, Violation.ORPHAN_FILE, id + " is a reason without bytes"));
  }

  private static void orphan(Map<Violation, List<String>> found, Path file) {
    note(found, Violation.ORPHAN_FILE, file.getParent().getFileName() + "/" + file.getFileName());
  }

  /** What is in a directory, but for the marks and probes that a gateway puts into its own. */
  private static List<Path> list(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> !file.getFileName().toString().startsWith(".howdah-")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(Path file) {
    try {
      return Disk.sha256(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void query(String sql, RowReader reader) {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        reader.read(rows);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private interface RowReader {
    void read(ResultSet row) throws SQLException;
  }
}
