package io.howdah.intake;

import io.howdah.disk.Disk;
import io.howdah.http.Answer;
import io.howdah.http.BusinessServer;
import io.howdah.settings.Settings;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives uploads: decides what it can from the headers alone, writes each part to a temporary
 * file with back-pressure, and runs the route once everything has arrived. A body that ends early,
 * comes too slowly or is too large never enters a route, and leaves no file behind.
 */
final class UploadConsumer extends DefaultConsumer {
  private static final Logger LOG = LoggerFactory.getLogger(UploadConsumer.class);

  private final UploadEndpoint endpoint;
  private final Settings settings;
  private final Refusals refusals;
  private final Path directory;
  private final AtomicLong waiting = new AtomicLong();
  private ExecutorService workers;
  private Route route;

  UploadConsumer(
      UploadEndpoint endpoint, Processor processor, Settings settings, Refusals refusals) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.settings = settings;
    this.refusals = refusals;
    this.directory = settings.intake().uploads().resolve(".arriving");
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    Disk.createDirectories(directory);
    workers =
        endpoint
            .getCamelContext()
            .getExecutorServiceManager()
            .newFixedThreadPool(this, "intake", settings.intake().workers());
    VertxPlatformHttpRouter router =
        VertxPlatformHttpRouter.lookup(
            endpoint.getCamelContext(),
            VertxPlatformHttpRouter.getRouterNameFromPort(settings.http().port()));
    route = router.route(endpoint.path());
    route.handler(this::receive);
  }

  @Override
  protected void doStop() throws Exception {
    if (route != null) {
      route.remove();
      route = null;
    }
    if (workers != null) {
      endpoint.getCamelContext().getExecutorServiceManager().shutdownGraceful(workers);
      workers = null;
    }
    super.doStop();
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
    Reception reception = new Reception(this, settings, workers, rc);
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
    if (isSuspendingOrSuspended() || isStoppingOrStopped()) {
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
    HttpServerRequest request = rc.request();
    Exchange exchange = createExchange(false);
    exchange.setPattern(ExchangePattern.InOut);
    Optional<String> key =
        Optional.ofNullable(request.getHeader("Idempotency-Key"))
            .map(String::strip)
            .filter(text -> !text.isEmpty());
    rc.pathParams().forEach(exchange.getIn()::setHeader);
    exchange.getIn().setHeader("fields", fields);
    exchange.getIn().setBody(new Upload("http", key, arrived));
    try {
      createUoW(exchange);
      getProcessor().process(exchange);
      if (exchange.getException() == null) {
        return answerOf(exchange.getMessage());
      }
      LOG.error("upload failed cause={}", String.valueOf(exchange.getException()));
    } catch (Exception | Error e) {
      LOG.error("upload failed cause={}", String.valueOf(e));
    } finally {
      doneUoW(exchange);
      releaseExchange(exchange, false);
    }
    return refused(UploadError.NOT_STORED);
  }

  private static Answer answerOf(Message message) {
    Map<String, String> headers =
        Optional.ofNullable(message.getHeader("Retry-After", String.class))
            .map(after -> Map.of("Retry-After", after))
            .orElse(Map.of());
    return new Answer(
        message.getHeader(Exchange.HTTP_RESPONSE_CODE, 200, Integer.class),
        message.getHeader(Exchange.CONTENT_TYPE, "application/json", String.class),
        message.getBody(String.class),
        headers);
  }

  /** Where files are while they come in. */
  Path directory() {
    return directory;
  }

  /** Bytes of all uploads that were received and not written yet. */
  AtomicLong waiting() {
    return waiting;
  }
}
