package io.howdah.storage;

import io.howdah.hub.Attribute;
import io.howdah.hub.Attribute.Level;
import io.howdah.hub.PacsIndex;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** {@link PacsIndex} in SQL that SQLite and PostgreSQL both understand. */
public final class SqlPacsIndex implements PacsIndex {
  private final Transactions transactions;

  public SqlPacsIndex(Database database) {
    this.transactions = database.transactions();
  }

  @Override
  public List<Found> search(Search search) {
    return transactions.read(handle -> search(handle, search));
  }

  private static List<Found> search(Handle handle, Search search) {
    Conditions where = new Conditions(search);
    String sql =
        "SELECT "
            + columns(search.level())
            + counts(search.level())
            + tables(search.level())
            + where.text()
            + order(search.level())
            + " LIMIT :limit OFFSET :offset";
    Query query = handle.createQuery(sql);
    where.values().forEach(query::bind);
    List<Map<Attribute, String>> rows = new ArrayList<>();
    List<long[]> counts = new ArrayList<>();
    query
        .bind("limit", search.limit() + 1)
        .bind("offset", search.offset())
        .map(
            (row, context) -> {
              counts.add(new long[] {row.getLong("series_count"), row.getLong("instance_count")});
              return rows.add(values(row, search.level()));
            })
        .list();
    Map<String, List<String>> modalities = modalities(handle, rows);
    List<Found> found = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      found.add(
          new Found(
              rows.get(i),
              modalities.getOrDefault(rows.get(i).get(Attribute.STUDY_UID), List.of()),
              counts.get(i)[0],
              counts.get(i)[1]));
    }
    return found;
  }

  private static Stream<Attribute> down(Level level) {
    return Stream.of(Attribute.values()).filter(one -> one.level().compareTo(level) <= 0);
  }

  private static String name(Attribute attribute) {
    return switch (attribute.level()) {
          case STUDY -> "s.";
          case SERIES -> "e.";
          case INSTANCE -> "i.";
        }
        + attribute.column();
  }

  private static String columns(Level level) {
    return down(level).map(SqlPacsIndex::name).collect(Collectors.joining(", "));
  }

  private static String counts(Level level) {
    return switch (level) {
      case STUDY ->
          """
          , (SELECT COUNT(*) FROM hub_series x WHERE x.study_uid = s.study_uid) AS series_count,
          (SELECT COUNT(*) FROM hub_instance x WHERE x.study_uid = s.study_uid) AS instance_count""";
      case SERIES ->
          """
          , 1 AS series_count,
          (SELECT COUNT(*) FROM hub_instance x WHERE x.study_uid = e.study_uid AND x.series_uid = e.series_uid) AS instance_count""";
      case INSTANCE -> ", 1 AS series_count, 1 AS instance_count";
    };
  }

  private static String tables(Level level) {
    return switch (level) {
      case STUDY -> " FROM hub_study s";
      case SERIES -> " FROM hub_series e JOIN hub_study s ON s.study_uid = e.study_uid";
      case INSTANCE ->
          """
           FROM hub_instance i JOIN hub_series e ON e.study_uid = i.study_uid AND e.series_uid = i.series_uid
          JOIN hub_study s ON s.study_uid = i.study_uid""";
    };
  }

  private static String order(Level level) {
    return switch (level) {
      case STUDY -> " ORDER BY COALESCE(s.study_date, '') DESC, s.study_uid";
      case SERIES -> " ORDER BY e.created_at, e.study_uid, e.series_uid";
      case INSTANCE -> " ORDER BY i.instance_id";
    };
  }

  private static Map<Attribute, String> values(ResultSet row, Level level) throws SQLException {
    Map<Attribute, String> values = new EnumMap<>(Attribute.class);
    int column = 1;
    for (Attribute attribute : down(level).toList()) {
      String value = row.getString(column++);
      if (value != null) {
        values.put(attribute, value);
      }
    }
    return values;
  }

  private static Map<String, List<String>> modalities(
      Handle handle, List<Map<Attribute, String>> rows) {
    TreeSet<String> studies = new TreeSet<>();
    rows.forEach(row -> studies.add(row.get(Attribute.STUDY_UID)));
    Map<String, List<String>> modalities = new HashMap<>();
    if (!studies.isEmpty()) {
      handle
          .createQuery(
              """
              SELECT DISTINCT study_uid, modality FROM hub_series
              WHERE study_uid IN (<studies>) AND modality IS NOT NULL ORDER BY modality""")
          .bindList("studies", List.copyOf(studies))
          .map(
              (row, context) ->
                  modalities
                      .computeIfAbsent(row.getString(1), study -> new ArrayList<>())
                      .add(row.getString(2)))
          .list();
    }
    return modalities;
  }

  /** What a search asks for, as SQL with named values: nothing a client said is in the text. */
  private static final class Conditions {
    private final List<String> conditions = new ArrayList<>();
    private final Map<String, Object> values = new HashMap<>();

    Conditions(Search search) {
      search.studyUid().ifPresent(uid -> add("s.study_uid = ", uid));
      search.seriesUid().ifPresent(uid -> add("e.series_uid = ", uid));
      search.matches().forEach(this::add);
      if (!search.modalities().isEmpty()) {
        String list =
            search.modalities().stream().map(this::value).collect(Collectors.joining(", "));
        conditions.add(
            "EXISTS (SELECT 1 FROM hub_series m WHERE m.study_uid = s.study_uid AND m.modality IN ("
                + list
                + "))");
      }
    }

    private void add(Match match) {
      String column = name(match.attribute());
      if (match instanceof Match.AnyOf anyOf) {
        String list = anyOf.values().stream().map(this::value).collect(Collectors.joining(", "));
        conditions.add(text(column) + " IN (" + list + ")");
      } else if (match instanceof Match.Like like) {
        String pattern =
            like.pattern().replaceAll("([%_!])", "!$1").replace('*', '%').replace('?', '_');
        conditions.add("LOWER(" + text(column) + ") LIKE LOWER(" + value(pattern) + ") ESCAPE '!'");
      } else if (match instanceof Match.Range range) {
        range.from().ifPresent(from -> add(column + " >= ", from));
        range.to().ifPresent(to -> add(column + " <= ", to));
      }
    }

    /** Rows and Columns are numbers here and text in a query. */
    private static String text(String column) {
      return column.startsWith("i.image_") ? "CAST(" + column + " AS VARCHAR(16))" : column;
    }

    private void add(String condition, String value) {
      conditions.add(condition + value(value));
    }

    private String value(String value) {
      String name = "v" + values.size();
      values.put(name, value);
      return ":" + name;
    }

    String text() {
      return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    }

    Map<String, Object> values() {
      return values;
    }
  }

  @Override
  public List<Stored> stored(
      String studyUid, Optional<String> seriesUid, Optional<String> sopInstanceUid) {
    String sql =
        """
        SELECT instance_id, study_uid, series_uid, sop_instance_uid, transfer_syntax_uid, size, sha256, created_at
        FROM hub_instance WHERE study_uid = :study"""
            + (seriesUid.isPresent() ? " AND series_uid = :series" : "")
            + (sopInstanceUid.isPresent() ? " AND sop_instance_uid = :sop" : "")
            + " ORDER BY series_uid, instance_id";
    return transactions.read(
        handle -> {
          Query query = handle.createQuery(sql).bind("study", studyUid);
          seriesUid.ifPresent(uid -> query.bind("series", uid));
          sopInstanceUid.ifPresent(uid -> query.bind("sop", uid));
          return query.map((row, context) -> stored(row)).list();
        });
  }

  private static Stored stored(ResultSet row) throws SQLException {
    return new Stored(
        row.getLong("instance_id"),
        row.getString("study_uid"),
        row.getString("series_uid"),
        row.getString("sop_instance_uid"),
        row.getString("transfer_syntax_uid"),
        row.getLong("size"),
        row.getString("sha256"),
        Instant.ofEpochMilli(row.getLong("created_at")));
  }

  @Override
  public List<Long> orders(String studyUid) {
    return transactions.read(
        handle ->
            handle
                .createQuery(
                    "SELECT DISTINCT radiology_order_id FROM hub_order_image WHERE study_uid = :study ORDER BY 1")
                .bind("study", studyUid)
                .mapTo(Long.class)
                .list());
  }
}
