package io.howdah.session;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.Disk;
import io.howdah.disk.StorageUnavailable;
import io.howdah.http.Answer;
import io.howdah.intake.ArrivedFile;
import io.howdah.intake.Upload;
import io.howdah.session.AllowedPaths.TooManyOpening;
import io.howdah.session.LocalStore.Arrived;
import io.howdah.session.LocalStore.TooLarge;
import io.howdah.session.Sessions.Creation;
import io.howdah.session.Sessions.Filter;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code POST create_session/} (contracts §2), with a path this machine can read or with the bytes
 * in the request: the file is copied and digested in one pass, published, recorded, and only then
 * answered.
 */
public final class SessionCreation {
  private static final String USUAL_TYPE = "application/dicom";

  /** As much as fits in a request's header when it travels to the hub. */
  static final int METADATA_LIMIT = 3_000;

  private static final int MANIFEST_LIMIT = 512 * 1024;
  private static final int MOST_URGENT = 9;
  private static final String VISIT = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";
  private static final String SHA256 = "[0-9a-f]{64}";
  private static final String UID = "[0-9.]{1,64}";

  private final Settings.Sessions settings;
  private final long diskReserve;
  private final Duration after;
  private final Sessions sessions;
  private final SessionManifests manifests;
  private final LocalStore store;
  private final AllowedPaths allowed;
  private final InstantSource clock;

  /**
   * @param diskReserve bytes that stay free
   * @param after how long a session is left to its client
   */
  public SessionCreation(
      Settings.Sessions settings,
      long diskReserve,
      Duration after,
      Sessions sessions,
      SessionManifests manifests,
      LocalStore store,
      InstantSource clock) {
    this.settings = settings;
    this.diskReserve = diskReserve;
    this.after = after;
    this.sessions = sessions;
    this.manifests = manifests;
    this.store = store;
    this.allowed = new AllowedPaths(settings.allowedPaths(), settings.maxOpening());
    this.clock = clock;
  }

  /** Files that clients named and that are being opened now. */
  public int opening() {
    return allowed.opening();
  }

  /** With a file that this machine can read. */
  public Answer create(String visitId, String body) throws IOException {
    Optional<Fields> read = Fields.of(body);
    if (read.isEmpty()) {
      return Fields.unreadable();
    }
    Fields fields = read.get();
    Optional<String> path = fields.text("local_file_path", true, 4096);
    Optional<Asked> asked = asked(visitId, fields, Optional.empty());
    Optional<Answer> refusal = refusal(visitId, fields, asked);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    Optional<SeekableByteChannel> opened;
    try {
      opened = path.isEmpty() ? Optional.empty() : allowed.open(path.get());
    } catch (TooManyOpening e) {
      return SessionApi.error(
          429,
          "as many files are being opened as howdah.sessions.max-opening allows, and none of them gets on; see whether what howdah.sessions.allowed-paths lists is a share that does not answer, or holds a pipe");
    }
    if (opened.isEmpty()) {
      fields.complain(
          "local_file_path",
          "Name a regular file, by its absolute path without links, in a folder that howdah.sessions.allowed-paths lists.");
      return fields.answer();
    }
    try (SeekableByteChannel file = opened.get()) {
      return create(asked.get(), file, "local_file_path");
    }
  }

  /**
   * With the bytes in the request.
   *
   * @param form the request's other fields
   */
  public Answer receive(String visitId, Map<String, String> form, Upload upload)
      throws IOException {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    form.forEach(values::put);
    Fields fields = new Fields(values);
    if (upload.files().size() != 1) {
      fields.complain("file", "Send one file.");
    }
    ArrivedFile file = upload.files().get(0);
    Optional<Asked> asked = asked(visitId, fields, Optional.of(file.originalName()));
    Optional<Answer> refusal = refusal(visitId, fields, asked);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    try (ReadableByteChannel bytes = Files.newByteChannel(file.path())) {
      return create(asked.get(), bytes, "file");
    }
  }

  /** What a client asked for, checked. */
  private record Asked(
      String visitId,
      long orderId,
      String fileName,
      String contentType,
      String metadata,
      int priority,
      int maxRetries,
      Optional<Manifest> manifest) {}

  private Optional<Asked> asked(String visitId, Fields fields, Optional<String> sentName) {
    Optional<Long> order = fields.whole("radiology_order_id", true, 0, Long.MAX_VALUE);
    Optional<String> name = fields.text("file_name", sentName.isEmpty(), 255);
    if (name.isEmpty()) {
      name = sentName.map(SessionCreation::plain).filter(text -> !text.isEmpty());
    }
    String type = fields.text("content_type", false, 100).orElse(USUAL_TYPE);
    Optional<ObjectNode> metadata = fields.object("metadata", METADATA_LIMIT);
    Optional<Long> priority = fields.whole("priority", false, 0, MOST_URGENT);
    Optional<Long> retries = fields.whole("max_retries", false, 0, settings.maxRetries());
    Optional<Manifest> manifest = manifest(visitId, fields);
    if (fields.areWrong() || order.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Asked(
            visitId,
            order.get(),
            name.orElse("file"),
            type,
            metadata.map(JsonNode::toString).orElse("{}"),
            priority.map(Long::intValue).orElse(0),
            retries.map(Long::intValue).orElse(settings.maxRetries()),
            manifest));
  }

