package io.howdah.send;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Which answer means what, as a YAML file says that a site may replace; an exact status counts
 * before a class of them, and a destination's own reading before the table's.
 */
public final class ResponseTable {
  private static final String PACKAGED = "/config/send/responses.yaml";
  private static final String SILENCE = "silence";
  private static final String OTHER = "other";

  private final Map<String, Verdict> byStatus;

  private ResponseTable(Map<String, Verdict> byStatus) {
    this.byStatus = Map.copyOf(byStatus);
  }

  /**
   * Reads one protocol's table from {@code file}, or the packaged one where there is no such file.
   *
   * @param protocol dicom or http
   * @param own a destination's own reading: status to verdict
   * @throws IOException naming the entry that makes no sense
   */
  public static ResponseTable read(Path file, String protocol, Map<String, String> own)
      throws IOException {
    Map<String, Verdict> byStatus = new HashMap<>();
    try (InputStream in =
        Files.exists(file)
            ? Files.newInputStream(file)
            : ResponseTable.class.getResourceAsStream(PACKAGED)) {
      String name = file.getFileName().toString();
      JsonNode table = new YAMLMapper().readTree(in).path(protocol);
      if (!table.isObject()) {
        throw new IOException(name + " has no table for " + protocol);
      }
      for (Map.Entry<String, JsonNode> entry : table.properties()) {
        for (JsonNode status : entry.getValue()) {
          put(byStatus, status.asText(), entry.getKey(), name, true);
        }
      }
    }
    for (Map.Entry<String, String> entry : own.entrySet()) {
      put(byStatus, entry.getKey(), entry.getValue(), "howdah.destination", false);
    }
    if (!byStatus.containsKey(SILENCE) || !byStatus.containsKey(OTHER)) {
      throw new IOException(
          file.getFileName() + ": " + protocol + " must say what silence and other mean");
    }
    return new ResponseTable(byStatus);
  }

  private static void put(
      Map<String, Verdict> table, String status, String verdict, String file, boolean once)
      throws IOException {
    String key = key(status);
    if (!key.matches("[0-9a-f]{4}|[0-9a-f]xxx|[0-9a-f]{2}xx|[1-5]\\d\\d|[1-5]xx|silence|other")) {
      throw new IOException(file + ": '" + status + "' is no status, class, silence or other");
    }
    Verdict meaning =
        Verdict.of(verdict)
            .orElseThrow(() -> new IOException(file + ": '" + verdict + "' is no verdict"));
    if (table.put(key, meaning) != null && once) {
      throw new IOException(file + ": '" + status + "' is listed twice");
    }
  }

  private static String key(String status) {
    return status.strip().toLowerCase(Locale.ROOT);
  }

  /** What a DIMSE status means. */
  public Verdict ofDimse(int status) {
    String exact = String.format("%04x", status);
    return firstOf(exact, exact.substring(0, 2) + "xx", exact.charAt(0) + "xxx");
  }

  /** What an HTTP status means. */
  public Verdict ofHttp(int status) {
    return firstOf(Integer.toString(status), status / 100 + "xx");
  }

  /** What it means when sending had begun and no valid answer came. */
  public Verdict ofSilence() {
    return byStatus.get(SILENCE);
  }

  private Verdict firstOf(String... keys) {
    for (String key : keys) {
      Verdict verdict = byStatus.get(key);
      if (verdict != null) {
        return verdict;
      }
    }
    return byStatus.get(OTHER);
  }
}
