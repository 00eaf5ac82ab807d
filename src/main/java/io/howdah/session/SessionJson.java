package io.howdah.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.session.SessionProgress.Ack;
import io.howdah.session.SessionProgress.Trouble;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** A session as its clients see it: the contract's fields, and no others (contracts §2). */
final class SessionJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private SessionJson() {}

  static ObjectNode of(Session session) {
    SessionFacts facts = session.facts();
    SessionProgress progress = session.progress();
    ObjectNode json =
        JsonNodeFactory.instance
            .objectNode()
            .put("session_id", facts.sessionId())
            .put("radiology_order_id", facts.orderId())
            .put("file_name", facts.fileName())
            .put("file_size", facts.size())
            .put("content_type", facts.contentType())
            .put("status", progress.state().name())
            .put("status_display", progress.state().display())
            .put("bytes_uploaded", bytesUploaded(session))
            .put("upload_progress_percent", session.percent().toPlainString())
            .put("retry_count", progress.retryCount())
            .put("max_retries", facts.maxRetries())
            .put("error_message", progress.trouble().map(Trouble::message).orElse(""))
            .put("error_code", progress.trouble().map(Trouble::code).orElse(""))
            .put("server_ack_received", progress.ack().isPresent())
            .put("server_ack_at", iso(progress.ack().map(Ack::at)))
            .put("server_image_id", progress.ack().map(Ack::imageId).orElse(null))
            .put("metadata_uploaded", session.isMetadataUploaded())
            .put("metadata_uploaded_at", iso(progress.metadataUploadedAt()))
            .put("binary_uploaded", session.isBinaryUploaded())
            .put("binary_uploaded_at", iso(progress.binaryUploadedAt()))
            .put("created_at", iso(Optional.of(facts.createdAt())))
            .put("updated_at", iso(Optional.of(progress.updatedAt())));
    json.set("metadata", metadata(facts));
    return json.put("checksum", facts.sha256());
  }

  /** In bytes of the file, also where fewer travel. */
  private static long bytesUploaded(Session session) {
    if (session.progress().packing().isEmpty()) {
      return session.progress().bytesUploaded();
    }
    return session.isBinaryUploaded()
        ? session.facts().size()
        : (long)
            ((double) session.progress().bytesUploaded()
                / session.wireSize()
                * session.facts().size());
  }

  static JsonNode metadata(SessionFacts facts) {
    try {
      return JSON.readTree(facts.metadata());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("metadata was recorded as no JSON", e);
    }
  }

  /** ISO 8601 in UTC, to the millisecond; null when there is none. */
  static String iso(Optional<Instant> moment) {
    return moment.map(at -> at.truncatedTo(ChronoUnit.MILLIS).toString()).orElse(null);
  }
}
