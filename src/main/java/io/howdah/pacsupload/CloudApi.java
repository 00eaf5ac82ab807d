package io.howdah.pacsupload;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.howdah.http.OutboundHttp;
import io.howdah.pacsupload.UploadOutcome.Kind;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.StringEntity;

/**
 * The cloud's upload API of contract §1, A or B: pooled connections that stay open, deadlines for
 * connecting, for silence and for the whole, TLS always verified, no redirect ever followed. Safe
 * for use by many threads.
 */
public final class CloudApi implements AutoCloseable {
  private static final int BODY_LIMIT = 16 * 1024;
  private static final int WORDS = 200;
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);

  /** Deadlines are looked at this often. */
  private static final long LOOK_MS = 50;

  private final Settings.PacsUpload settings;
  private final OutcomeTable outcomes;
  private final CloudToken token;
  private final InstantSource clock;
  private final CloseableHttpClient client;
  private final Map<HttpUriRequestBase, Long> underWay = new ConcurrentHashMap<>();
  private final ScheduledExecutorService deadlines;

  /**
   * @throws IOException when the outcome table or the CA file cannot be used
   */
  public CloudApi(Settings.PacsUpload settings, InstantSource clock) throws IOException {
    this.settings = settings;
    this.clock = clock;
    this.outcomes = OutcomeTable.read(settings.outcomes(), settings.contract());
    this.token = new CloudToken(settings.token());
    this.client =
        new OutboundHttp(
                settings.connectTimeout(),
                settings.responseTimeout(),
                settings.concurrency() + 2,
                settings.caFile(),
                "howdah.pacs-upload.ca-file",
                settings.proxy())
            .client();
    this.deadlines =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "pacs-upload-deadlines");
              thread.setDaemon(true);
              return thread;
            });
    // one look at all requests, instead of an alarm set and cancelled for each
    this.deadlines.scheduleWithFixedDelay(this::endLate, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
  }

  private void endLate() {
    long now = System.nanoTime();
    underWay.forEach(
        (request, end) -> {
          if (now - end >= 0) {
            request.cancel();
          }
        });
  }

  private boolean isV1() {
    return settings.contract().equals("v1");
  }

  /** Sends an image; every way it may end is an outcome. */
  public UploadOutcome send(LinkedImage image) {
    VerifiedImage verified = image.verified();
    HttpEntity body = new MultipartFile(verified, "howdah-" + UUID.randomUUID());
    return exchange(request(image.messageId(), body), settings.deadline(verified.size()));
  }

  private HttpUriRequestBase request(String messageId, HttpEntity body) {
    HttpUriRequestBase request;
    if (isV1()) {
      request = new HttpUriRequestBase("PUT", under(messageId, ""));
    } else {
      request = new HttpUriRequestBase("POST", settings.endpoint());
      if (!messageId.isEmpty()) {
        request.setHeader("X-Source-Message-ID", messageId);
      }
    }
    request.setEntity(body);
    return request;
  }

  private URI under(String messageId, String suffix) {
    String base = settings.endpoint().toString().replaceFirst("/+$", "");
    return URI.create(
        base
            + "/"
            + URLEncoder.encode(messageId, StandardCharsets.UTF_8).replace("+", "%20")
            + suffix);
  }

  /** Tells the cloud that an image will never come (contract B); true when it knows. */
  public boolean reportFailure(String messageId, String error) {
    HttpUriRequestBase request = new HttpUriRequestBase("PATCH", under(messageId, "/failure"));
    request.setEntity(
        new StringEntity(
            JsonNodeFactory.instance.objectNode().put("error", error).toString(),
            ContentType.APPLICATION_JSON));
    UploadOutcome outcome = exchange(request, settings.responseTimeout());
    return outcome.status().filter(status -> status == 200 || status == 404).isPresent();
  }

  /**
   * Asks the cloud for a verdict on nothing: a request that stores no image and that a well
   * endpoint refuses for that reason alone.
   */
  public UploadOutcome probe() {
    String boundary = "howdah-" + UUID.randomUUID();
    HttpEntity empty =
        new StringEntity(
            "--" + boundary + "--\r\n",
            ContentType.parse("multipart/form-data; boundary=" + boundary));
    return exchange(request(isV1() ? "howdah-canary" : "", empty), settings.responseTimeout());
  }

  private UploadOutcome exchange(HttpUriRequestBase request, Duration deadline) {
    try {
      token.current().ifPresent(text -> request.setHeader("Authorization", "Bearer " + text));
    } catch (IOException e) {
      return UploadOutcome.of(Kind.REFUSED, "token", String.valueOf(e.getMessage()));
    }
    AtomicReference<UploadOutcome> answered = new AtomicReference<>();
    underWay.put(request, System.nanoTime() + deadline.toNanos());
    try {
      return client.execute(
          request,
          response -> {
            boolean[] endless = new boolean[1];
            answered.set(outcome(response, endless));
            if (endless[0]) {
              request.cancel();
            }
            return answered.get();
          });
    } catch (IOException e) {
      return answered.get() != null ? answered.get() : trouble(e, request, deadline);
    } finally {
      underWay.remove(request);
    }
  }

  private UploadOutcome outcome(ClassicHttpResponse response, boolean[] endless) {
    int status = response.getCode();
    Optional<Duration> retryAfter = retryAfter(response.getFirstHeader("Retry-After"));
    Kind kind = outcomes.kindOf(status, retryAfter.isPresent());
    if (settings.strictCompat() && kind == Kind.DELIVERED && !original(status)) {
      kind = Kind.VERDICT;
    }
    if (status == 401) {
      token.refused();
    }
    return new UploadOutcome(
        kind,
        "http",
        Optional.of(status),
        kind == Kind.DELIVERED ? "stored" : meaning(kind, status),
        words(response, endless),
        retryAfter);
  }

  /** The first words of a body; its status has decided, so one that breaks off has none. */
  private static String words(ClassicHttpResponse response, boolean[] endless) {
    try {
      if (response.getEntity() == null || response.getEntity().getContent() == null) {
        return "";
      }
      byte[] bytes = response.getEntity().getContent().readNBytes(BODY_LIMIT);
      endless[0] = bytes.length == BODY_LIMIT;
      return words(bytes);
    } catch (IOException e) {
      endless[0] = true;
      return "";
    }
  }

  /** What the original takes as success; an image that the cloud has already is none. */
  private boolean original(int status) {
    return status == 201 || !isV1() && (status == 200 || status == 204);
  }

  private static String meaning(Kind kind, int status) {
    return switch (kind) {
      case TRY_LATER -> "the cloud cannot take images now";
      case REFUSED ->
          status == 401 || status == 403
              ? "the cloud refuses this gateway"
              : "the address is not the upload API";
      case VERDICT -> "the cloud refuses this image";
      default -> "the cloud does not say what is wrong";
    };
  }

  /** The first words of a body on one line, without control characters. */
  private static String words(byte[] bytes) {
    String text =
        new String(bytes, StandardCharsets.UTF_8).replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return text.length() <= WORDS ? text : text.substring(0, WORDS);
  }

  private Optional<Duration> retryAfter(Header header) {
    if (header == null) {
      return Optional.empty();
    }
    String text = header.getValue().strip();
    Duration asked;
    if (text.matches("\\d{1,9}")) {
      asked = Duration.ofSeconds(Long.parseLong(text));
    } else {
      try {
        asked =
            Duration.between(
                clock.instant(),
                ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      } catch (DateTimeParseException e) {
        return Optional.empty();
      }
    }
    if (asked.isNegative()) {
      asked = Duration.ZERO;
    }
    return Optional.of(asked.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : asked);
  }

  private static UploadOutcome trouble(
      IOException e, HttpUriRequestBase request, Duration deadline) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof MultipartFile.StoreUnreadable) {
        return UploadOutcome.of(Kind.STORE_TROUBLE, "store", cause.getMessage());
      }
    }
    if (request.isCancelled()) {
      return UploadOutcome.of(
          Kind.TRY_LATER, "http", "not finished within " + deadline.toMillis() + " ms");
    }
    if (e instanceof UnknownHostException) {
      return UploadOutcome.of(Kind.TRY_LATER, "dns", "the cloud's name has no address");
    }
    if (e instanceof ConnectTimeoutException
        || e instanceof ConnectException
        || e instanceof NoRouteToHostException) {
      return UploadOutcome.of(Kind.TRY_LATER, "tcp", "no connection: " + plain(e));
    }
    if (e instanceof SSLException) {
      return UploadOutcome.of(Kind.REFUSED, "tls", plain(e));
    }
    if (e instanceof SocketTimeoutException) {
      return UploadOutcome.of(Kind.TRY_LATER, "http", "no answer in time");
    }
    return UploadOutcome.of(Kind.TRY_LATER, "http", "the connection broke: " + plain(e));
  }

  private static String plain(IOException e) {
    String text = String.valueOf(e.getMessage()).replaceAll("[\\p{Cntrl}]+", " ");
    return e.getClass().getSimpleName()
        + " "
        + (text.length() <= WORDS ? text : text.substring(0, WORDS));
  }

  @Override
  public void close() throws IOException {
    deadlines.shutdownNow();
    client.close();
  }
}
