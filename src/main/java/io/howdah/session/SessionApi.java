package io.howdah.session;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.audit.AuditEntry;
import io.howdah.audit.AuditTrail;
import io.howdah.http.Answer;
import io.howdah.session.SessionProgress.Ack;
import io.howdah.session.SessionProgress.Trouble;
import io.howdah.session.Sessions.Filter;
import io.howdah.session.Sessions.Note;
import io.howdah.session.UploadSteps.Outcome;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The contract's calls on sessions that there are ({@code
 * /api/v1/visits/{visit_id}/radiology/upload-sessions/…}, contracts §2). A session of another visit
 * is answered as one that there is not.
 */
public final class SessionApi {
  /** Written in the trail for what a client asked for. */
  static final String WHO = "api";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int PAGE = 20;
  private static final int MOST = 1_000;
  private static final int LEAST_CHUNK = 1024;
  private static final long USUAL_CHUNK = 1024 * 1024;
  private static final int LOST_RACES = 10;

  private final Sessions sessions;
  private final UploadSteps steps;
  private final AuditTrail audit;
  private final InstantSource clock;

  public SessionApi(Sessions sessions, UploadSteps steps, AuditTrail audit, InstantSource clock) {
    this.sessions = sessions;
    this.steps = steps;
    this.audit = audit;
    this.clock = clock;
  }

  private Answer with(String visitId, String sessionId, Function<Session, Answer> call) {
    return sessions
        .find(sessionId)
        .filter(session -> session.facts().visitId().equals(visitId))
        .map(call)
        .orElseGet(() -> detail(404, "Not found."));
  }

  private Answer with(
      String visitId, String sessionId, String body, BiFunction<Session, Fields, Answer> call) {
    return with(
        visitId,
        sessionId,
        session ->
            Fields.of(body)
                .map(fields -> call.apply(session, fields))
                .orElseGet(Fields::unreadable));
  }

  private static Answer detail(int status, String sentence) {
    return Answer.json(status, JSON.objectNode().put("detail", sentence));
  }

  static Answer error(int status, String sentence) {
    Answer answer = Answer.json(status, JSON.objectNode().put("error", sentence));
    return status == 503 || status == 429 || status == 507
        ? new Answer(status, answer.contentType(), answer.body(), Map.of("Retry-After", "5"))
        : answer;
  }

  private static Answer wrongState(Session session, String call) {
    return error(409, call + " is not possible while the session is " + session.state());
  }

  /** {@code GET {id}/}. */
  public Answer get(String visitId, String sessionId) {
    return with(visitId, sessionId, session -> Answer.json(200, SessionJson.of(session)));
  }

  /** {@code POST {id}/upload_metadata/}. */
  public Answer uploadMetadata(String visitId, String sessionId) {
    return with(
        visitId,
        sessionId,
        session ->
            switch (session.state()) {
              case QUEUED, METADATA_UPLOADING ->
                  after(steps.uploadMetadata(session), SessionApi::metadataUploaded);
              case METADATA_UPLOADED, BINARY_UPLOADING, SYNCED -> metadataUploaded(session);
              default -> wrongState(session, "upload_metadata");
            });
  }

  private static Answer after(Outcome outcome, Function<Session, Answer> done) {
    if (outcome instanceof Outcome.Done it) {
      return done.apply(it.session());
    }
    if (outcome instanceof Outcome.Failed it) {
      return error(
          400, it.session().progress().trouble().map(Trouble::message).orElse("the upload failed"));
    }
    if (outcome instanceof Outcome.NotNow it) {
      return error(503, it.reason());
    }
    return error(400, ((Outcome.Contradicted) outcome).reason());
  }

  /** What the answers on a session's steps and progress begin with. */
  private static ObjectNode step(Session session) {
    return JSON.objectNode().put("session_id", session.id()).put("status", session.state().name());
  }

  private static Answer metadataUploaded(Session session) {
    return Answer.json(
        200,
        step(session)
            .put("metadata_uploaded", session.isMetadataUploaded())
            .put("next_step", "upload_binary"));
  }

