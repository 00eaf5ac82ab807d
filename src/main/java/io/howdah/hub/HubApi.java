package io.howdah.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.http.Answer;
import java.util.Map;
import java.util.Optional;

/** What a site asks the hub beside tus: the receipt of an upload. */
public final class HubApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int UNPROCESSABLE = 422;

  private final Uploads uploads;

  public HubApi(Uploads uploads) {
    this.uploads = uploads;
  }

  /** {@code GET /hub/uploads/{id}/receipt}: what became of an upload. */
  public Answer receipt(String uploadId, String principal) {
    Optional<HubUpload> found =
        Optional.ofNullable(uploadId)
            .filter(TusConsumer::isUploadId)
            .flatMap(id -> uploads.find(id, principal));
    if (found.isEmpty()) {
      return TusError.UPLOAD_NOT_FOUND.answer();
    }
    HubUpload upload = found.get();
    return switch (upload.state()) {
      case ACKNOWLEDGED ->
          uploads.receipt(uploadId).map(HubApi::json).orElseGet(TusError.UPLOAD_NOT_FOUND::answer);
      case REJECTED -> {
        Verdict verdict = upload.code().map(Verdict::valueOf).orElse(Verdict.INTERNAL);
        yield Answer.problem(UNPROCESSABLE, verdict.name(), verdict.sentence());
      }
      case OPEN -> unfinished("receiving");
      case RECEIVED -> unfinished("processing");
      default -> TusError.UPLOAD_NOT_FOUND.answer();
    };
  }

  private static Answer unfinished(String state) {
    Answer answer = Answer.json(202, JSON.createObjectNode().put("state", state));
    return new Answer(202, answer.contentType(), answer.body(), Map.of("Retry-After", "1"));
  }

  private static Answer json(Uploads.Receipt receipt) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("state", "acknowledged")
            .put("server_image_id", receipt.instanceId())
            .put("sha256", receipt.sha256())
            .put("size", receipt.size())
            .put("study_uid", receipt.studyUid())
            .put("series_uid", receipt.seriesUid())
            .put("sop_instance_uid", receipt.sopInstanceUid())
            .put("acknowledged_at", receipt.acknowledgedAt().toString());
    return Answer.json(200, json);
  }
}