  /** A name as text for people, short enough for its column. */
  private static String plain(String name) {
    String text = name.replaceAll("[\\p{Cntrl}\\p{Cs}]", "_").strip();
    return text.length() <= 255 ? text : text.substring(text.length() - 255);
  }

  /** A study's files, told to the hub before the first of them. */
  private static Optional<Manifest> manifest(String visitId, Fields fields) {
    Optional<ObjectNode> given = fields.object("manifest", MANIFEST_LIMIT);
    if (given.isEmpty()) {
      return Optional.empty();
    }
    String id = given.get().path("manifest_id").asText();
    boolean good =
        id.matches("[A-Za-z0-9._-]{1,64}")
            && given.get().path("study_uid").asText().matches(UID)
            && given.get().path("files").isArray()
            && !given.get().path("files").isEmpty();
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.set("study_uid", given.get().path("study_uid"));
    var files = body.putArray("files");
    for (JsonNode file : given.get().path("files")) {
      good &=
          file.path("sop_instance_uid").asText().matches(UID)
              && file.path("size").isIntegralNumber()
              && file.path("sha256").asText().matches(SHA256);
      files
          .addObject()
          .put("name", file.path("name").asText())
          .put("sop_instance_uid", file.path("sop_instance_uid").asText())
          .put("size", file.path("size").asLong())
          .put("sha256", file.path("sha256").asText());
    }
    if (!good) {
      fields.complain(
          "manifest",
          "A manifest has manifest_id, study_uid and files, each with name, sop_instance_uid, size and sha256 in lowercase hex.");
      return Optional.empty();
    }
    return Optional.of(new Manifest(id, visitId, body.toString(), Optional.empty()));
  }

  /** What can be refused before a byte is copied. */
  private Optional<Answer> refusal(String visitId, Fields fields, Optional<Asked> asked)
      throws IOException {
    if (!visitId.matches(VISIT)) {
      return Optional.of(
          Answer.json(404, JsonNodeFactory.instance.objectNode().put("detail", "Not found.")));
    }
    if (fields.areWrong() || asked.isEmpty()) {
      return Optional.of(fields.answer());
    }
    if (Disk.free(store.directory()) < diskReserve) {
      return Optional.of(
          SessionApi.error(
              507, "less than howdah.intake.disk-reserve is free; nothing was taken, try later"));
    }
    long open =
        sessions.count(new Filter(Optional.empty(), Optional.empty(), SessionState.pending()));
    return open < settings.maxOpen()
        ? Optional.empty()
        : Optional.of(
            SessionApi.error(
                429, "as many sessions are unfinished as howdah.sessions.max-open allows"));
  }

  private Answer create(Asked asked, ReadableByteChannel bytes, String field) throws IOException {
    Optional<Manifest> manifest = asked.manifest();
    if (manifest.isPresent() && !manifests.keep(manifest.get(), clock.instant())) {
      return SessionApi.error(409, "a manifest of that manifest_id says something else");
    }
    try (Arrived arrived = store.take(bytes, settings.maxFileSize())) {
      if (arrived.size() == 0) {
        return wrong(field, "The submitted file is empty.");
      }
      Optional<Session> there = sessions.live(asked.orderId(), arrived.sha256());
      if (there.isPresent()) {
        return existing(asked, there.get());
      }
      arrived.publish();
      Creation creation = recorded(asked, arrived);
      if (!creation.isNew()) {
        arrived.withdraw();
        return existing(asked, creation.session());
      }
      return Answer.json(201, SessionJson.of(creation.session()));
    } catch (TooLarge e) {
      return wrong(field, "The file is larger than howdah.sessions.max-file-size allows.");
    }
  }

  private Creation recorded(Asked asked, Arrived arrived) throws IOException {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    try {
      return sessions.create(
          new SessionFacts(
              UUID.randomUUID().toString(),
              asked.visitId(),
              asked.orderId(),
              asked.fileName(),
              asked.contentType(),
              arrived.size(),
              arrived.sha256(),
              asked.metadata(),
              asked.priority(),
              asked.manifest().map(Manifest::manifestId),
              asked.maxRetries(),
              arrived.name(),
              arrived.isSealed(),
              now),
          SessionApi.WHO,
          now.plus(after));
    } catch (StorageUnavailable e) {
      if (!e.isUndecided()) { // else a row may speak of it; the cleanup finds out
        arrived.withdraw();
      }
      throw e;
    }
  }

  /** The same bytes for the same order: only who belongs to the visit is told of the session. */
  private static Answer existing(Asked asked, Session session) {
    return session.facts().visitId().equals(asked.visitId())
        ? Answer.json(200, SessionJson.of(session))
        : SessionApi.error(409, "these bytes are uploaded for this order already");
  }

  private static Answer wrong(String field, String sentence) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putArray(field).add(sentence);
    return Answer.json(400, body);
  }
}
