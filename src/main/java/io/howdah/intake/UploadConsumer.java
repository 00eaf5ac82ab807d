package io.howdah.intake;

import io.howdah.disk.Disk;
import io.howdah.disk.Uploads;
import io.howdah.http.Answer;
import io.howdah.http.BusinessConsumer;
import io.howdah.http.BusinessServer;
import io.howdah.settings.Settings;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code upload:} component's end of the business port: {@code from: upload:/path} hands a
 * route each multipart upload to that path as an {@link Upload}, its files written to disk and
 * digested while they came in, and answers as platform-http does: body, Content-Type and
 * CamelHttpResponseCode as the route leaves them.
 *
 * <p>It decides what it can from the headers alone, writes each part to a temporary file with
 * back-pressure, and runs the route once everything has arrived. A body that ends early, comes too
 * slowly or is too large never enters a route, and leaves no file behind.
 */
final class UploadConsumer extends BusinessConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(UploadConsumer.class);

  private final UploadEndpoint endpoint;
  private final Settings settings;
  private final Refusals refusals;
  private final Path directory;

  UploadConsumer(
      UploadEndpoint endpoint, Processor processor, Settings settings, Refusals refusals) {
    super(endpoint, processor, settings.http(), "intake", settings.intake().workers());
    this.endpoint = endpoint;
    this.settings = settings;
    this.refusals = refusals;
    this.directory = new Uploads(settings.intake().uploads()).arriving();
  }

  @Override
  protected void doStart() throws Exception {
    Disk.createDirectories(directory);
    super.doStart();
  }

  @Override
  protected List<Route> mount(Router router, String path) {
    return List.of(router.route(path).handler(this::receive));
  }

  private void receive(RoutingContext rc) {
    HttpServerRequest request = rc.request();
    if (endpoint.leavesOthers() && !isMultipart(request)) {
      rc.next();
      return;
    }
    Optional<Answer> refusal = refusal(request);
    if (refusal.isPresent()) {
      BusinessServer.refuse(request, refusal.get());
      return;
    }
    Reception reception = new Reception(this, settings, workers(), waiting(), rc);
    MultipartBody.of(request.getHeader("Content-Type"), reception)
        .ifPresentOrElse(
            reception::begin,
            () -> BusinessServer.refuse(request, refused(UploadError.BAD_MULTIPART)));
  }

  /** What can be decided before a byte of the body is read. */
  private Optional<Answer> refusal(HttpServerRequest request) {
    if (!request.method().name().equals("POST")) {
      Answer answer = Answer.problem(405, "METHOD_NOT_ALLOWED", "files are sent with POST");
      return Optional.of(
          new Answer(405, answer.contentType(), answer.body(), Map.of("Allow", "POST")));
    }
    if (isEnding()) {
      return Optional.of(refused(UploadError.NOT_STORED));
    }
    String type = request.getHeader("Content-Type");
    if (type == null && hasNoBody(request)) {
      return Optional.of(refused(UploadError.FILE_MISSING));
    }
    if (!isMultipart(request) || request.headers().contains("Content-Encoding")) {
      return Optional.of(refused(UploadError.UNSUPPORTED_MEDIA_TYPE));
    }
    String length = request.getHeader("Content-Length");
    if (length != null
        && (length.length() > 18
            || Long.parseLong(length) > endpoint.maxRequestSize() + Reception.OVERHEAD)) {
      return Optional.of(refused(UploadError.REQUEST_TOO_LARGE));
    }
    long announced = length == null ? 0 : Long.parseLong(length);
    try {
      if (Disk.free(directory) - announced < settings.intake().diskReserve()) {
        return Optional.of(refused(UploadError.DISK_FULL));
      }
    } catch (IOException e) {
      LOG.warn("upload refused: free space cannot be read cause={}", e.getMessage());
      return Optional.of(refused(UploadError.NOT_STORED));
    }
    return Optional.empty();
  }

  private static boolean isMultipart(HttpServerRequest request) {
    String type = request.getHeader("Content-Type");
    return type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data");
  }

  private static boolean hasNoBody(HttpServerRequest request) {
    return !request.headers().contains("Transfer-Encoding")
        && "0".equals(Optional.ofNullable(request.getHeader("Content-Length")).orElse("0"));
  }

  Answer refused(UploadError error) {
    refusals.refused(error);
    return problem(error);
  }

  static Answer problem(UploadError error) {
    return Answer.problem(error.status(), error.name(), error.sentence());
  }

  /** The path this consumer serves, with its limits. */
  UploadEndpoint endpoint() {
    return endpoint;
  }

  /** Runs the route over what arrived, and gives the answer it left. */
  Answer route(RoutingContext rc, List<ArrivedFile> arrived, Map<String, String> fields) {
    Optional<String> key =
        Optional.ofNullable(rc.request().getHeader("Idempotency-Key"))
            .map(String::strip)
            .filter(text -> !text.isEmpty());
    Map<String, Object> headers = new HashMap<>(rc.pathParams());
    headers.put("fields", fields);
    return route(new Upload("http", key, arrived), headers)
        .orElseGet(() -> refused(UploadError.NOT_STORED));
  }

  /** Where files are while they come in. */
  Path directory() {
    return directory;
  }
}
