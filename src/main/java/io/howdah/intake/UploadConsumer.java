package io.howdah.intake;

import io.howdah.disk.CrashPoint;
import io.howdah.disk.Disk;
import io.howdah.http.Answer;
import io.howdah.http.BusinessServer;
import io.howdah.settings.Settings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
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
  private static final Set<String> FIELDS = Set.of("file", "files", "file[]");
  private static final long PAUSE_ABOVE = 2L * 1024 * 1024;
  private static final long RESUME_BELOW = 512L * 1024;
  private static final long PACE_MS = 30_000;
  private static final long DRAIN_MS = 5_000;
  private static final int FIELD_LIMIT = 256;
  private static final long MULTIPART_OVERHEAD = 1024L * 1024;

  private final UploadEndpoint endpoint;
  private final Settings settings;
  private final Path directory;
  private ExecutorService workers;
  private Route route;

  UploadConsumer(UploadEndpoint endpoint, Processor processor, Settings settings) {
    super(endpoint, processor);
    this.endpoint = endpoint;
    this.settings = settings;
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
    Optional<Answer> refusal = refusal(request);
    if (refusal.isPresent()) {
      refuse(request, refusal.get());
      return;
    }
    Reception reception = new Reception(rc);
    MultipartBody.of(request.getHeader("Content-Type"), reception)
        .ifPresentOrElse(
            reception::begin, () -> refuse(request, problem(UploadError.BAD_MULTIPART)));
  }

  /** What can be decided before a byte of the body is read. */
  private Optional<Answer> refusal(HttpServerRequest request) {
    if (!request.method().name().equals("POST")) {
      Answer answer = Answer.problem(405, "METHOD_NOT_ALLOWED", "files are sent with POST");
      return Optional.of(
          new Answer(405, answer.contentType(), answer.body(), Map.of("Allow", "POST")));
    }
    if (isSuspendingOrSuspended() || isStoppingOrStopped()) {
      return Optional.of(problem(UploadError.NOT_STORED));
    }
    String type = request.getHeader("Content-Type");
    if (type == null) {
      return Optional.of(problem(UploadError.FILE_MISSING));
    }
    if (!type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")
        || request.headers().contains("Content-Encoding")) {
      return Optional.of(problem(UploadError.UNSUPPORTED_MEDIA_TYPE));
    }
    String length = request.getHeader("Content-Length");
    if (length != null
        && (length.length() > 18
            || Long.parseLong(length) > settings.intake().maxRequestSize() + MULTIPART_OVERHEAD)) {
      return Optional.of(problem(UploadError.REQUEST_TOO_LARGE));
    }
    long announced = length == null ? 0 : Long.parseLong(length);
    try {
      if (Disk.free(directory) - announced < settings.intake().diskReserve()) {
        return Optional.of(problem(UploadError.DISK_FULL));
      }
    } catch (IOException e) {
      LOG.warn("upload refused: free space cannot be read cause={}", e.getMessage());
      return Optional.of(problem(UploadError.NOT_STORED));
    }
    return Optional.empty();
  }

  static Answer problem(UploadError error) {
    return Answer.problem(error.status(), error.name(), error.sentence());
  }

  /**
   * Answers at once; what the client still sends is read and dropped for a while, so that it gets
   * to see the answer.
   */
  private static void refuse(HttpServerRequest request, Answer answer) {
    if (request.response().ended() || request.response().closed()) {
      return;
    }
    request.response().putHeader("Connection", "close");
    if (request.isEnded()) {
      BusinessServer.send(request.response(), answer);
      return;
    }
    request.handler(dropped -> {});
    request.exceptionHandler(ended -> {});
    request.resume();
    request
        .response()
        .setStatusCode(answer.status())
        .putHeader("Content-Type", answer.contentType());
    answer.headers().forEach(request.response()::putHeader);
    byte[] body = answer.body().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    request.response().putHeader("Content-Length", Integer.toString(body.length));
    request.response().write(Buffer.buffer(body));
    io.vertx.core.Context context = io.vertx.core.Vertx.currentContext();
    Runnable end =
        () -> {
          if (!request.response().ended() && !request.response().closed()) {
            request.response().end();
          }
        };
    request.endHandler(read -> end.run());
    if (context != null) {
      context.owner().setTimer(DRAIN_MS, timer -> end.run());
    }
  }

  /**
   * One upload while it comes in. Its handlers run on the connection's event loop, its writing on a
   * {@link Lane}.
   */
  private final class Reception implements MultipartBody.Parts {
    private final RoutingContext rc;
    private final HttpServerRequest request;
    private final Lane lane = new Lane(workers);
    private final List<ArrivingFile> files = new ArrayList<>();
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private long paced;
    private long timer = -1;
    private MultipartBody body;
    private ArrivingFile arriving;
    private long stored;
    private int parts;
    private boolean paused;
    private volatile boolean over;

    Reception(RoutingContext rc) {
      this.rc = rc;
      this.request = rc.request();
    }

    void begin(MultipartBody parsed) {
      body = parsed;
      request.handler(this::take);
      request.exceptionHandler(e -> lane.run(() -> giveUp(UploadError.BAD_MULTIPART)));
      request.endHandler(end -> lane.run(this::complete));
      request.response().closeHandler(closed -> lane.run(() -> giveUp(UploadError.BAD_MULTIPART)));
      timer = rc.vertx().setPeriodic(PACE_MS, tick -> pace());
      if (request.getHeader("Expect") != null) {
        request.response().writeContinue();
      }
    }

    private void take(Buffer buffer) {
      int length = buffer.length();
      received.addAndGet(length);
      if (waiting.addAndGet(length) > PAUSE_ABOVE && !paused) {
        paused = true;
        request.pause();
      }
      lane.run(
          () -> {
            try {
              if (!over) {
                body.feed(buffer.getBytes());
              }
            } finally {
              if (waiting.addAndGet(-length) < RESUME_BELOW) {
                rc.vertx().runOnContext(free -> resume());
              }
            }
          });
    }

    @Override
    public void begin(String name, Optional<String> filename) throws IOException, Refused {
      if (++parts > settings.intake().maxFiles() + FIELD_LIMIT) {
        throw new Refused(UploadError.TOO_MANY_FILES);
      }
      arriving = null;
      if (FIELDS.contains(name) && filename.isPresent()) {
        if (files.size() == settings.intake().maxFiles()) {
          throw new Refused(UploadError.TOO_MANY_FILES);
        }
        arriving = new ArrivingFile(directory, filename.get(), settings.intake().maxFileSize());
        files.add(arriving);
      }
    }

    @Override
    public void bytes(ByteBuffer bytes) throws IOException, Refused {
      stored += bytes.remaining();
      if (stored > settings.intake().maxRequestSize()) {
        throw new Refused(UploadError.REQUEST_TOO_LARGE);
      }
      if (arriving != null) {
        arriving.write(bytes);
      }
    }

    @Override
    public void end() throws IOException {
      if (arriving != null) {
        arriving.close();
      }
    }

    private void resume() {
      if (paused && waiting.get() < RESUME_BELOW) {
        paused = false;
        request.resume();
      }
    }

    /**
     * Cuts off a body that brings too little; a body that waits for our own disk is not the
     * client's fault.
     */
    private void pace() {
      long now = received.get();
      if (!paused && now - paced < settings.http().minBodyRate() * PACE_MS / 1000) {
        lane.run(() -> giveUp(UploadError.TOO_SLOW));
      }
      paced = now;
    }

    private void giveUp(UploadError error) throws IOException {
      if (over) {
        return;
      }
      over = true;
      rc.vertx().cancelTimer(timer);
      for (ArrivingFile file : files) {
        file.discard();
      }
      LOG.info("upload refused code={} files={} bytes={}", error, files.size(), received.get());
      rc.vertx().runOnContext(answer -> refuse(request, problem(error)));
    }

    private void complete() throws IOException {
      if (over) {
        return;
      }
      if (!body.isComplete()) {
        giveUp(UploadError.BAD_MULTIPART);
        return;
      }
      over = true;
      rc.vertx().cancelTimer(timer);
      List<ArrivedFile> arrived = new ArrayList<>(files.size());
      for (ArrivingFile file : files) {
        arrived.add(file.arrived());
      }
      CrashPoint.INTAKE_BYTES_WRITTEN.reached();
      Answer answer = arrived.isEmpty() ? problem(UploadError.FILE_MISSING) : route(arrived);
      rc.vertx()
          .runOnContext(
              send -> {
                if (!request.response().closed()) {
                  BusinessServer.send(request.response(), answer);
                }
              });
      for (ArrivedFile file : arrived) {
        Files.deleteIfExists(file.path());
      }
    }

    private Answer route(List<ArrivedFile> arrived) {
      Exchange exchange = createExchange(false);
      exchange.setPattern(ExchangePattern.InOut);
      Optional<String> key =
          Optional.ofNullable(request.getHeader("Idempotency-Key"))
              .map(String::strip)
              .filter(text -> !text.isEmpty());
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
      return problem(UploadError.NOT_STORED);
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

    /** Work in order, in the threads of a pool; the first failure ends the upload. */
    private final class Lane {
      private final ExecutorService pool;
      private final java.util.ArrayDeque<Step> steps = new java.util.ArrayDeque<>();
      private boolean running;

      Lane(ExecutorService pool) {
        this.pool = pool;
      }

      void run(Step step) {
        synchronized (steps) {
          steps.add(step);
          if (running) {
            return;
          }
          running = true;
        }
        try {
          pool.execute(this::drain);
        } catch (RejectedExecutionException e) {
          request.connection().close();
        }
      }

      private void drain() {
        for (Step step = next(); step != null; step = next()) {
          try {
            step.run();
          } catch (Refused e) {
            abandon(e.error());
          } catch (IOException e) {
            LOG.warn("upload not stored cause={}", e.getMessage());
            abandon(UploadError.NOT_STORED);
          } catch (RuntimeException | Error e) {
            LOG.error("upload failed cause={}", String.valueOf(e));
            abandon(UploadError.NOT_STORED);
          }
        }
      }

      private Step next() {
        synchronized (steps) {
          Step step = steps.poll();
          running = step != null;
          return step;
        }
      }

      private void abandon(UploadError error) {
        try {
          giveUp(error);
        } catch (IOException e) {
          LOG.warn("temporary files stay until the next start cause={}", e.getMessage());
        }
      }
    }
  }

  /** A step of the writing. */
  private interface Step {
    void run() throws IOException, Refused;
  }
}
