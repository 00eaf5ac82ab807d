package io.howdah.support;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;

/**
 * The cloud's upload API as contract §1 describes it, A and B: status codes, bodies, order of
 * checks and duplicate rules, with faults as a script says. Keeps a ledger of what it stored.
 */
public final class CloudApi implements AutoCloseable {
  /** What happens to a request instead of, or after, what the contract says. */
  public enum Fault {
    NONE,
    /** The connection closes before the request counts. */
    DROP_BEFORE,
    /** The image is stored and the answer never comes. */
    DROP_AFTER_COMMIT,
    /** The connection is reset while the body is sent. */
    RESET,
    /** The connection stays open and silent. */
    HANG,
    /** The image is stored; the answer trickles in a byte at a time and never ends. */
    TRICKLE,
    STATUS_401,
    STATUS_403,
    STATUS_422,
    /** 429 with Retry-After: 1. */
    STATUS_429,
    STATUS_500,
    STATUS_502,
    /** 503 with Retry-After: 1. */
    STATUS_503,
    /** A redirect to another place. */
    STATUS_307,
    /** 413 before the body is read, then the connection closes. */
    EARLY_413
  }

  /** A request as it came in. */
  public record Request(
      String method, String path, Map<String, String> headers, String uid, int bodyBytes) {
    /** A header's value, or null. */
    public String header(String name) {
      return headers.get(name.toLowerCase(Locale.ROOT));
    }
  }

  private final boolean v1;
  private final ServerSocket server;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Map<String, String> stored = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> storedTimes = new ConcurrentHashMap<>();
  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final Set<String> knownMessages = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile Function<Request, Fault> script = request -> Fault.NONE;
  private volatile String token;

  private final boolean tls;

  private CloudApi(boolean v1, int port) throws IOException {
    this(v1, bound(ServerSocketFactory.getDefault(), port), false);
  }

  private CloudApi(boolean v1, ServerSocket server, boolean tls) {
    this.v1 = v1;
    this.server = server;
    this.tls = tls;
    Thread thread = new Thread(this::accept, "cloud-api");
    thread.setDaemon(true);
    thread.start();
  }

