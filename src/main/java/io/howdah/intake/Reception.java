package io.howdah.intake;

import io.howdah.disk.CrashPoint;
import io.howdah.http.Answer;
import io.howdah.http.BusinessServer;
import io.howdah.settings.Settings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One upload while it comes in. Its handlers run on the connection's event loop, its writing on a
 * {@link Lane}.
 */
final class Reception implements MultipartBody.Parts {
  private static final Logger LOG = LoggerFactory.getLogger(Reception.class);
  private static final Set<String> FIELDS = Set.of("file", "files", "file[]");
  private static final int FIELD_LIMIT = 256;

  /** Bytes that a form's fields may have in all beside its files. */
  private static final int FIELD_BYTES = 1024 * 1024;

  /** Bytes that boundaries and headers of the parts may have beside their content. */
  static final long OVERHEAD = 1024L * 1024;

  private static final long PAUSE_ABOVE = 1024 * 1024;
  private static final long RESUME_BELOW = 64 * 1024;

  /** Bytes of all uploads together that may wait for the disk before each gets only little. */
  private static final long ALL_LIMIT = 32L * 1024 * 1024;

  private static final long PAUSE_ABOVE_WHEN_BUSY = 128 * 1024;

  private final RoutingContext rc;
  private final HttpServerRequest request;
  private final UploadConsumer consumer;
  private final Settings settings;
  private final Lane lane;
  private final List<ArrivingFile> files = new ArrayList<>();
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private long paced;
  private long timer = -1;
  private final Map<String, String> fields = new LinkedHashMap<>();
  private MultipartBody body;
  private ArrivingFile arriving;
  private String field;
  private final ByteArrayOutputStream fieldBytes = new ByteArrayOutputStream();
  private int fieldsStored;
  private long stored;
  private int parts;
  private boolean paused;
  private volatile boolean over;

  Reception(UploadConsumer consumer, Settings settings, Executor workers, RoutingContext rc) {
    this.consumer = consumer;
    this.settings = settings;
    this.rc = rc;
    this.request = rc.request();
    this.lane = new Lane(workers, this::failed);
  }

  void begin(MultipartBody parsed) {
    body = parsed;
    request.handler(this::take);
    request.exceptionHandler(e -> inOrder(() -> giveUp(UploadError.BAD_MULTIPART)));
    request.endHandler(end -> inOrder(this::complete));
    request.response().closeHandler(closed -> inOrder(() -> giveUp(UploadError.BAD_MULTIPART)));
    BusinessServer.atItsOwnPace(rc);
    timer = rc.vertx().setPeriodic(settings.http().idleTimeout().toMillis(), tick -> pace());
    if (request.getHeader("Expect") != null) {
      request.response().writeContinue();
    }
  }

  private void take(Buffer buffer) {
    int length = buffer.length();
    if (received.addAndGet(length) > consumer.endpoint().maxRequestSize() + OVERHEAD) {
      inOrder(() -> giveUp(UploadError.REQUEST_TOO_LARGE)); // by what is no part's content
    }
    long all = consumer.waiting().addAndGet(length);
    if (waiting.addAndGet(length) > (all > ALL_LIMIT ? PAUSE_ABOVE_WHEN_BUSY : PAUSE_ABOVE)
        && !paused) {
      paused = true;
      request.pause();
    }
    inOrder(
        () -> {
          try {
            if (!over) {
              body.feed(buffer.getBytes());
            }
          } finally {
            consumer.waiting().addAndGet(-length);
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
    field = filename.isEmpty() && consumer.endpoint().keepsFields() ? name : null;
    if (FIELDS.contains(name) && filename.isPresent()) {
      if (files.size() == settings.intake().maxFiles()) {
        throw new Refused(UploadError.TOO_MANY_FILES);
      }
      arriving =
          new ArrivingFile(
              consumer.directory(),
              filename.get(),
              consumer.endpoint().maxFileSize(),
              consumer.endpoint().maxRequestSize());
      files.add(arriving);
    }
  }

  @Override
  public void bytes(ByteBuffer bytes) throws IOException, Refused {
    stored += bytes.remaining();
    if (stored > consumer.endpoint().maxRequestSize()) {
      throw new Refused(UploadError.REQUEST_TOO_LARGE);
    }
    if (arriving != null) {
      arriving.write(bytes);
    } else if (field != null) {
      fieldsStored += bytes.remaining();
      if (fieldsStored > FIELD_BYTES) {
        throw new Refused(UploadError.REQUEST_TOO_LARGE);
      }
      while (bytes.hasRemaining()) {
        fieldBytes.write(bytes.get());
      }
    }
  }

  @Override
  public void end() throws IOException {
    if (arriving != null) {
      arriving.close();
    } else if (field != null) {
      fields.put(field, fieldBytes.toString(StandardCharsets.UTF_8));
      fieldBytes.reset();
    }
  }

  private void resume() {
    if (paused && waiting.get() < RESUME_BELOW) {
      paused = false;
      request.resume();
    }
  }

  /**
   * Cuts off a body that brings too little; a body that waits for our own disk is not the client's
   * fault.
   */
  private void pace() {
    long now = received.get();
    if (!paused
        && now - paced
            < settings.http().minBodyRate() * settings.http().idleTimeout().toMillis() / 1000) {
      inOrder(() -> giveUp(UploadError.TOO_SLOW));
    }
    paced = now;
  }

  private void giveUp(UploadError error) {
    if (over) {
      return;
    }
    over = true;
    rc.vertx().cancelTimer(timer);
    LOG.info("upload refused code={} files={} bytes={}", error, files.size(), received.get());
    rc.vertx().runOnContext(answer -> BusinessServer.refuse(request, consumer.refused(error)));
    discard();
  }

  private void discard() {
    for (ArrivingFile file : files) {
      try {
        file.discard();
      } catch (IOException e) {
        LOG.warn("a temporary file stays until the next start cause={}", e.getMessage());
      }
    }
  }

  private void complete() throws IOException {
    if (over) {
      return;
    }
    if (!body.isComplete()) {
      giveUp(UploadError.BAD_MULTIPART);
      return;
    }
    List<ArrivedFile> arrived = new ArrayList<>(files.size());
    for (ArrivingFile file : files) {
      arrived.add(file.arrived());
    }
    over = true;
    rc.vertx().cancelTimer(timer);
    CrashPoint.INTAKE_BYTES_WRITTEN.reached();
    Answer answer =
        arrived.isEmpty()
            ? consumer.refused(UploadError.FILE_MISSING)
            : consumer.route(rc, arrived, fields);
    rc.vertx()
        .runOnContext(
            send -> {
              if (!request.response().closed()) {
                BusinessServer.send(request.response(), answer);
              }
            });
    discard();
  }

  private void inOrder(Lane.Step step) {
    try {
      lane.run(step);
    } catch (RejectedExecutionException e) {
      request.connection().close(); // the gateway stops; the sender tries again later
    }
  }

  private void failed(Throwable failure) {
    UploadError error =
        failure instanceof Refused refused ? refused.error() : UploadError.NOT_STORED;
    if (failure instanceof IOException) {
      LOG.warn("upload not stored cause={}", failure.getMessage());
    } else if (!(failure instanceof Refused)) {
      LOG.error("upload failed cause={}", String.valueOf(failure));
    }
    giveUp(error);
  }
}
