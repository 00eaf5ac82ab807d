package io.howdah.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.howdah.disk.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What became of the files that were sent, found out from the gateway's answers and by reading the
 * archive: nothing counts as archived that does not have the digest of what was sent.
 */
final class DemoSummary {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path archive;
  private final List<Problem> problems = new ArrayList<>();
  private final Times received = new Times();
  private final Times waited = new Times();
  private final Times validated = new Times();
  private final Times described = new Times();
  private final Times archivedIn = new Times();
  private final Times whole = new Times();
  private int archived;
  private int duplicates;

  /**
   * @param archive the archive's folder, which the paths in a status are relative to
   */
  DemoSummary(GatewayClient client, Path archive, List<Sender.Sent> answers)
      throws IOException, InterruptedException {
    this.archive = archive;
    Set<String> seen = new HashSet<>();
    for (Sender.Sent sent : answers) {
      if (sent.outcome() instanceof Sender.Refused refused) {
        problems.add(new Problem(sent.file(), refused.code(), refused.sentence()));
        continue;
      }
      Sender.Accepted accepted = (Sender.Accepted) sent.outcome();
      received.add(sent.nanos() / 1e6);
      duplicates += accepted.duplicate() ? 1 : 0;
      boolean well = true;
      for (String studyId : accepted.studyIds()) {
        well &= judge(client, sent, studyId, accepted.studyIds().size() == 1);
        if (seen.add(studyId)) {
          time(client.ask("status/" + studyId + "/history").path("history"));
        }
      }
      archived += well ? 1 : 0;
    }
  }

  /** True when the archive holds what was sent; a ZIP's files have digests of their own. */
  private boolean judge(GatewayClient client, Sender.Sent sent, String studyId, boolean alone)
      throws IOException, InterruptedException {
    JsonNode status = client.ask("status/" + studyId);
    JsonNode details = status.path("details");
    String state = status.path("status").asText();
    if (!state.equals("archived")) {
      problems.add(
          new Problem(
              sent.file(), code(details, state), sentence(details, "it is still " + state)));
      return false;
    }
    Path object = archive.resolve(details.path("archive_path").asText());
    Path metadata = archive.resolve(details.path("metadata_file").asText());
    if (!Files.isRegularFile(object, LinkOption.NOFOLLOW_LINKS)) {
      problems.add(new Problem(sent.file(), "NOT_IN_ARCHIVE", "there is no file " + object));
      return false;
    }
    if (alone && !isZip(sent.file()) && !Disk.sha256(object).equals(sent.sha256())) {
      problems.add(new Problem(sent.file(), "OTHER_BYTES", object + " has other bytes"));
      return false;
    }
    if (!Files.isRegularFile(metadata, LinkOption.NOFOLLOW_LINKS)
        || !JSON.readTree(metadata.toFile()).isObject()) {
      problems.add(new Problem(sent.file(), "NO_METADATA", "there is no JSON in " + metadata));
      return false;
    }
    return true;
  }

  private static boolean isZip(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(4);
      return head.length == 4 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4;
    }
  }

  private static String code(JsonNode details, String otherwise) {
    for (JsonNode finding : details.path("findings")) {
      if (finding.path("severity").asText().equals("error")) {
        return finding.path("code").asText();
      }
    }
    return details.path("code").asText(otherwise.toUpperCase(Locale.ROOT));
  }

  private static String sentence(JsonNode details, String otherwise) {
    JsonNode errors = details.path("errors");
    return errors.size() > 1
        ? errors.path(0).asText() + " (and " + (errors.size() - 1) + " more)"
        : errors.path(0).asText(details.path("message").asText(otherwise));
  }

  /** Takes the times between the statuses a study had; the last of each counts. */
  private void time(JsonNode history) {
    Map<String, Instant> at = new HashMap<>();
    for (JsonNode entry : history) {
      at.put(entry.path("status").asText(), Instant.parse(entry.path("timestamp").asText()));
    }
    waited.add(at.get("uploaded"), at.get("validating"));
    validated.add(at.get("validating"), at.get("validated"));
    described.add(at.get("processing"), at.get("described"));
    archivedIn.add(at.get("described"), at.get("archived"));
    whole.add(at.get("uploaded"), at.get("archived"));
  }

  /** Files whose bytes and metadata are in the archive. */
  int archived() {
    return archived;
  }

  /** Files with the bytes of another. */
  int duplicates() {
    return duplicates;
  }

  /** Every file that is not archived as it was sent. */
  List<Problem> problems() {
    return problems;
  }

  /** Milliseconds a file spent in each stage. */
  Table stages() {
    Table table = new Table("STAGE", ">FILES", ">MEDIAN", ">P95", ">MOST", "");
    received.into(table, "accepted", "POST /upload to its 202, the bytes and the row on disk");
    waited.into(table, "waited", "from the row to the validator's turn");
    validated.into(table, "validated", "every element read and judged");
    described.into(table, "described", "metadata.json written");
    archivedIn.into(table, "archived", "both files durable in the archive");
    whole.into(table, "all of it", "from the row to the archive");
    return table;
  }

  /** Why a file is not archived as it was sent. */
  record Problem(Path file, String code, String sentence) {}

  /** Milliseconds of one stage. */
  private static final class Times {
    private final List<Double> millis = new ArrayList<>();

    void add(double value) {
      millis.add(value);
    }

    void add(Instant from, Instant to) {
      if (from != null && to != null) {
        millis.add((double) Duration.between(from, to).toMillis());
      }
    }

    void into(Table table, String stage, String meaning) {
      millis.sort(null);
      table.row(stage, millis.size(), at(0.5), at(0.95), at(1), meaning);
    }

    /** The value that this share of all does not exceed. */
    private String at(double share) {
      if (millis.isEmpty()) {
        return "-";
      }
      int index = (int) Math.ceil(share * millis.size()) - 1;
      return Math.round(millis.get(Math.max(0, index))) + " ms";
    }
  }
}
