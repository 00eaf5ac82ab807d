package io.howdah.http;

import io.howdah.settings.Settings;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The business port: Camel's own platform-http server with the bounds it lacks, which are a cap on
 * connections, deadlines for headers and idle connections, an API key asked before any body is
 * read, and answers without stack traces.
 */
public final class BusinessServer extends VertxPlatformHttpServer {
  private static final Logger LOG = LoggerFactory.getLogger(BusinessServer.class);
  private static final int SMALL_BODY_LIMIT = 1024 * 1024;
  private static final int LEAST_READ_BYTES = 256;
  private static final int FIRST_READ_BYTES = 2048;

  /** Most bytes read at once; Netty's own 64 KB make four times the steps of a big upload. */
  private static final int READ_BYTES = 256 * 1024;

  private static final long SCAN_MS = 1_000;
  private static final long DRAIN_MS = 5_000;
  private static final Answer NOT_FOUND =
      Answer.problem(
          404,
          "NOT_FOUND",
          "there is nothing here; the API is POST /upload, GET /status/{study_id} and GET /health");
  private static final Answer METHOD_NOT_ALLOWED =
      Answer.problem(405, "METHOD_NOT_ALLOWED", "this resource does not take that method");

  /** A body comes whole or in chunks; of another coding's end we could only guess. */
  private static final Set<List<String>> CODINGS = Set.of(List.of(), List.of("chunked"));

  /** Request header, of ours and never a client's, that names the caller to routes and handlers. */
  public static final String PRINCIPAL = "Howdah-Principal";

  /**
   * What a query parameter's name has before it in a route, and no client's header may have:
   * neither passes for the other.
   */
  public static final String QUERY = "Howdah-Query-";

  private static final String TURN = "howdah.turn";

  private final Settings.Http settings;
  private final ApiKeys keys;
  private final ClientRates rates;
  private final Runnable throttled;
  private final Map<HttpConnection, Turn> connections = new ConcurrentHashMap<>();
  private Vertx vertx;
  private Router router;
  private HttpServer server;

  /**
   * @param throttled hears of every request that was answered 429
   * @throws IOException when the API keys cannot be read
   */
  public BusinessServer(Settings.Http settings, Runnable throttled) throws IOException {
    super(configuration(settings));
    this.settings = settings;
    this.throttled = throttled;
    this.rates = new ClientRates(settings.maxClientRate(), System::nanoTime);
    this.keys = ApiKeys.read(settings.apiKeysFile());
  }

  private static VertxPlatformHttpServerConfiguration configuration(Settings.Http settings) {
    VertxPlatformHttpServerConfiguration configuration = new VertxPlatformHttpServerConfiguration();
    configuration.setBindHost(settings.host());
    configuration.setBindPort(settings.port());
    configuration.setMaxBodySize((long) SMALL_BODY_LIMIT);
    configuration.setServerType(VertxPlatformHttpRouter.SERVER_TYPE_SERVER);
    return configuration;
  }

  @Override
  protected void doInit() {
    // no Vert.x of anyone else's is looked for
  }

  @Override
  protected void doStart() {
    initializeServer();
  }

  /** Opens the port; called once every route is ready, so that no early caller meets a 404. */
  public void open() {
    startServer();
  }

