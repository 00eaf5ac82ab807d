package io.howdah.sync;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.howdah.http.OutboundHttp;
import io.howdah.session.Manifest;
import io.howdah.session.Session;
import io.howdah.session.SessionFacts;
import io.howdah.session.SessionProgress.Packing;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.io.entity.StringEntity;

/**
 * A hub as its clients see it: tus 1.0.0 with creation and, where the hub offers it, checksum; and
 * Howdah's own receipts and manifests (docs/decisions/0030). Every request has a deadline of its
 * own; no link is followed to another server. Safe for use by many threads.
 */
public final class Hub implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BODY_LIMIT = 64 * 1024;
  private static final int WORDS = 200;
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(10);
  private static final Set<Integer> NOT_NOW = Set.of(408, 423, 425, 429);

  private final Settings.Sync settings;
  private final Supplier<Optional<URI>> base;
  private final RateBudget budget;
  private final CloseableHttpClient client;
  private final RequestDeadlines deadlines;
  private volatile Optional<Boolean> checksums = Optional.empty();
  private volatile boolean left;

  /**
   * @param base where the hub is; empty while there is none
   * @throws IOException when the CA file cannot be used
   */
  public Hub(Settings.Sync settings, Supplier<Optional<URI>> base, RateBudget budget)
      throws IOException {
    this.settings = settings;
    this.base = base;
    this.budget = budget;
    this.client =
        new OutboundHttp(
                settings.connectTimeout(),
                settings.responseTimeout(),
                64,
                settings.caFile(),
                "howdah.sync.hub.ca-file",
                Optional.empty())
            .client();
    this.deadlines = new RequestDeadlines(settings.responseTimeout(), settings.minRate());
  }

  /** What the hub has of an upload: the bytes below {@code offset} for good. */
  record Standing(long offset, long length) {}

  /** What a chunk came to. */
  sealed interface Appended {
    /** The hub has everything below {@code offset} for good. */
    record Taken(long offset) implements Appended {}

    /** The hub is elsewhere: ask it where. */
    record OffsetDiffers() implements Appended {}

    /** The bytes that arrived are not the ones that were sent; none of them counts. */
    record Damaged() implements Appended {}

    /** The hub knows no such upload any more. */
    record Gone() implements Appended {}
  }

  /** What the hub says of an upload it has whole. */
  sealed interface Receipt {
    record Acknowledged(long imageId, String sha256, long size) implements Receipt {}

    record Processing() implements Receipt {}

    /** It will never be an image. */
    record Rejected(String code, String reason) implements Receipt {}

    /** This hub gives no receipts. */
    record None() implements Receipt {}
  }

  /** True when there is a hub to ask. */
  boolean isThere() {
    return base.get().isPresent();
  }

  /** Asks for nothing but an answer, and learns what the hub can. */
  void probe() throws HubTrouble {
    Reply reply = exchange(request("OPTIONS", uploads()));
    if (reply.status != 200 && reply.status != 204 || reply.header("Tus-Version").isEmpty()) {
      throw reply.trouble("the address of the hub is none: it does not speak tus");
    }
    checksums =
        Optional.of(
            reply
                .header("Tus-Checksum-Algorithm")
                .filter(names -> Arrays.asList(names.split("\\s*,\\s*")).contains("sha256"))
                .isPresent());
  }

  /**
   * Tells the hub of an upload (tus creation); of one it knows it tells the place again.
   *
   * @return path and query of the place that takes its bytes
   */
  String announce(Session session, Optional<Packing> packing) throws HubTrouble {
    HttpUriRequestBase request = request("POST", uploads());
    SessionFacts facts = session.facts();
    request.setHeader(
        "Upload-Length", Long.toString(packing.map(Packing::size).orElse(facts.size())));
    request.setHeader("Upload-Metadata", metadata(facts, packing));
    Reply reply = exchange(request);
    if (reply.status == 404 || reply.status == 405) {
      throw HubTrouble.refuses(
          "the address of the hub is none: it answers " + reply.status + " to an upload");
    }
    if (reply.status != 201) {
      throw reply.trouble("the hub did not take the metadata");
    }
    try {
      URI location = URI.create(reply.header("Location").orElse(""));
      if (location.getRawPath() != null && location.getRawPath().startsWith("/")) {
        return location.getRawPath()
            + (location.getRawQuery() == null ? "" : "?" + location.getRawQuery());
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw HubTrouble.refuses("the hub gave the upload no usable place");
  }

  private static String metadata(SessionFacts facts, Optional<Packing> packing) {
    TreeMap<String, String> metadata = new TreeMap<>();
    metadata.put("filename", facts.fileName());
    metadata.put("filetype", facts.contentType());
    metadata.put("session_id", facts.sessionId());
    metadata.put("visit_id", facts.visitId());
    metadata.put("radiology_order_id", Long.toString(facts.orderId()));
    metadata.put("sha256", facts.sha256());
    metadata.put("size", Long.toString(facts.size()));
    facts.manifestId().ifPresent(id -> metadata.put("manifest_id", id));
    packing.ifPresent(it -> metadata.put("encoding", it.encoding()));
    if (!facts.metadata().equals("{}")) {
      metadata.put("metadata", facts.metadata());
    }
    return metadata.entrySet().stream()
        .map(
            entry ->
                entry.getKey()
                    + " "
                    + Base64.getEncoder()
                        .encodeToString(entry.getValue().getBytes(StandardCharsets.UTF_8)))
        .collect(Collectors.joining(","));
  }

  /**
   * Asks how much of an upload the hub has.
   *
   * @return empty when it knows no such upload
   */
  Optional<Standing> head(String place) throws HubTrouble {
    Reply reply = exchange(request("HEAD", at(place)));
    if (reply.status == 404 || reply.status == 410) {
      return Optional.empty();
    }
    if (reply.status != 200 && reply.status != 204) {
      throw reply.trouble("the hub does not tell how much it has");
    }
    return Optional.of(new Standing(reply.number("Upload-Offset"), reply.number("Upload-Length")));
  }

  /** Sends {@code length} bytes that belong at {@code offset}, at the pace of the budget. */
  Appended append(String place, long offset, byte[] bytes, int length) throws HubTrouble {
    if (checksums.isEmpty()) {
      probe();
    }
    HttpUriRequestBase request = request("PATCH", at(place));
    request.setHeader("Upload-Offset", Long.toString(offset));
    if (checksums.get()) {
      request.setHeader("Upload-Checksum", "sha256 " + Chunk.digest(bytes, length));
    }
    Chunk chunk = new Chunk(bytes, length, budget);
    request.setEntity(chunk);
    Reply reply = exchange(request, chunk);
    return switch (reply.status) {
      case 200, 204 -> new Appended.Taken(reply.number("Upload-Offset"));
      case 409 -> new Appended.OffsetDiffers();
      case 460 -> new Appended.Damaged();
      case 404, 410 -> new Appended.Gone();
      default -> throw reply.trouble("the hub did not take the bytes");
    };
  }

  /** Asks what became of an upload whose bytes the hub has. */
  Receipt receipt(String place) throws HubTrouble {
    Reply reply = exchange(request("GET", at(place + "/receipt")));
    if (reply.status == 202) {
      return new Receipt.Processing();
    }
    if (reply.status == 200) {
      if (!reply.body.path("state").asText().equals("acknowledged")) {
        throw HubTrouble.busy("the hub's receipt cannot be read", Optional.empty());
      }
      return new Receipt.Acknowledged(
          reply.body.path("server_image_id").asLong(),
          reply.body.path("sha256").asText(),
          reply.body.path("size").asLong());
    }
    boolean problem = reply.header("Content-Type").orElse("").startsWith("application/problem");
    if (reply.status == 422) {
      return new Receipt.Rejected(reply.code().orElse("REJECTED"), reply.words());
    }
    if (problem && (reply.status == 404 || reply.status == 410)) {
      return new Receipt.Rejected("BINARY_UPLOAD_ERROR", "the hub knows nothing of this upload");
    }
    if (reply.status < 500 && !NOT_NOW.contains(reply.status) && reply.status != 401) {
      return new Receipt.None();
    }
    throw reply.trouble("the hub gives no receipt");
  }

  /** Tells the hub which files a study has. */
  void tell(Manifest manifest) throws HubTrouble {
    HttpUriRequestBase request = request("PUT", under("hub/manifests/" + manifest.manifestId()));
    request.setEntity(new StringEntity(manifest.body(), ContentType.APPLICATION_JSON));
    Reply reply = exchange(request);
    if (reply.status == 404 || reply.status == 405) {
      return; // a hub that keeps no manifests takes the files all the same
    }
    if (reply.status != 200 && reply.status != 201 && reply.status != 204) {
      throw reply.trouble("the hub did not take the study's manifest");
    }
  }

  private URI uploads() throws HubTrouble {
    return under("hub/uploads");
  }

  private URI under(String path) throws HubTrouble {
    String root = root().toString();
    return URI.create(root.endsWith("/") ? root + path : root + "/" + path);
  }

  private URI at(String place) throws HubTrouble {
    return root().resolve(place);
  }

  private URI root() throws HubTrouble {
    return base.get()
        .orElseThrow(
            () -> HubTrouble.away("there is no hub: set howdah.sync.hub.url, or run the role hub"));
  }

  private HttpUriRequestBase request(String method, URI uri) throws HubTrouble {
    HttpUriRequestBase request = new HttpUriRequestBase(method, uri);
    request.setHeader("Tus-Resumable", "1.0.0");
    if (settings.keyFile().isPresent()) {
      try {
        request.setHeader(
            "Authorization", "Bearer " + Files.readString(settings.keyFile().get()).strip());
      } catch (IOException e) {
        throw HubTrouble.refuses("howdah.sync.hub.key-file cannot be read");
      }
    }
    return request;
  }

  private Reply exchange(HttpUriRequestBase request) throws HubTrouble {
    return exchange(request, Chunk.NONE);
  }

  private Reply exchange(HttpUriRequestBase request, Chunk chunk) throws HubTrouble {
    try (RequestDeadlines.Watch watch = deadlines.watch(request, chunk)) {
      if (left) {
        throw HubTrouble.stopping();
      }
      return client.execute(request, Reply::of);
    } catch (IOException e) {
      throw left ? HubTrouble.stopping() : trouble(e, request.isCancelled());
    }
  }

  private static HubTrouble trouble(IOException e, boolean cancelled) {
    if (e instanceof SSLException) {
      return HubTrouble.refuses("no trusted connection to the hub: " + plain(e));
    }
    if (cancelled) {
      return HubTrouble.away("the hub takes too long");
    }
    if (e instanceof UnknownHostException) {
      return HubTrouble.away("the hub's name has no address");
    }
    if (e instanceof ConnectTimeoutException
        || e instanceof ConnectException
        || e instanceof NoRouteToHostException) {
      return HubTrouble.away("no connection to the hub");
    }
    return e instanceof SocketTimeoutException
        ? HubTrouble.away("the hub does not answer in time")
        : HubTrouble.cut("the connection to the hub broke: " + plain(e));
  }

  private static String plain(Exception e) {
    String text =
        e.getClass().getSimpleName()
            + " "
            + String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}+", " ");
    return text.length() <= WORDS ? text : text.substring(0, WORDS);
  }

  /**
   * Gives up at once whatever is asked of the hub or waits for a share of the rate, and asks
   * nothing any more. Of each upload the hub lacks one chunk at most.
   */
  void leave() {
    left = true;
    deadlines.endAll();
    budget.end();
  }

  @Override
  public void close() throws IOException {
    deadlines.close();
    client.close();
  }

  /** An answer with its headers and the beginning of its body, if that is JSON. */
  private record Reply(int status, TreeMap<String, String> headers, JsonNode body) {
    static Reply of(ClassicHttpResponse response) throws IOException {
      TreeMap<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      for (Header header : response.getHeaders()) {
        headers.putIfAbsent(header.getName(), header.getValue());
      }
      byte[] bytes = {};
      if (response.getEntity() != null && response.getEntity().getContent() != null) {
        bytes = response.getEntity().getContent().readNBytes(BODY_LIMIT + 1);
        if (bytes.length > BODY_LIMIT) {
          throw new IOException("an answer without end");
        }
      }
      return new Reply(response.getCode(), headers, json(bytes));
    }

    private static JsonNode json(byte[] bytes) {
      try {
        JsonNode read = JSON.readTree(new String(bytes, StandardCharsets.UTF_8));
        return read == null ? JsonNodeFactory.instance.missingNode() : read;
      } catch (JsonProcessingException e) {
        return JsonNodeFactory.instance.missingNode();
      }
    }

    Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name));
    }

    long number(String name) throws HubTrouble {
      return header(name)
          .filter(text -> text.matches("\\d{1,18}"))
          .map(Long::parseLong)
          .orElseThrow(() -> HubTrouble.refuses("the hub's answer has no usable " + name));
    }

    Optional<String> code() {
      return Optional.ofNullable(body.path("code").textValue())
          .filter(text -> text.matches("[A-Z0-9_]{1,64}"));
    }

    /** The hub's own sentence, on one line. */
    String words() {
      String text = body.path("detail").asText("").replaceAll("\\p{Cntrl}+", " ").strip();
      return text.length() <= WORDS ? text : text.substring(0, WORDS);
    }

    HubTrouble trouble(String what) {
      String said = what + " (" + status + (words().isEmpty() ? ")" : ": " + words() + ")");
      if (NOT_NOW.contains(status) || status >= 500) {
        return HubTrouble.busy(said, retryAfter());
      }
      if (status == 401 || status == 403 || status < 400) {
        return HubTrouble.refuses(said);
      }
      return HubTrouble.verdict(code().orElse(""), said);
    }

    private Optional<Duration> retryAfter() {
      return header("Retry-After")
          .filter(text -> text.matches("\\d{1,9}"))
          .map(text -> Duration.ofSeconds(Long.parseLong(text)))
          .map(asked -> asked.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : asked);
    }
  }
}
