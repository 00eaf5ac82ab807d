package io.howdah.intake;

import io.howdah.disk.CrashPoint;
import io.howdah.http.Answer;
import io.howdah.http.BusinessServer;
import io.howdah.http.IncomingBody;
import io.howdah.settings.Settings;
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
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One upload while it comes in. All its work is steps of the body's lane. */
final class Reception implements MultipartBody.Parts, IncomingBody.Receiver {
  private static final Logger LOG = LoggerFactory.getLogger(Reception.class);
  private static final Set<String> FIELDS = Set.of("file", "files", "file[]");
  private static final int FIELD_LIMIT = 256;

  /** Bytes that a form's fields may have in all beside its files. */
  private static final int FIELD_BYTES = 1024 * 1024;

  /** Bytes that boundaries and headers of the parts may have beside their content. */
  static final long OVERHEAD = 1024L * 1024;

  private final RoutingContext rc;
  private final HttpServerRequest request;
  private final UploadConsumer consumer;
  private final Settings settings;
  private final IncomingBody incoming;
  private final List<ArrivingFile> files = new ArrayList<>();
  private final Map<String, String> fields = new LinkedHashMap<>();
  private final ByteArrayOutputStream fieldBytes = new ByteArrayOutputStream();
  private MultipartBody body;
  private ArrivingFile arriving;
  private String field;
  private int fieldsStored;
  private long fed;
  private long stored;
  private int parts;
  private boolean over;

  Reception(
      UploadConsumer consumer,
      Settings settings,
      Executor workers,
      AtomicLong waiting,
      RoutingContext rc) {
    this.consumer = consumer;
    this.settings = settings;
    this.rc = rc;
    this.request = rc.request();
    this.incoming = new IncomingBody(rc, settings.http(), workers, waiting, this);
  }

  void begin(MultipartBody parsed) {
    body = parsed;
    incoming.begin();
  }

  @Override
  public void bytes(ByteBuffer bytes) throws IOException, Refused {
    fed += bytes.remaining();
    if (fed > consumer.endpoint().maxRequestSize() + OVERHEAD) { // by what is no part's content
      throw new Refused(UploadError.REQUEST_TOO_LARGE);
    }
    body.feed(bytes.array());
  }

  @Override
  public void cut(IncomingBody.Cut cut) {
    giveUp(cut == IncomingBody.Cut.TOO_SLOW ? UploadError.TOO_SLOW : UploadError.BAD_MULTIPART);
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
  public void content(ByteBuffer bytes) throws IOException, Refused {
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

  private void giveUp(UploadError error) {
    if (over) {
      return;
    }
    over = true;
    incoming.end();
    LOG.info("upload refused code={} files={} bytes={}", error, files.size(), incoming.received());
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

  @Override
  public void complete() throws IOException {
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
    incoming.end();
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

  @Override
  public void failed(Throwable failure) {
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