  @Override
  protected void initializeServer() {
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setWorkerPoolSize(16)
                .setEventLoopPoolSize(2)
                .setPreferNativeTransport(false));
    router = Router.router(vertx);
    router.route().handler(this::admit);
    router.route().failureHandler(BusinessServer::fail);
    router.errorHandler(404, rc -> send(rc.response(), NOT_FOUND));
    router.errorHandler(
        405,
        rc -> {
          rc.response().putHeader("Allow", allowed(rc.normalizedPath()));
          send(rc.response(), METHOD_NOT_ALLOWED);
        });
    getCamelContext()
        .getComponent("platform-http", PlatformHttpComponent.class)
        .setHeaderFilterStrategy(new PathFirst());
    String name = VertxPlatformHttpRouter.getRouterNameFromPort(settings.port());
    getCamelContext()
        .getRegistry()
        .bind(PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME, new Engine());
    getCamelContext()
        .getRegistry()
        .bind(
            name,
            new VertxPlatformHttpRouter(
                this, vertx, router, name, VertxPlatformHttpRouter.SERVER_TYPE_SERVER) {
              @Override
              public Handler<RoutingContext> bodyHandler() {
                return BodyHandler.create(false).setBodyLimit(SMALL_BODY_LIMIT);
              }
            });
  }

  @Override
  protected void startServer() {
    HttpServerOptions options =
        new HttpServerOptions()
            .setTcpNoDelay(true)
            .setTcpKeepAlive(true)
            .setReuseAddress(true)
            .setMaxChunkSize(READ_BYTES)
            .setMaxHeaderSize(8 * 1024)
            .setMaxInitialLineLength(4 * 1024)
            .setHttp2ClearTextEnabled(false) // its many streams would pass every bound below
            .setCompressionSupported(false)
            .setDecompressionSupported(false)
            .setHandle100ContinueAutomatically(false);
    server =
        vertx
            .createHttpServer(options)
            .connectionHandler(connection -> connected(connection, options))
            .exceptionHandler(e -> LOG.debug("connection ended: {}", e.getMessage()))
            .requestHandler(this::begin);
    await(
        server.listen(settings.port(), settings.host()),
        "listen on " + settings.host() + ":" + settings.port());
    vertx.setPeriodic(SCAN_MS, timer -> closeSilent());
    LOG.info("business port open http://{}:{}", settings.host(), server.actualPort());
  }

  private void connected(HttpConnection connection, HttpServerOptions options) {
    if (connections.size() >= settings.maxConnections()) {
      LOG.warn("connection refused open={} limit=howdah.http.max-connections", connections.size());
      connection.close();
      return;
    }
    StrictRequestDecoder.on(connection, options);
    ((ConnectionBase) connection)
        .channel()
        .config()
        .setRecvByteBufAllocator(
            new AdaptiveRecvByteBufAllocator(LEAST_READ_BYTES, FIRST_READ_BYTES, READ_BYTES));
    connections.put(connection, new Turn());
    connection.closeHandler(closed -> connections.remove(connection));
  }

  private void begin(HttpServerRequest request) {
    Turn turn = connections.get(request.connection());
    // what follows a refused request may be anything, and may be read after the connection's end
    if (turn == null || turn.wasTheLast()) {
      request.connection().close();
      return;
    }
    request.response().endHandler(end -> turn.end());
    turn.begin(request);
    router.handle(request);
  }

  /**
   * Closes connections whose next request has not begun in time, however slowly its header trickles
   * in.
   */
  private void closeSilent() {
    long now = System.nanoTime();
    connections.forEach(
        (connection, turn) -> {
          if (turn.isTheClients() && now - turn.since > settings.idleTimeout().toNanos()) {
            connection.close();
          }
        });
  }

  private void admit(RoutingContext rc) {
    HttpServerRequest request = rc.request();
    HttpServerResponse response = rc.response();
    Turn turn = connections.get(request.connection());
    if (turn != null) { // null once the client has gone
      rc.put(TURN, turn);
    }
    response.putHeader("X-Content-Type-Options", "nosniff").putHeader("Cache-Control", "no-store");
    if (getCamelContext().isStopping() || getCamelContext().isStopped()) {
      refuse(
          request,
          Answer.problem(
              503, "STOPPING", "the gateway is stopping; nothing was accepted, try again"));
      return;
    }
    if (request.version() == HttpVersion.HTTP_1_1 && request.headers().getAll("Host").size() != 1
        || request.headers().getAll("Content-Length").size() > 1
        || !CODINGS.contains(request.headers().getAll("Transfer-Encoding"))) {
      refuse(
          request,
          Answer.problem(400, "BAD_REQUEST", "the request's own framing contradicts itself"));
      return;
    }
    Optional<String> principal = keys.principal(request.getHeader("Authorization"));
    request.headers().remove(PRINCIPAL);
    principal.ifPresent(name -> request.headers().set(PRINCIPAL, name));
    if (principal.isEmpty() && !request.path().equals("/health")) {
      refuse(
          request,
          new Answer(
              401,
              "application/problem+json",
              Answer.problem(
                      401,
                      "UNAUTHORIZED",
                      "send Authorization: Bearer with an API key that this gateway knows")
                  .body(),
              Map.of("WWW-Authenticate", "Bearer")));
      return;
    }
    if (!rates.admits(client(request, principal))) {
      throttled.run();
      refuse(
          request,
          Answer.problem(
              429,
              "TOO_MANY_REQUESTS",
              "more requests a second than howdah.http.max-client-rate allows one client; wait and try again"));
      return;
    }
    tellQueryFromHeaders(rc);
    rc.next();
  }

  /** Camel puts both into a message's headers. */
  private static void tellQueryFromHeaders(RoutingContext rc) {
    MultiMap headers = rc.request().headers();
    headers.names().stream()
        .filter(name -> name.regionMatches(true, 0, QUERY, 0, QUERY.length()))
        .toList()
        .forEach(headers::remove);
    MultiMap query = rc.queryParams();
    MultiMap named = MultiMap.caseInsensitiveMultiMap();
    query.forEach((name, value) -> named.add(QUERY + name, value));
    query.setAll(named);
  }

  /** The methods that some route takes for {@code path}. */
  private String allowed(String path) {
    return router.getRoutes().stream()
        .filter(route -> route.methods() != null && route.getPath() != null)
        .filter(route -> path.matches(pattern(route.getPath())))
        .flatMap(route -> route.methods().stream())
        .map(HttpMethod::name)
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }

  /** As a regular expression, for what the router writes {@code /status/:study_id}. */
  private static String pattern(String path) {
    return Arrays.stream(path.split("/"))
            .map(segment -> segment.startsWith(":") ? "[^/]+" : Pattern.quote(segment))
            .collect(Collectors.joining("/"))
        + "/?";
  }

  /** Who asks: the holder of a key, or a machine where none is asked. */
  private static String client(HttpServerRequest request, Optional<String> principal) {
    return principal
        .filter(name -> !name.equals(ApiKeys.ANYONE))
        .orElseGet(() -> request.remoteAddress().hostAddress());
  }

  /**
   * Answers at once and closes; what the client still sends is read and dropped for a while, so
   * that it gets to see the answer. To be called on the request's event loop.
   */
  public static void refuse(HttpServerRequest request, Answer answer) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response.putHeader("Connection", "close");
    if (request.isEnded()) {
      send(response, answer);
      return;
    }
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    response.setStatusCode(answer.status()).putHeader("Content-Type", answer.contentType());
    answer.headers().forEach(response::putHeader);
    response.putHeader("Content-Length", Integer.toString(body.length));
    response.write(Buffer.buffer(body));
    Runnable end =
        () -> {
          if (!response.ended() && !response.closed()) {
            response.end();
          }
        };
    request.handler(dropped -> {});
    request.exceptionHandler(ended -> {});
    request.endHandler(read -> end.run());
    request.resume();
    Vertx.currentContext().owner().setTimer(DRAIN_MS, timer -> end.run());
  }

  private static void fail(RoutingContext rc) {
    if (rc.response().closed()) {
      return; // the client has gone
    }
    if (rc.response().ended() || rc.response().headWritten()) {
      rc.request().connection().close();
      return;
    }
    Answer answer = // a chunk's size that is no number comes as such an exception
        switch (rc.failure() instanceof NumberFormatException ? 400 : rc.statusCode()) {
          case 404 -> NOT_FOUND;
          case 405 -> METHOD_NOT_ALLOWED;
          case 413 ->
              Answer.problem(413, "TOO_LARGE", "the body is larger than this resource takes");
          case 400, 401, 402, 403, 406, 407, 408, 409, 410, 411, 412, 414, 415 ->
              Answer.problem(400, "BAD_REQUEST", "the request cannot be read");
          default ->
              Answer.problem(
                  500,
                  "INTERNAL",
                  "the gateway could not do this; nothing was accepted, try again");
        };
    if (answer.status() == 400) { // the router itself refuses some, such as one without a host
      refuse(rc.request(), answer);
      return;
    }
    if (answer.status() == 500) {
      LOG.error(
          "request failed path={} cause={}", rc.normalizedPath(), String.valueOf(rc.failure()));
    }
    send(rc.response(), answer);
  }

  /** Leaves the pace of a request's body to its receiver, who has a measure of its own for it. */
  public static void atItsOwnPace(RoutingContext rc) {
    Turn turn = rc.get(TURN);
    if (turn != null) {
      turn.ownPace = true;
    }
  }

  /** Sends an answer; the returned future tells when the client's side has it. */
  public static io.vertx.core.Future<Void> send(HttpServerResponse response, Answer answer) {
    response.setStatusCode(answer.status()).putHeader("Content-Type", answer.contentType());
    answer.headers().forEach(response::putHeader);
    return response.end(answer.body());
  }

  private static <T> T await(io.vertx.core.Future<T> future, String what) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException | CompletionException e) {
      throw new IllegalStateException(
          "cannot "
              + what
              + ": "
              + (e.getCause() == null ? "no answer" : e.getCause().getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted: cannot " + what, e);
    }
  }

  @Override
  protected void stopServer() {
    if (server != null) {
      await(server.close(), "close the business port");
    }
  }

  @Override
  protected void stopVertx() {
    if (vertx != null) {
      await(vertx.close(), "stop the business port");
    }
  }

  @Override
  public HttpServer getServer() {
    return server;
  }

  @Override
  public Vertx getVertx() {
    return vertx;
  }

  @Override
  public int getPort() {
    return server == null ? settings.port() : server.actualPort();
  }

  /** Puts routes that begin with platform-http on this port, never on the management port. */
  private final class Engine extends VertxPlatformHttpEngine {
    @Override
    public int getServerPort() {
      return settings.port();
    }
  }

  /** Whose turn it is on a connection, and since when. Uploads keep their own, kinder pace. */
  private static final class Turn {
    private volatile long since = System.nanoTime();
    private volatile HttpServerRequest request;
    private volatile boolean ownPace;
    private HttpServerRequest last;

    void begin(HttpServerRequest begun) {
      since = System.nanoTime();
      ownPace = false;
      last = begun;
      request = begun;
    }

    /** True when the answer before this request said that the connection ends. */
    boolean wasTheLast() {
      return last != null && (closes(last.response().headers()) || closes(last.headers()));
    }

    private static boolean closes(MultiMap headers) {
      return headers.contains("Connection", "close", true);
    }

    void end() {
      since = System.nanoTime();
      request = null;
    }

    boolean isTheClients() {
      HttpServerRequest now = request;
      return now == null || !ownPace && !now.isEnded();
    }
  }
}
