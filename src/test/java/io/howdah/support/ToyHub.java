package io.howdah.support;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;

/**
 * A hub in memory that does what a script says: tus 1.0 with creation and checksum, receipts and
 * manifests, so that a site's answer to everything a hub may say can be tried. The real hub is
 * tested against elsewhere.
 */
public final class ToyHub implements AutoCloseable {
  /** What is answered in place of the truth. */
  public record Fault(int status, String body) {}

  /** An upload as the hub has it. */
  public static final class Held {
    private final long length;
    private final Map<String, String> metadata;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private volatile long received;

    private Held(long length, Map<String, String> metadata) {
      this.length = length;
      this.metadata = metadata;
    }

    public Map<String, String> metadata() {
      return metadata;
    }

    public byte[] bytes() {
      return bytes.toByteArray();
    }

    /** All bytes that ever came for it, counted again when they came again. */
    public long received() {
      return received;
    }
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Held> uploads = new ConcurrentHashMap<>();
  private final Map<String, String> places = new ConcurrentHashMap<>();
  private final Map<String, String> manifests = new ConcurrentHashMap<>();
  private final Map<String, Long> images = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final AtomicLong ids = new AtomicLong();
  private volatile BiFunction<String, String, Optional<Fault>> script =
      (method, path) -> Optional.empty();
  private volatile boolean checksums = true;
  private volatile boolean receipts = true;

  private ToyHub(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  public static ToyHub start() throws IOException {
    return new ToyHub(0);
  }

  /** On a port that was left. */
  public static ToyHub start(int port) throws IOException {
    return new ToyHub(port);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /** Decides, by method and path, what is answered in place of the truth. */
  public void script(BiFunction<String, String, Optional<Fault>> faults) {
    script = faults;
  }

  /** From now on it is as any tus server is. */
  public void isForeign() {
    receipts = false;
    checksums = false;
  }

  /** Method and path of every request. */
  public List<String> requests() {
    return requests;
  }

  /** Uploads by session_id. */
  public Optional<Held> of(String sessionId) {
    return Optional.ofNullable(places.get(sessionId)).map(uploads::get);
  }

  /** The image that a session became. */
  public Optional<Long> image(String sessionId) {
    return Optional.ofNullable(places.get(sessionId)).map(images::get);
  }

  public int uploads() {
    return uploads.size();
  }

  public Map<String, String> manifests() {
    return manifests;
  }

  /** Forgets an upload, as one whose time is over. */
  public void forget(String sessionId) {
    uploads.remove(places.remove(sessionId));
  }

  private void serve(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getPath();
    requests.add(method + " " + path);
    try (exchange) {
      Optional<Fault> fault = script.apply(method, path);
      if (fault.isPresent()) {
        exchange.getRequestBody().readAllBytes();
        answer(exchange, fault.get().status(), fault.get().body());
        return;
      }
      exchange.getResponseHeaders().set("Tus-Resumable", "1.0.0");
      if (path.startsWith("/hub/manifests/") && method.equals("PUT")) {
        manifests.put(
            path.substring("/hub/manifests/".length()),
            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        answer(exchange, 201, "{}");
      } else if (path.equals("/hub/uploads") && method.equals("OPTIONS")) {
        exchange.getResponseHeaders().set("Tus-Version", "1.0.0");
        exchange
            .getResponseHeaders()
            .set("Tus-Extension", checksums ? "creation,checksum" : "creation");
        if (checksums) {
          exchange.getResponseHeaders().set("Tus-Checksum-Algorithm", "sha256");
        }
        answer(exchange, 204, "");
      } else if (path.equals("/hub/uploads") && method.equals("POST")) {
        create(exchange);
      } else if (path.endsWith("/receipt")) {
        receipt(exchange, path.substring(0, path.length() - "/receipt".length()));
      } else {
        upload(exchange, method, path);
      }
    }
  }

  private void create(HttpExchange exchange) throws IOException {
    Map<String, String> metadata = new ConcurrentHashMap<>();
    for (String pair : exchange.getRequestHeaders().getFirst("Upload-Metadata").split(",")) {
      String[] parts = pair.split(" ");
      metadata.put(
          parts[0], new String(Base64.getDecoder().decode(parts[1]), StandardCharsets.UTF_8));
    }
    String place =
        places.computeIfAbsent(
            metadata.get("session_id"),
            id -> {
              String made = "/hub/uploads/" + ids.incrementAndGet();
              uploads.put(
                  made,
                  new Held(
                      Long.parseLong(exchange.getRequestHeaders().getFirst("Upload-Length")),
                      metadata));
              return made;
            });
    exchange.getResponseHeaders().set("Location", "http://somewhere.else:1" + place);
    answer(exchange, 201, "");
  }

  private void upload(HttpExchange exchange, String method, String path) throws IOException {
    Held held = uploads.get(path);
    if (held == null) {
      exchange.getRequestBody().readAllBytes();
      answer(exchange, 404, "");
      return;
    }
    if (method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Upload-Offset", Integer.toString(held.bytes.size()));
      exchange.getResponseHeaders().set("Upload-Length", Long.toString(held.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    byte[] body = exchange.getRequestBody().readAllBytes();
    synchronized (held) {
      held.received += body.length;
      String checksum = exchange.getRequestHeaders().getFirst("Upload-Checksum");
      if (Long.parseLong(exchange.getRequestHeaders().getFirst("Upload-Offset"))
          != held.bytes.size()) {
        answer(exchange, 409, "");
        return;
      }
      if (checksum != null
          && !checksum.equals("sha256 " + Base64.getEncoder().encodeToString(sha256(body)))) {
        answer(exchange, 460, "");
        return;
      }
      held.bytes.write(body);
      exchange.getResponseHeaders().set("Upload-Offset", Integer.toString(held.bytes.size()));
    }
    answer(exchange, 204, "");
  }

  private void receipt(HttpExchange exchange, String path) throws IOException {
    if (!receipts) {
      answer(exchange, 404, "");
      return;
    }
    Held held = uploads.get(path);
    String sha256 = HexFormat.of().formatHex(sha256(held.bytes()));
    if (!held.metadata.containsKey("encoding") && !sha256.equals(held.metadata.get("sha256"))) {
      exchange.getResponseHeaders().set("Content-Type", "application/problem+json");
      answer(exchange, 422, "{\"code\":\"CHECKSUM_MISMATCH\",\"detail\":\"other bytes came\"}");
      return;
    }
    long image = images.computeIfAbsent(path, it -> 1000 + ids.incrementAndGet());
    answer(
        exchange,
        200,
        JSON.createObjectNode()
            .put("state", "acknowledged")
            .put("server_image_id", image)
            .put("sha256", held.metadata.get("sha256"))
            .put("size", Long.parseLong(held.metadata.get("size")))
            .toString());
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
