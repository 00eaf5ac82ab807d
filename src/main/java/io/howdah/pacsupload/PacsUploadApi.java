package io.howdah.pacsupload;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.http.Answer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The operator's view of the upload over HTTP; shows no patient's data. */
public final class PacsUploadApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> STATES = Set.of("PENDING", "UPLOADING", "COMPLETE", "FAILED");
  private static final int LIMIT = 1_000;

  private final PacsUploads uploads;

  public PacsUploadApi(PacsUploads uploads) {
    this.uploads = uploads;
  }

  /** {@code GET /pacs-uploads?status=&limit=}. */
  public Answer list(String status, String limit) {
    Optional<String> only =
        Optional.ofNullable(status)
            .filter(text -> !text.isBlank())
            .map(text -> text.toUpperCase(Locale.ROOT));
    if (only.isPresent() && !STATES.contains(only.get())) {
      return Answer.problem(
          422, "BAD_STATUS", "status must be one of PENDING, UPLOADING, COMPLETE, FAILED");
    }
    int most = 100;
    if (limit != null && !limit.isBlank()) {
      if (!limit.matches("\\d{1,4}")
          || Integer.parseInt(limit) < 1
          || Integer.parseInt(limit) > LIMIT) {
        return Answer.problem(422, "BAD_LIMIT", "limit must be a whole number from 1 to " + LIMIT);
      }
      most = Integer.parseInt(limit);
    }
    try {
      ObjectNode body = JSON.createObjectNode();
      ObjectNode counts = body.putObject("counts");
      uploads.counts().forEach(counts::put);
      ObjectNode waits = body.putObject("waiting");
      uploads.waits().forEach(waits::put);
      ArrayNode results = body.putArray("results");
      uploads.list(only, most).forEach(upload -> results.add(json(upload)));
      return Answer.json(200, body);
    } catch (PacsUnavailable e) {
      return unavailable(e);
    }
  }

  /** {@code GET /pacs-uploads/{uid}}. */
  public Answer show(String uid) {
    try {
      return uploads
          .find(uid)
          .map(
              upload -> {
                ObjectNode body = json(upload);
                uploads
                    .waiting(uid)
                    .ifPresent(
                        waiting ->
                            body.putObject("waiting")
                                .put("reason", waiting.reason())
                                .put("until", waiting.until().toString()));
                ArrayNode attempts = body.putArray("attempts");
                for (Attempt attempt : uploads.attempts(uid)) {
                  attempts
                      .addObject()
                      .put("attempt", attempt.number())
                      .put("outcome", attempt.outcome())
                      .put("detail", attempt.detail())
                      .put("started_at", attempt.startedAt().toString())
                      .put("ended_at", attempt.endedAt().toString())
                      .put("node", attempt.node());
                }
                return Answer.json(200, body);
              })
          .orElseGet(PacsUploadApi::unknown);
    } catch (PacsUnavailable e) {
      return unavailable(e);
    }
  }

  /** {@code POST /pacs-uploads/{uid}/requeue}. */
  public Answer requeue(String uid) {
    try {
      if (uploads.find(uid).isEmpty()) {
        return unknown();
      }
      return requeued(uploads.requeue(Optional.of(List.of(uid))));
    } catch (PacsUnavailable e) {
      return unavailable(e);
    }
  }

  /** {@code POST /pacs-uploads/requeue-failed}. */
  public Answer requeueFailed() {
    try {
      return requeued(uploads.requeue(Optional.empty()));
    } catch (PacsUnavailable e) {
      return unavailable(e);
    }
  }

  private static Answer requeued(int count) {
    return Answer.json(200, JSON.createObjectNode().put("requeued", count));
  }

  private static ObjectNode json(Upload upload) {
    return JSON.createObjectNode()
        .put("sop_instance_uid", upload.sopInstanceUid())
        .put("upload_status", upload.status())
        .put("upload_attempt_count", upload.attempts())
        .put("upload_error", upload.error())
        .put("last_upload_attempt", upload.lastAttempt())
        .put("uploaded_at", upload.uploadedAt())
        .put("created_at", upload.createdAt())
        .put("file_size", upload.fileSize());
  }

  private static Answer unknown() {
    return Answer.problem(404, "IMAGE_NOT_FOUND", "pacs.db has no image of that UID");
  }

  private static Answer unavailable(PacsUnavailable e) {
    return Answer.problem(503, "PACS_UNAVAILABLE", "pacs.db " + e.getMessage());
  }
}