  /** A port that was left may be a passing connection's for a moment. */
  private static ServerSocket bound(ServerSocketFactory factory, int port) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return factory.createServerSocket(port, 200, InetAddress.getLoopbackAddress());
      } catch (BindException e) {
        if (attempt == 3_000) {
          throw e;
        }
        Pause.aMoment();
      }
    }
  }

  /** Contract A on a free port. */
  public static CloudApi contractA() throws IOException {
    return new CloudApi(false, 0);
  }

  /** Contract A on a port that was left. */
  public static CloudApi contractA(int port) throws IOException {
    return new CloudApi(false, port);
  }

  /** Contract A over TLS, at localhost. */
  public static CloudApi contractA(int port, SSLContext certificate) throws IOException {
    return new CloudApi(false, bound(certificate.getServerSocketFactory(), port), true);
  }

  /** Contract B on a free port; knows every message id unless {@link #knowsOnly} was called. */
  public static CloudApi contractB(String token) throws IOException {
    CloudApi api = new CloudApi(true, 0);
    api.token = token;
    return api;
  }

  /** The CLOUD_API_ENDPOINT of this server. */
  public URI endpoint() {
    return URI.create(
        (tls ? "https://localhost:" : "http://127.0.0.1:")
            + port()
            + (v1 ? "/api/v1/dicom" : "/api/dicom/upload/"));
  }

  public int port() {
    return server.getLocalPort();
  }

  /** Decides each request's fault. */
  public void script(Function<Request, Fault> faults) {
    script = faults;
  }

  /** Every request meets the same fault from now on. */
  public void all(Fault fault) {
    script = request -> fault;
  }

  public void expectToken(String text) {
    token = text;
  }

  public void knowsOnly(String... messageIds) {
    knownMessages.addAll(List.of(messageIds));
  }

  /** SOP Instance UID to SHA-256 of the bytes that came for it. */
  public Map<String, String> stored() {
    return stored;
  }

  /** How often bytes were stored anew for a UID: more than once would be a duplicate. */
  public int timesStored(String uid) {
    AtomicInteger times = storedTimes.get(uid);
    return times == null ? 0 : times.get();
  }

  /** Forgets all that was stored and asked, as a new server. */
  public void forget() {
    stored.clear();
    storedTimes.clear();
    requests.clear();
  }

  public List<Request> requests() {
    return List.copyOf(requests);
  }

  public long requestsFor(String uid) {
    return requests.stream().filter(request -> uid.equals(request.uid())).count();
  }

  public List<String> failures() {
    return failures;
  }

  public int connections() {
    return connections.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        connections.incrementAndGet();
        sockets.add(socket);
        Thread thread = new Thread(() -> serve(socket), "cloud-api-connection");
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
      OutputStream out = socket.getOutputStream();
      while (exchange(in, out, socket)) {
        out.flush();
      }
    } catch (IOException e) {
      // the client went away, as some tests want
    } finally {
      sockets.remove(socket);
    }
  }

  private record Head(String method, String path, Map<String, String> headers) {}

  /** Nothing where the connection ends before it does, or where the bytes are no HTTP but TLS. */
  private static Optional<Head> head(InputStream in) throws IOException {
    String first = line(in);
    String[] words = first == null ? new String[0] : first.split(" ");
    if (words.length != 3 || !words[2].startsWith("HTTP/")) {
      return Optional.empty();
    }
    Map<String, String> headers = new TreeMap<>();
    String line = line(in);
    for (; line != null && line.indexOf(':') > 0; line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return line == null || !line.isEmpty()
        ? Optional.empty()
        : Optional.of(new Head(words[0], words[1], headers));
  }

  private boolean exchange(InputStream in, OutputStream out, Socket socket) throws IOException {
    Optional<Head> head = head(in);
    if (head.isEmpty()) {
      return false;
    }
    String method = head.get().method();
    String path = head.get().path();
    Map<String, String> headers = head.get().headers();
    if (headers.containsKey("transfer-encoding")) {
      answer(out, 411, "{\"error\": \"chunked\"}", "");
      return false;
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    Fault early = script.apply(new Request(method, path, headers, "", length));
    if (early == Fault.EARLY_413) {
      requests.add(new Request(method, path, headers, "", length));
      answer(out, 413, "{\"error\": \"too large\"}", "Connection: close\r\n");
      out.flush();
      socket.shutdownOutput();
      in.transferTo(OutputStream.nullOutputStream());
      return false;
    }
    if (early == Fault.RESET) {
      in.readNBytes(Math.min(length, 1000));
      socket.setSoLinger(true, 0);
      return false;
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      return false;
    }
    byte[] file = part(body);
    Request request = new Request(method, path, headers, uid(file), length);
    requests.add(request);
    Fault fault = script.apply(request);
    switch (fault) {
      case DROP_BEFORE:
        return false;
      case HANG:
        hang();
        return false;
      case STATUS_401:
        return answer(out, 401, "{\"detail\":\"Unauthorized\"}", "");
      case STATUS_403:
        return answer(out, 403, "{\"status\":\"API is not available\"}", "");
      case STATUS_422:
        return answer(out, 422, "{\"error\": \"attributes missing\"}", "");
      case STATUS_429:
        return answer(out, 429, "{\"error\": \"slow down\"}", "Retry-After: 1\r\n");
      case STATUS_500:
        return answer(out, 500, "{\"error\": \"Internal Server Error\"}", "");
      case STATUS_502:
        return answer(out, 502, "<html>bad gateway</html>", "");
      case STATUS_503:
        return answer(out, 503, "", "Retry-After: 1\r\n");
      case STATUS_307:
        return answer(out, 307, "", "Location: http://127.0.0.1:1/elsewhere\r\n");
      default:
        break;
    }
    String[] verdict = v1 ? contractB(request, file, body) : contractA(request, file);
    if (fault == Fault.DROP_AFTER_COMMIT) {
      return false;
    }
    if (fault == Fault.TRICKLE) {
      trickle(out, verdict[0]);
      return false;
    }
    return answer(out, Integer.parseInt(verdict[0]), verdict[1], "");
  }

  private void trickle(OutputStream out, String status) throws IOException {
    out.write(
        ("HTTP/1.1 " + status + " Verdict\r\nContent-Length: 1000000\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    try {
      while (!closed.await(50, TimeUnit.MILLISECONDS)) {
        out.write('x');
        out.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void hang() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String[] contractA(Request request, byte[] file) {
    if (!request.path().equals("/api/dicom/upload/")) {
      return verdict(404, "{\"error\": \"Not found\"}");
    }
    if (!request.method().equals("POST")) {
      return verdict(405, "{\"error\": \"Method not allowed\"}");
    }
    if (request.header("X-Source-Message-ID") == null) {
      return verdict(400, "{\"error\": \"Missing X-Source-Message-ID header\"}");
    }
    if (file == null) {
      return verdict(400, "{\"error\": \"No file provided\"}");
    }
    if (!isDicom(file)) {
      return verdict(400, "{\"error\": \"Invalid DICOM file\"}");
    }
    if (request.uid().isEmpty()) {
      return verdict(400, "{\"error\": \"Missing UIDs\"}");
    }
    if (stored.putIfAbsent(request.uid(), sha256(file)) != null) {
      return verdict(409, "{\"error\": \"Instance already exists\"}");
    }
    count(request.uid());
    return verdict(
        201,
        "{\"study_instance_uid\":\"1.2\",\"series_instance_uid\":\"1.2.3\",\"sop_instance_uid\":\""
            + request.uid()
            + "\",\"instance_id\":\"1\"}");
  }

  private String[] contractB(Request request, byte[] file, byte[] body) {
    if (token != null && !("Bearer " + token).equals(request.header("Authorization"))) {
      return verdict(401, "{\"detail\":\"Unauthorized\"}");
    }
    String[] path = request.path().substring("/api/v1/dicom/".length()).split("/");
    boolean known = knownMessages.isEmpty() || knownMessages.contains(path[0]);
    if (request.method().equals("PATCH")) {
      if (!known) {
        return verdict(404, "{\"title\":\"Not Found\",\"status\":404}");
      }
      failures.add(path[0] + " " + new String(body, StandardCharsets.UTF_8));
      return verdict(200, "{\"status\":\"failure recorded\"}");
    }
    if (!request.method().equals("PUT")) {
      return verdict(405, "{\"title\":\"Method Not Allowed\",\"status\":405}");
    }
    if (file == null) {
      return verdict(
          422, "{\"title\":\"Unprocessable\",\"status\":422,\"detail\":\"file missing\"}");
    }
    if (!isDicom(file) || request.uid().isEmpty()) {
      return verdict(400, "{\"title\":\"Bad Request\",\"status\":400,\"detail\":\"not DICOM\"}");
    }
    if (!known) {
      return verdict(500, "{\"title\":\"Internal Server Error\",\"status\":500}");
    }
    if (stored.putIfAbsent(request.uid(), sha256(file)) == null) {
      count(request.uid());
    }
    return verdict(201, "{\"instance_id\":\"1\"}");
  }

  private void count(String uid) {
    storedTimes.computeIfAbsent(uid, key -> new AtomicInteger()).incrementAndGet();
  }

  private static String[] verdict(int status, String body) {
    return new String[] {Integer.toString(status), body};
  }

  private static boolean answer(OutputStream out, int status, String body, String headers)
      throws IOException {
    out.write(
        ("HTTP/1.1 "
                + status
                + " X\r\nContent-Type: application/json\r\n"
                + headers
                + "Content-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length
                + "\r\n\r\n"
                + body)
            .getBytes(StandardCharsets.UTF_8));
    return !headers.contains("close");
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        return null;
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  /** The bytes of the one part named file, or null; the part may have no Content-Type. */
  private static byte[] part(byte[] body) {
    String text = new String(body, StandardCharsets.ISO_8859_1);
    int head = text.indexOf("\r\n\r\n");
    if (head < 0 || !text.startsWith("--")) {
      return null;
    }
    String headers = text.substring(0, head);
    if (!headers.matches(
        "(?s)--[^\r]+\r\nContent-Disposition: form-data; name=\"file\"; filename=\"[0-9A-Za-z._-]+\\.dcm\"")) {
      return null;
    }
    String boundary = headers.substring(0, headers.indexOf('\r'));
    int end = text.lastIndexOf("\r\n" + boundary + "--\r\n");
    return end < 0 ? null : text.substring(head + 4, end).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean isDicom(byte[] file) {
    return file.length > 132 && new String(file, 128, 4, StandardCharsets.US_ASCII).equals("DICM");
  }

  /** The value of (0008,0018) in Explicit VR Little Endian, empty when there is none. */
  private static String uid(byte[] file) {
    if (file == null) {
      return "";
    }
    String text = new String(file, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("\u0008\u0000\u0018\u0000UI");
    if (at < 0 || at + 8 > text.length()) {
      return "";
    }
    int length = text.charAt(at + 6) | text.charAt(at + 7) << 8;
    return text.substring(at + 8, at + 8 + length).replace("\0", "");
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      server.close();
      for (Socket socket : new ArrayList<>(sockets)) {
        socket.close();
      }
    } catch (SocketException e) {
      // closed already
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
