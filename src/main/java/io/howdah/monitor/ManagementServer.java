package io.howdah.monitor;

import io.howdah.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The management port: health and metrics for machines, the console and Jolokia for people with a
 * password. It has threads of its own, and nothing it does can hold up the business port; liveness
 * is answered without any of the things that may hang.
 */
final class ManagementServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ManagementServer.class);
  private static final int MAX_CONNECTIONS = 128;
  private static final int BODY_LIMIT = 1024 * 1024;
  private static final int THREADS = 4;
  private static final int IDLE_SECONDS = 60;
  private static final long REFUSAL_DELAY_MS = 250;
  private static final int CHECK_PATIENCE_SECONDS = 10;
  private static final String CONSOLE = "/hawtio";
  private static final String JOLOKIA = CONSOLE + "/jolokia";
  private static final String SESSIONS = "/sessions";
  private static final String HEALTH = "/observe/health";
  private static final String METRICS = "/observe/metrics";

  /** The console talks to this server alone, and no one may frame it. */
  private static final String CONTENT_POLICY =
      "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline';"
          + " img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:;"
          + " form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

  private final Settings.Management settings;
  private final Users users;
  private final BooleanSupplier alive;
  private final Fresh<HealthReport> health;
  private final Supplier<String> metrics;
  private final Console console;
  private final Optional<SessionBoard> sessions;
  private final Jolokia jolokia;
  private final AtomicInteger connections = new AtomicInteger();
  private Vertx vertx;
  private HttpServer server;

  ManagementServer(
      Settings.Management settings,
      Users users,
      BooleanSupplier alive,
      Fresh<HealthReport> health,
      Supplier<String> metrics,
      Console console,
      Optional<SessionBoard> sessions,
      Jolokia jolokia) {
    this.settings = settings;
    this.users = users;
    this.alive = alive;
    this.health = health;
    this.metrics = metrics;
    this.console = console;
    this.sessions = sessions;
    this.jolokia = jolokia;
  }

  /** Opens the port; fails when it cannot be had. */
  void open() {
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(THREADS)
                .setInternalBlockingPoolSize(1)
                .setPreferNativeTransport(false));
    Router router = Router.router(vertx);
    router.route().handler(this::admit);
    router.post().handler(BodyHandler.create(false).setBodyLimit(BODY_LIMIT));
    router.route().handler(this::answer);
    router.route().failureHandler(ManagementServer::fail);
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setReuseAddress(true)
                    .setHttp2ClearTextEnabled(false)
                    .setIdleTimeout(IDLE_SECONDS)
                    .setMaxInitialLineLength(8 * 1024)
                    .setMaxHeaderSize(8 * 1024))
            .connectionHandler(this::connected)
            .exceptionHandler(e -> LOG.debug("connection ended: {}", e.getMessage()))
            .requestHandler(router);
    await(
        server.listen(settings.port(), settings.host()),
        "listen on " + settings.host() + ":" + settings.port());
    LOG.info("management port open http://{}:{}", settings.host(), server.actualPort());
  }

  int port() {
    return server == null ? settings.port() : server.actualPort();
  }

  private void connected(HttpConnection connection) {
    if (connections.incrementAndGet() > MAX_CONNECTIONS) {
      connection.close();
    }
    connection.closeHandler(closed -> connections.decrementAndGet());
  }

  /** Decides by the same normalised path that is served, so that no other spelling gets by. */
  private void admit(RoutingContext rc) {
    HttpServerResponse response = rc.response();
    response
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Referrer-Policy", "same-origin")
        .putHeader("Cache-Control", "no-store")
        .putHeader("Content-Security-Policy", CONTENT_POLICY);
    String path = rc.normalizedPath();
    boolean forPeople = path.equals(CONSOLE) || path.startsWith(CONSOLE + "/") || isSessions(path);
    boolean forMachines = path.equals(METRICS) || path.startsWith(HEALTH);
    if (!forPeople && !forMachines) {
      send(
          rc,
          404,
          "there is nothing here; see /observe/health, /observe/metrics, /hawtio/ and /sessions");
      return;
    }
    boolean open = forMachines && (settings.isLoopback() || path.startsWith(HEALTH));
    if (!open && !users.admit(rc.request().getHeader("Authorization"))) {
      refuse(rc);
      return;
    }
    HttpMethod method = rc.request().method();
    boolean posting = method == HttpMethod.POST && isJolokia(path);
    if (method != HttpMethod.GET && method != HttpMethod.HEAD && !posting) {
      send(rc, 405, "this resource does not take that method");
      return;
    }
    if (forPeople && isForeign(rc.request())) {
      send(rc, 403, "another site's page asked for this; open the console by its own address");
      return;
    }
    rc.next();
  }

  private void refuse(RoutingContext rc) {
    boolean tried = rc.request().getHeader("Authorization") != null;
    if (tried) {
      LOG.warn("console login refused from={}", rc.request().remoteAddress().hostAddress());
    }
    rc.response().putHeader("WWW-Authenticate", "Basic realm=\"Howdah\", charset=\"UTF-8\"");
    String sentence =
        "send a user and password of howdah.management.users-file; without that setting, of "
            + Users.DEFAULT_FILE
            + " in the data directory";
    if (tried) {
      rc.request().pause();
      vertx.setTimer(REFUSAL_DELAY_MS, timer -> send(rc, 401, sentence));
    } else {
      send(rc, 401, sentence);
    }
  }

  /**
   * A browser sends the password with any page's requests; this is how those of other pages are
   * told from the console's.
   */
  private static boolean isForeign(HttpServerRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    boolean visit =
        "navigate".equals(request.getHeader("Sec-Fetch-Mode"))
            && request.method() == HttpMethod.GET
            && !isJolokia(request.path());
    if (site != null && !site.equals("same-origin") && !site.equals("none") && !visit) {
      return true;
    }
    String origin = request.getHeader("Origin");
    if (origin == null && isJolokia(request.path())) {
      origin = request.getHeader("Referer");
    }
    if (origin == null) {
      return false;
    }
    try {
      String authority = URI.create(origin).getAuthority();
      return authority == null || !authority.equalsIgnoreCase(request.getHeader("Host"));
    } catch (IllegalArgumentException e) {
      return true;
    }
  }

  private static boolean isJolokia(String path) {
    return path.equals(JOLOKIA) || path.startsWith(JOLOKIA + "/");
  }

  private static boolean isSessions(String path) {
    return path.equals(SESSIONS) || path.equals(SESSIONS + "/");
  }

  private void answer(RoutingContext rc) {
    String path = rc.normalizedPath();
    switch (path) {
      case HEALTH + "/live" ->
          send(
              rc,
              alive.getAsBoolean() ? 200 : 503,
              "application/json",
              Buffer.buffer(
                  alive.getAsBoolean() ? "{\"status\":\"UP\"}" : "{\"status\":\"DOWN\"}"));
      case HEALTH, HEALTH + "/ready" -> sendHealth(rc);
      case METRICS ->
          blocking(
              rc,
              () ->
                  new Console.Page(
                      "text/plain; version=0.0.4; charset=utf-8",
                      metrics.get().getBytes(StandardCharsets.UTF_8),
                      false));
      case CONSOLE -> {
        rc.response().putHeader("Location", CONSOLE + "/");
        send(rc, 302, "the console is at /hawtio/");
      }
      default -> {
        if (isJolokia(path)) {
          blocking(rc, () -> new Console.Page("application/json", jolokia(rc), false));
        } else if (isSessions(path)) {
          sendSessions(rc);
        } else if (path.startsWith(CONSOLE + "/")) {
          blocking(rc, () -> console.page(path.substring(CONSOLE.length() + 1)).orElse(null));
        } else {
          send(rc, 404, "there is nothing here; see /observe/health, /live and /ready");
        }
      }
    }
  }

  private void sendSessions(RoutingContext rc) {
    if (sessions.isEmpty()) {
      send(rc, 404, "this process has no upload sessions: its roles are neither sessions nor sync");
      return;
    }
    rc.response().putHeader("Content-Security-Policy", SessionBoard.POLICY);
    blocking(rc, () -> new Console.Page("text/html; charset=utf-8", sessions.get().page(), false));
  }

  private void sendHealth(RoutingContext rc) {
    health
        .get()
        .completeOnTimeout(HealthReport.HANGING, CHECK_PATIENCE_SECONDS, TimeUnit.SECONDS)
        .whenComplete(
            (report, trouble) ->
                rc.vertx()
                    .runOnContext(
                        now -> {
                          if (trouble != null) {
                            rc.fail(trouble);
                          } else {
                            send(
                                rc,
                                report.ready() ? 200 : 503,
                                "application/json",
                                Buffer.buffer(report.json().toPrettyString() + "\n"));
                          }
                        }));
  }

  private byte[] jolokia(RoutingContext rc) throws IOException {
    HttpServerRequest request = rc.request();
    Map<String, String[]> parameters = new HashMap<>();
    for (String name : request.params().names()) {
      parameters.put(name, request.params().getAll(name).toArray(String[]::new));
    }
    String answer;
    if (request.method() == HttpMethod.POST) {
      Buffer body = rc.body().buffer();
      answer =
          jolokia.post(request.uri(), body == null ? new byte[0] : body.getBytes(), parameters);
    } else {
      String path = rc.normalizedPath().substring(JOLOKIA.length()).replace("+", "%2B");
      answer =
          jolokia.get(request.uri(), URLDecoder.decode(path, StandardCharsets.UTF_8), parameters);
    }
    return answer.getBytes(StandardCharsets.UTF_8);
  }

  private static void blocking(RoutingContext rc, Source source) {
    rc.vertx()
        .executeBlocking(source::page, false)
        .onFailure(rc::fail)
        .onSuccess(
            page -> {
              if (page == null) {
                send(rc, 404, "the console has no such file");
              } else {
                rc.response()
                    .putHeader(
                        "Cache-Control",
                        page.lasting() ? "private, max-age=31536000, immutable" : "no-store");
                send(rc, 200, page.type(), Buffer.buffer(page.body()));
              }
            });
  }

  /** What may read files or ask the database. */
  private interface Source {
    Console.Page page() throws IOException;
  }

  private static void send(RoutingContext rc, int status, String sentence) {
    send(rc, status, "text/plain; charset=utf-8", Buffer.buffer(sentence + "\n"));
  }

  private static void send(RoutingContext rc, int status, String type, Buffer body) {
    HttpServerResponse response = rc.response();
    if (response.ended() || response.closed()) {
      return;
    }
    if (rc.request().method() == HttpMethod.POST && !rc.request().isEnded()) {
      response.putHeader("Connection", "close"); // what is left of the body is not waited for
    }
    response.setStatusCode(status).putHeader("Content-Type", type).end(body);
  }

  private static void fail(RoutingContext rc) {
    int status = rc.statusCode() >= 400 && rc.statusCode() < 500 ? rc.statusCode() : 500;
    if (status == 500) {
      LOG.warn(
          "management request failed path={} cause={}",
          rc.normalizedPath(),
          String.valueOf(rc.failure()));
    }
    send(
        rc,
        status,
        status == 413
            ? "the body is larger than this resource takes"
            : status == 500 ? "this did not work; see the log" : "the request cannot be read");
  }

  private static <T> void await(Future<T> future, String what) {
    try {
      future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          "cannot "
              + what
              + ": "
              + Optional.ofNullable(e.getCause()).map(Throwable::getMessage).orElse("no answer"),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted: cannot " + what, e);
    }
  }

  @Override
  public void close() {
    if (vertx != null) {
      await(vertx.close(), "close the management port");
    }
  }
}
