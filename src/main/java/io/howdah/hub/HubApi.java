package io.howdah.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.http.Answer;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/** What a site asks the hub beside tus: receipts of uploads, and manifests of studies. */
public final class HubApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int UNPROCESSABLE = 422;

  private final Uploads uploads;
  private final Manifests manifests;
  private final int mostFiles;
  private final InstantSource clock;

  /**
   * @param mostFiles files one manifest may have
   */
  public HubApi(Uploads uploads, Manifests manifests, int mostFiles, InstantSource clock) {
    this.uploads = uploads;
    this.manifests = manifests;
    this.mostFiles = mostFiles;
    this.clock = clock;
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

  /** {@code PUT /hub/manifests/{manifest_id}}: which files make up a study; it never changes. */
  public Answer putManifest(String manifestId, String principal, String body) {
    try {
      if (!isName(manifestId)) {
        throw new Refused(TusError.BAD_MANIFEST);
      }
      Manifest manifest = Manifest.read(manifestId, body, mostFiles);
      return switch (manifests.keep(principal, manifest, manifest.digest(), clock.instant())) {
        case NEW -> json(201, manifests.find(principal, manifestId).orElseThrow());
        case SAME -> json(200, manifests.find(principal, manifestId).orElseThrow());
        case OTHER -> TusError.OTHER_MANIFEST.answer();
      };
    } catch (Refused e) {
      return e.error().answer();
    }
  }

  /** {@code GET /hub/manifests/{manifest_id}}: how far a study is, file by file. */
  public Answer manifest(String manifestId, String principal) {
    return Optional.ofNullable(manifestId)
        .filter(HubApi::isName)
        .flatMap(id -> manifests.find(principal, id))
        .map(progress -> json(200, progress))
        .orElseGet(() -> Answer.problem(404, "MANIFEST_NOT_FOUND", "there is no such manifest"));
  }

  private static boolean isName(String text) {
    return text != null && UploadMetadata.NAME.matcher(text).matches();
  }

  private static Answer json(int status, Manifests.Progress progress) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("manifest_id", progress.manifestId())
            .put("study_uid", progress.studyUid())
            .put("state", progress.isComplete() ? "complete" : "open");
    ArrayNode files = json.putArray("files");
    for (Manifests.FileProgress file : progress.files()) {
      ObjectNode one =
          files
              .addObject()
              .put("name", file.file().name())
              .put("sop_instance_uid", file.file().sopInstanceUid())
              .put("size", file.file().size())
              .put("sha256", file.file().sha256())
              .put("state", file.state());
      file.instanceId().ifPresent(id -> one.put("server_image_id", id));
    }
    return Answer.json(status, json);
  }
}