  /** {@code POST {id}/upload_binary/}; where it resumes is what the hub says it has. */
  public Answer uploadBinary(String visitId, String sessionId, String body) {
    return with(
        visitId,
        sessionId,
        body,
        (session, fields) -> {
          fields.whole("resume_from", false, 0, session.facts().size());
          long chunk =
              fields.whole("chunk_size", false, LEAST_CHUNK, Integer.MAX_VALUE).orElse(USUAL_CHUNK);
          if (fields.areWrong()) {
            return fields.answer();
          }
          return switch (session.state()) {
            case METADATA_UPLOADED, BINARY_UPLOADING ->
                after(steps.uploadBinary(session, (int) chunk), this::binaryUploaded);
            case SYNCED -> binaryUploaded(session);
            default -> wrongState(session, "upload_binary");
          };
        });
  }

  private Answer binaryUploaded(Session session) {
    Optional<Long> image =
        session.progress().ack().map(Ack::imageId).or(() -> steps.image(session));
    return Answer.json(
        200,
        step(session)
            .put("binary_uploaded", session.isBinaryUploaded())
            .put("progress_percent", session.percent().toPlainString())
            .put("image_id", image.orElse(null)));
  }

  /** {@code POST {id}/acknowledge/}. */
  public Answer acknowledge(String visitId, String sessionId, String body) {
    return with(
        visitId,
        sessionId,
        body,
        (session, fields) -> {
          Optional<Long> imageId = fields.whole("server_image_id", true, 0, Long.MAX_VALUE);
          if (fields.areWrong()) {
            return fields.answer();
          }
          return switch (session.state()) {
            case SYNCED ->
                after(
                    steps.acknowledge(session, imageId.get()),
                    done -> acknowledged(done, imageId.get()));
            case ACK_RECEIVED -> acknowledged(session, imageId.get());
            default -> wrongState(session, "acknowledge");
          };
        });
  }

  private static Answer acknowledged(Session session, long imageId) {
    if (session.progress().ack().filter(ack -> ack.imageId() == imageId).isEmpty()) {
      return error(400, "the receiver acknowledged this session as another image");
    }
    return Answer.json(
        200,
        step(session)
            .put("ack_received", true)
            .put("safe_to_delete_local", session.isSafeToDelete()));
  }

  /** {@code POST {id}/retry/}. */
  public Answer retry(String visitId, String sessionId) {
    return with(
        visitId,
        sessionId,
        session ->
            changed(
                    session,
                    Session::canBeRetried,
                    now -> now.retried(clock.instant()),
                    new Note(WHO, "retry", "asked for by a client"))
                .map(retried -> Answer.json(200, SessionJson.of(retried)))
                .orElseGet(() -> error(400, "Session cannot be retried")));
  }

  /** {@code POST {id}/cancel/}: a session that has not begun. */
  public Answer cancel(String visitId, String sessionId) {
    return with(
        visitId,
        sessionId,
        session ->
            changed(
                    session,
                    now -> now.state() == SessionState.QUEUED,
                    now -> now.cancelled(clock.instant()),
                    new Note(WHO, "cancel", "asked for by a client"))
                .map(cancelled -> Answer.json(200, SessionJson.of(cancelled)))
                .orElseGet(() -> wrongState(sessions.find(sessionId).orElse(session), "cancel")));
  }

  /** Changes a session while it allows it; empty when it does not, or no longer. */
  private Optional<Session> changed(
      Session seen,
      Function<Session, Boolean> allows,
      Function<Session, Session> change,
      Note note) {
    Optional<Session> now = Optional.of(seen);
    for (int i = 0; i < LOST_RACES && now.filter(allows::apply).isPresent(); i++) {
      Optional<Session> saved = sessions.save(change.apply(now.get()), note);
      if (saved.isPresent()) {
        return saved;
      }
      now = sessions.find(seen.id());
    }
    return Optional.empty();
  }

  /** {@code GET pending/}. */
  public Answer pending(String visitId, String orderId) {
    return all(visitId, orderId, SessionState.pending());
  }

