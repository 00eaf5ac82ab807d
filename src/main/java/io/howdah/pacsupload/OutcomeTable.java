package io.howdah.pacsupload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.howdah.pacsupload.UploadOutcome.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Which HTTP status means what under one contract, as a YAML file says that a site may replace. */
public final class OutcomeTable {
  private static final String PACKAGED = "/config/pacs-upload/outcomes.yaml";
  private static final Map<String, Kind> NAMES =
      Map.of(
          "delivered", Kind.DELIVERED,
          "try-later", Kind.TRY_LATER,
          "refused", Kind.REFUSED,
          "verdict", Kind.VERDICT,
          "ambiguous", Kind.AMBIGUOUS);

  private final Kind[] byStatus;

  private OutcomeTable(Kind[] byStatus) {
    this.byStatus = byStatus;
  }

  /**
   * Reads a contract's table from {@code file}, or the packaged one where there is no such file.
   *
   * @throws IOException naming the entry that makes no sense
   */
  public static OutcomeTable read(Path file, String contract) throws IOException {
    try (InputStream in =
        Files.exists(file)
            ? Files.newInputStream(file)
            : OutcomeTable.class.getResourceAsStream(PACKAGED)) {
      JsonNode table = new YAMLMapper().readTree(in).path(contract);
      if (!table.isObject()) {
        throw new IOException(file.getFileName() + " has no table for contract " + contract);
      }
      return of(table, file.getFileName().toString());
    }
  }

  private static OutcomeTable of(JsonNode table, String name) throws IOException {
    Kind[] byStatus = new Kind[600];
    int[] width = new int[600];
    for (Map.Entry<String, JsonNode> entry : new TreeMap<>(fields(table)).entrySet()) {
      Kind kind = NAMES.get(entry.getKey());
      if (kind == null) {
        throw new IOException(name + ": '" + entry.getKey() + "' is none of " + NAMES.keySet());
      }
      for (JsonNode item : entry.getValue()) {
        String text = item.asText().toLowerCase(Locale.ROOT);
        if (!text.matches("[1-5]\\d\\d|[1-5]\\d\\d-[1-5]\\d\\d|[1-5]xx")) {
          throw new IOException(name + ": '" + text + "' is no status, range or class");
        }
        int first = Integer.parseInt(text.substring(0, 3).replace('x', '0'));
        int last =
            text.endsWith("xx") ? first + 99 : Integer.parseInt(text.substring(text.length() - 3));
        for (int status = first; status <= last; status++) {
          if (byStatus[status] == null || last - first < width[status]) {
            byStatus[status] = kind;
            width[status] = last - first;
          }
        }
      }
    }
    return new OutcomeTable(byStatus);
  }

  private static Map<String, JsonNode> fields(JsonNode table) {
    Map<String, JsonNode> fields = new TreeMap<>();
    table.fields().forEachRemaining(entry -> fields.put(entry.getKey(), entry.getValue()));
    return fields;
  }

  /** What a status means; a server that asks to be left alone is never judged otherwise. */
  public Kind kindOf(int status, boolean retryAfter) {
    Kind kind = status >= 100 && status < 600 ? byStatus[status] : null;
    if (status == 503 && retryAfter) {
      return Kind.TRY_LATER;
    }
    return kind == null ? Kind.AMBIGUOUS : kind;
  }
}
