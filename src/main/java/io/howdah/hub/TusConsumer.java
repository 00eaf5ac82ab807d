package io.howdah.hub;

import io.howdah.disk.CrashPoint;
import io.howdah.disk.Disk;
import io.howdah.disk.StorageUnavailable;
import io.howdah.http.Answer;
import io.howdah.http.BusinessConsumer;
import io.howdah.http.BusinessEndpoint;
import io.howdah.http.BusinessServer;
import io.howdah.settings.Settings;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code tus:} component's end of the business port: {@code from: tus:/path} speaks tus 1.0.0
 * there (core, creation, checksum, termination, expiration) and hands its route the id of each
 * upload whose last byte has become durable.
 */
public final class TusConsumer extends BusinessConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(TusConsumer.class);
  private static final String VERSION = "1.0.0";
  private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final int SHA256_BYTES = 32;

  /** RFC 9110 §5.6.7. */
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private final Settings settings;
  private final Uploads uploads;
  private final UploadFiles files;
  private final HubMeter meter;
  private final InstantSource clock;
  private final String path;
  private ExecutorService syncers;

  public TusConsumer(
      BusinessEndpoint endpoint,
      Processor processor,
      Settings settings,
      Uploads uploads,
      UploadFiles files,
      HubMeter meter,
      InstantSource clock) {
    super(endpoint, processor, settings.http(), "hub", settings.hub().workers());
    this.settings = settings;
    this.uploads = uploads;
    this.files = files;
    this.meter = meter;
    this.clock = clock;
    this.path = endpoint.path();
  }

  @Override
  protected void doStart() throws Exception {
    syncers = threads("hub-sync"); // apart, because those of the pool wait for them
    super.doStart();
  }

  @Override
  protected void doStop() throws Exception {
    super.doStop();
    stop(syncers);
  }

  @Override
  protected List<Route> mount(Router router, String at) {
    return List.of(
        router.route(at).handler(rc -> take(rc, this::all)),
        router.route(at + "/:id").handler(rc -> take(rc, this::one)));
  }

  private interface Handling {
    void handle(RoutingContext rc, String method) throws Refused;
  }

  private void take(RoutingContext rc, Handling handling) {
    HttpServerRequest request = rc.request();
    rc.response().putHeader("Tus-Resumable", VERSION);
    String method =
        Optional.ofNullable(request.getHeader("X-HTTP-Method-Override"))
            .filter(other -> request.method().name().equals("POST"))
            .orElse(request.method().name());
    try {
      if (method.equals("OPTIONS")) {
        respond(rc, options());
        return;
      }
      if (!VERSION.equals(request.getHeader("Tus-Resumable"))) {
        throw new Refused(TusError.VERSION);
      }
      if (isEnding()) {
        throw new Refused(TusError.NOT_STORED);
      }
      handling.handle(rc, method);
    } catch (Refused e) {
      respond(rc, refused(e.error()));
    }
  }

  private Answer options() {
    return bare(
        204,
        Map.of(
            "Tus-Version",
            VERSION,
            "Tus-Extension",
            "creation,checksum,termination,expiration",
            "Tus-Checksum-Algorithm",
            "sha256",
            "Tus-Max-Size",
            Long.toString(settings.hub().maxSize())));
  }

  private void all(RoutingContext rc, String method) throws Refused {
    if (!method.equals("POST")) {
      throw new Refused(TusError.METHOD_NOT_ALLOWED);
    }
    HttpServerRequest request = rc.request();
    String length = request.getHeader("Upload-Length");
    if (length == null || !NUMBER.matcher(length).matches() || Long.parseLong(length) == 0) {
      throw new Refused(TusError.BAD_LENGTH);
    }
    if (Long.parseLong(length) > settings.hub().maxSize()) {
      throw new Refused(TusError.TOO_LARGE);
    }
    AnnouncedFile announced =
        UploadMetadata.read(request.getHeader("Upload-Metadata"), Long.parseLong(length));
    if (announced.size() > settings.hub().maxSize()) {
      throw new Refused(TusError.TOO_LARGE);
    }
    String principal = principal(request);
    var context = rc.vertx().getOrCreateContext();
    try {
      workers()
          .execute(
              () -> {
                Answer answer = created(principal, announced);
                context.runOnContext(now -> respond(rc, answer));
              });
    } catch (RejectedExecutionException e) {
      request.connection().close(); // the hub stops; the sender comes again later
    }
  }

  private Answer created(String principal, AnnouncedFile announced) {
    try {
      if (Disk.free(files.checked()) - announced.length() - unpacked(announced) < diskReserve()) {
        return refused(TusError.DISK_FULL);
      }
      String fresh = UUID.randomUUID().toString();
      Uploads.Creation creation = create(fresh, principal, announced);
      if (creation instanceof Uploads.Creation.InTheWay other) {
        end(other.uploadId(), UploadState.TERMINATED);
        creation = create(fresh, principal, announced);
      }
      if (creation instanceof Uploads.Creation.Created created) {
        Instant expires = clock.instant().plus(settings.hub().expiry());
        return bare(
            201,
            Map.of(
                "Location",
                path + "/" + created.uploadId(),
                "Upload-Expires",
                HTTP_DATE.format(expires)));
      }
      return refused(
          creation instanceof Uploads.Creation.TooMuch
              ? TusError.TOO_MANY_UPLOADS
              : TusError.LOCKED);
    } catch (IOException | StorageUnavailable e) {
      LOG.warn("upload not created cause={}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("upload not created cause={}", String.valueOf(e));
    }
    return refused(TusError.NOT_STORED);
  }

  private static long unpacked(AnnouncedFile announced) {
    return announced.encoding().isPresent() ? announced.size() : 0;
  }

  private Uploads.Creation create(String id, String principal, AnnouncedFile announced) {
    return uploads.create(
        id,
        principal,
        announced,
        new Uploads.Allowance(settings.hub().maxOpen(), settings.hub().maxOpenBytes()),
        clock.instant());
  }

  /** Ends an open upload for good; false when it was not open any more. */
  boolean end(String uploadId, UploadState state) throws IOException {
    boolean ended =
        uploads.move(uploadId, UploadState.OPEN, state, Optional.empty(), clock.instant());
    if (ended) {
      files.remove(uploadId);
      LOG.info("upload ended upload={} state={}", uploadId, state.word());
    }
    return ended;
  }

  private void one(RoutingContext rc, String method) throws Refused {
    switch (method) {
      case "HEAD" -> new Look(this, rc).begin();
      case "DELETE" -> new Termination(this, rc).begin();
      case "PATCH" -> append(rc);
      default -> throw new Refused(TusError.METHOD_NOT_ALLOWED);
    }
  }

  private void append(RoutingContext rc) throws Refused {
    HttpServerRequest request = rc.request();
    if (!"application/offset+octet-stream".equals(request.getHeader("Content-Type"))
        || request.headers().contains("Content-Encoding")) {
      throw new Refused(TusError.UNSUPPORTED_MEDIA_TYPE);
    }
    String offset = request.getHeader("Upload-Offset");
    String length = request.getHeader("Content-Length");
    if (offset == null
        || !NUMBER.matcher(offset).matches()
        || length != null && !NUMBER.matcher(length).matches()) {
      throw new Refused(TusError.BAD_OFFSET);
    }
    Append append =
        new Append(
            this,
            rc,
            Long.parseLong(offset),
            length == null ? -1 : Long.parseLong(length),
            checksum(request.getHeader("Upload-Checksum")));
    request.pause();
    append.begin();
  }

  private static Optional<byte[]> checksum(String header) throws Refused {
    if (header == null) {
      return Optional.empty();
    }
    String[] parts = header.strip().split(" +");
    try {
      if (parts.length == 2 && parts[0].equalsIgnoreCase("sha256")) {
        byte[] digest = Base64.getDecoder().decode(parts[1]);
        if (digest.length == SHA256_BYTES) {
          return Optional.of(digest);
        }
      }
    } catch (IllegalArgumentException e) {
      // no base64
    }
    throw new Refused(TusError.BAD_CHECKSUM);
  }

  /** An upload that can still lead to success. */
  static void mustBeLive(HubUpload upload) throws Refused {
    if (!upload.state().isLive()) {
      throw new Refused(TusError.UPLOAD_GONE);
    }
  }

  /** All bytes of an upload are durable: so says its row from here on. */
  void received(String uploadId) {
    uploads.move(
        uploadId, UploadState.OPEN, UploadState.RECEIVED, Optional.empty(), clock.instant());
    CrashPoint.HUB_RECEIVED.reached();
  }

  /** Tells the route of an upload that is all here; a bell that is not heard costs one sweep. */
  void ring(String uploadId) {
    route(uploadId, Map.of());
  }

  /** Ends an open upload because of what its sender did. */
  void reject(HubUpload upload, Verdict verdict) {
    if (uploads.move(
        upload.uploadId(),
        UploadState.OPEN,
        UploadState.REJECTED,
        Optional.of(verdict.name()),
        clock.instant())) {
      meter.rejected(verdict);
      LOG.info("upload rejected upload={} code={}", upload.uploadId(), verdict);
    }
  }

  /** An answer that tells where an upload stands. */
  Answer offset(int status, HubUpload upload, long offset) throws IOException {
    Map<String, String> headers = new HashMap<>();
    headers.put("Upload-Offset", Long.toString(offset));
    if (status == 200) {
      headers.put("Upload-Length", Long.toString(upload.announced().length()));
      headers.put("Upload-Metadata", upload.announced().metadata());
    }
    if (upload.state() == UploadState.OPEN) {
      Instant touched = files.lastWritten(upload.uploadId()).orElse(upload.updatedAt());
      Instant last = touched.isAfter(upload.updatedAt()) ? touched : upload.updatedAt();
      headers.put("Upload-Expires", HTTP_DATE.format(last.plus(settings.hub().expiry())));
    }
    return bare(status, headers);
  }

  Answer refused(TusError error) {
    meter.refused(error);
    return error.answer();
  }

  static Answer bare(int status, Map<String, String> headers) {
    return new Answer(status, "", "", headers);
  }

  static boolean isUploadId(String text) {
    return ID.matcher(text).matches();
  }

  static String principal(HttpServerRequest request) {
    return request.getHeader(BusinessServer.PRINCIPAL);
  }

  /** Answers; of a request whose body nobody has read, the connection ends with it. */
  static void respond(RoutingContext rc, Answer answer) {
    HttpServerRequest request = rc.request();
    HttpServerResponse response = rc.response();
    if (response.ended() || response.closed()) {
      return;
    }
    if (!request.isEnded() && hasBody(request)) {
      BusinessServer.refuse(request, answer);
    } else if (answer.contentType().isEmpty()) {
      answer.headers().forEach(response::putHeader);
      response.setStatusCode(answer.status()).end();
    } else {
      BusinessServer.send(response, answer);
    }
  }

  private static boolean hasBody(HttpServerRequest request) {
    return request.headers().contains("Transfer-Encoding")
        || !"0".equals(Optional.ofNullable(request.getHeader("Content-Length")).orElse("0"));
  }

  Executor threads() {
    return workers();
  }

  Executor syncers() {
    return syncers;
  }

  AtomicLong waitingBytes() {
    return waiting();
  }

  Settings.Http http() {
    return settings.http();
  }

  Settings.Hub hub() {
    return settings.hub();
  }

  long diskReserve() {
    return settings.intake().diskReserve();
  }

  Uploads uploads() {
    return uploads;
  }

  UploadFiles files() {
    return files;
  }

  HubMeter meter() {
    return meter;
  }
}