  /** {@code GET failed/}. */
  public Answer failed(String visitId, String orderId) {
    return all(visitId, orderId, List.of(SessionState.FAILED));
  }

  private Answer all(String visitId, String orderId, List<SessionState> states) {
    Fields query = query(orderId);
    Optional<Long> order = query.whole("radiology_order_id", false, 0, Long.MAX_VALUE);
    if (query.areWrong()) {
      return query.answer();
    }
    return Answer.json(
        200, array(sessions.list(new Filter(Optional.of(visitId), order, states), MOST, 0)));
  }

  private static Fields query(String orderId) {
    ObjectNode query = JSON.objectNode();
    if (orderId != null && !orderId.isBlank()) {
      query.put("radiology_order_id", orderId);
    }
    return new Fields(query);
  }

  private static ArrayNode array(List<Session> found) {
    ArrayNode array = JSON.arrayNode();
    found.forEach(session -> array.add(SessionJson.of(session)));
    return array;
  }

  /**
   * {@code GET /?radiology_order_id=&status=&page=}: 20 a page, newest first.
   *
   * @param url as the client gave it, without the query
   */
  public Answer page(String visitId, String orderId, String status, String page, String url) {
    Fields query = query(orderId);
    Optional<Long> order = query.whole("radiology_order_id", false, 0, Long.MAX_VALUE);
    Optional<String> wanted = Optional.ofNullable(status).filter(text -> !text.isBlank());
    Optional<SessionState> state = wanted.flatMap(SessionState::named);
    if (wanted.isPresent() && state.isEmpty()) {
      query.complain(
          "status", "Select a valid choice. That choice is not one of the available choices.");
    }
    if (query.areWrong()) {
      return query.answer();
    }
    if (page != null && !page.matches("[1-9]\\d{0,7}")) {
      return detail(404, "Invalid page.");
    }
    int number = page == null ? 1 : Integer.parseInt(page);
    Filter filter = new Filter(Optional.of(visitId), order, state.map(Set::of).orElse(Set.of()));
    long count = sessions.count(filter);
    if (number > 1 && (long) (number - 1) * PAGE >= count) {
      return detail(404, "Invalid page.");
    }
    Function<Integer, String> link =
        other ->
            url
                + "?"
                + order.map(id -> "radiology_order_id=" + id + "&").orElse("")
                + state.map(it -> "status=" + it + "&").orElse("")
                + "page="
                + other;
    ObjectNode body =
        JSON.objectNode()
            .put("count", count)
            .put("next", (long) number * PAGE < count ? link.apply(number + 1) : null)
            .put("previous", number > 1 ? link.apply(number - 1) : null);
    body.set("results", array(sessions.list(filter, PAGE, (number - 1) * PAGE)));
    return Answer.json(200, body);
  }

  /** {@code GET {id}/audit/}: all that happened, oldest first. */
  public Answer audit(String visitId, String sessionId) {
    return with(
        visitId,
        sessionId,
        session -> {
          ArrayNode entries = JSON.arrayNode();
          for (AuditEntry entry : audit.of(sessionId)) {
            entries
                .addObject()
                .put("seq", entry.seq())
                .put("at", java.time.Instant.ofEpochMilli(entry.at()).toString())
                .put("who", entry.who())
                .put("what", entry.what())
                .put("from", entry.from().orElse(null))
                .put("to", entry.to().orElse(null))
                .put("result", entry.result())
                .put("hash", entry.hash());
          }
          return Answer.json(200, entries);
        });
  }

  /** {@code GET {id}/progress/}: percent, rate and remaining time. */
  public Answer progress(String visitId, String sessionId) {
    return with(
        visitId,
        sessionId,
        session -> {
          long rate = steps.pace(sessionId).bytesPerSecond();
          return Answer.json(
              200,
              step(session)
                  .put("progress_percent", session.percent().toPlainString())
                  .put("bytes_uploaded", session.progress().bytesUploaded())
                  .put("bytes_total", session.wireSize())
                  .put("bytes_per_second", rate)
                  .put(
                      "seconds_remaining",
                      session.remaining(rate).map(Duration::toSeconds).orElse(null)));
        });
  }
}
