package io.howdah.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.events.Outbox;
import io.howdah.status.Announcement;
import io.howdah.status.Claim;
import io.howdah.status.StudyState;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * What is written down together with every change of a study, in its transaction: its history, and
 * what others are to be told.
 */
final class StudyJournal {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROW = "(?, ?, ?, ?, ?, ?)";
  private static final String HISTORY =
      "INSERT INTO study_history (study_id, status, applied, node, details, at) VALUES " + ROW;

  private final String node;
  private final Set<Outbox.Target> targets;

  /**
   * @param node names this process in the history
   * @param targets who is to be told
   */
  StudyJournal(String node, Set<Outbox.Target> targets) {
    this.node = node;
    this.targets = Set.copyOf(targets);
  }

  /** Adds to a study's history. */
  void remember(
      Handle handle,
      String studyId,
      StudyState status,
      boolean applied,
      JsonNode details,
      long now) {
    handle.execute(HISTORY, row(studyId, status, applied, details, now));
  }

  private Object[] row(
      String studyId, StudyState status, boolean applied, JsonNode details, long at) {
    return new Object[] {studyId, status.word(), applied ? 1 : 0, node, text(details), at};
  }

  /**
   * Adds what a study went through, and leaves it in the outbox.
   *
   * @param version the study's before the first of it
   * @param passages at least one
   */
  void passed(Handle handle, String studyId, long version, List<Claim.Passage> passages) {
    Object[] rows =
        passages.stream()
            .flatMap(
                passage ->
                    Stream.of(
                        row(
                            studyId,
                            passage.state(),
                            true,
                            passage.details(),
                            passage.at().toEpochMilli())))
            .toArray();
    // a statement costs more than a row
    handle.execute(HISTORY + (", " + ROW).repeat(passages.size() - 1), rows);
    long next = version;
    for (Claim.Passage passage : passages) {
      announce(
          handle,
          studyId,
          ++next,
          passage.state(),
          passage.details(),
          passage.announcements(),
          passage.at().toEpochMilli());
    }
  }

  /** Leaves in the outbox what others are to be told. */
  void announce(
      Handle handle,
      String studyId,
      long version,
      StudyState state,
      JsonNode details,
      List<Announcement> announcements,
      long now) {
    if (targets.contains(Outbox.Target.STATUS_SERVICE)) {
      ObjectNode report = JSON.createObjectNode().put("status", state.word());
      report.set("details", details == null ? JSON.createObjectNode() : details);
      post(handle, Outbox.Target.STATUS_SERVICE, "status", studyId, version, report, now);
    }
    if (targets.contains(Outbox.Target.REDIS)) {
      ObjectNode key =
          JSON.createObjectNode()
              .put("status", state.word())
              .put("timestamp", Instant.ofEpochMilli(now).toString());
      key.set("details", details == null ? JSON.createObjectNode() : details);
      post(
          handle,
          Outbox.Target.REDIS,
          "status",
          studyId,
          version,
          key.put("version", version),
          now);
      for (Announcement announcement : announcements) {
        post(
            handle,
            Outbox.Target.REDIS,
            announcement.channel(),
            studyId,
            version,
            announcement.payload(),
            now);
      }
    }
  }

  private static void post(
      Handle handle,
      Outbox.Target target,
      String channel,
      String studyId,
      long version,
      JsonNode payload,
      long now) {
    handle.execute(
        "INSERT INTO outbox (target, channel, study_id, version, payload, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        target.name(),
        channel,
        studyId,
        version,
        text(payload),
        now);
  }

  static String text(JsonNode json) {
    return json == null || json.isNull() ? null : json.toString();
  }

  static JsonNode json(String text) {
    try {
      return text == null ? JSON.createObjectNode() : JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a row holds details that are not JSON", e);
    }
  }
}
