package io.howdah.hub;

import io.howdah.disk.Disk;
import io.howdah.http.Answer;
import io.howdah.http.IncomingBody;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PATCH (tus 1.0, core and checksum): appends a body to an upload. Its 204 comes after the bytes
 * are durable. Of a body that breaks off, what came is kept, unless it was to be checked as a
 * whole.
 */
final class Append extends Visit implements IncomingBody.Receiver {
  private static final Logger LOG = LoggerFactory.getLogger(Append.class);

  private final IncomingBody incoming;
  private final long offset;
  private final long contentLength;
  private final Optional<byte[]> checksum;
  private HubUpload upload;
  private UploadFile.Piece piece;
  private long counted;
  private volatile boolean streaming;
  private boolean over;

  /**
   * @param contentLength -1 when it is not known before its end
   */
  Append(
      TusConsumer hub,
      RoutingContext rc,
      long offset,
      long contentLength,
      Optional<byte[]> checksum) {
    super(hub, rc);
    this.offset = offset;
    this.contentLength = contentLength;
    this.checksum = checksum;
    this.incoming = new IncomingBody(rc, hub.http(), hub.threads(), hub.waitingBytes(), this);
  }

  @Override
  void arrived(HubUpload found, UploadFile file) throws Exception {
    upload = found;
    TusConsumer.mustBeLive(found);
    long stands = found.state() == UploadState.OPEN ? file.offset() : found.announced().length();
    if (stands != offset || found.state() != UploadState.OPEN) {
      Answer answer = hub.refused(TusError.OFFSET_MISMATCH);
      answer(with(answer, Map.of("Upload-Offset", Long.toString(stands))));
      leave();
      return;
    }
    if (contentLength > found.announced().length() - stands) {
      throw tooLong();
    }
    if (Disk.free(hub.files().checked()) - Math.max(0, contentLength) < hub.diskReserve()) {
      throw new Refused(TusError.DISK_FULL);
    }
    try {
      piece = file.append();
    } catch (NoSuchFileException e) { // somebody took the file away
      hub.reject(found, Verdict.BYTES_LOST);
      throw new Refused(TusError.UPLOAD_GONE);
    }
    counted = piece.end();
    streaming = true;
    inContext(
        () -> {
          incoming.begin();
          rc.request().resume();
        });
  }

  /** IETF resumable uploads §4.4: such an upload is invalid for ever after. */
  private Refused tooLong() {
    hub.reject(upload, Verdict.LONGER_THAN_DECLARED);
    return new Refused(TusError.LONGER_THAN_DECLARED);
  }

  @Override
  public void bytes(ByteBuffer bytes) throws IOException, Refused {
    if (over) {
      return; // late bytes of one who was made to leave
    }
    if (bytes.remaining() > upload.announced().length() - piece.end()) {
      throw tooLong();
    }
    piece.write(bytes, checksum.isPresent());
    if (checksum.isEmpty() && piece.unkept() >= hub.hub().syncEvery()) {
      piece.keepBehind(hub.syncers());
    }
  }

  private void keep() throws IOException {
    if (piece.end() > counted) {
      piece.keep();
      hub.meter().kept(piece.end() - counted);
      counted = piece.end();
    }
  }

  @Override
  public void complete() throws IOException, Refused {
    if (over) {
      return;
    }
    if (checksum.isPresent() && !piece.hasDigest(checksum.get())) {
      throw new Refused(TusError.CHECKSUM_MISMATCH);
    }
    keep();
    long stands = piece.end();
    boolean whole = stands == upload.announced().length();
    if (whole) {
      hub.received(uploadId);
    }
    end();
    answer(hub.offset(204, upload, stands));
    if (whole) {
      hub.ring(uploadId);
    }
  }

  @Override
  public void cut(IncomingBody.Cut cut) throws IOException {
    if (over) {
      return;
    }
    LOG.info("upload interrupted upload={} cause={} bytes={}", uploadId, cut, incoming.received());
    keepWhatMayBeKept();
    end();
    answer(hub.refused(cut == IncomingBody.Cut.TOO_SLOW ? TusError.TOO_SLOW : TusError.BROKEN_OFF));
  }

  private void keepWhatMayBeKept() throws IOException {
    if (checksum.isEmpty()) {
      keep();
    } else {
      piece.drop();
    }
  }

  @Override
  public boolean isSilent() {
    return streaming && incoming.isSilentFor(hub.hub().silence().toNanos());
  }

  @Override
  public void makeWay() {
    incoming.inOrder(
        () -> {
          if (!over) {
            LOG.info("silent writer made to leave upload={}", uploadId);
            hub.meter().preempted();
            keepWhatMayBeKept();
            end();
            rc.request().connection().close();
          }
        });
  }

  @Override
  public void failed(Throwable failure) {
    if (piece != null && !over) {
      try {
        piece.drop();
      } catch (IOException e) {
        LOG.warn("bytes not dropped upload={} cause={}", uploadId, e.getMessage());
      }
    }
    end();
    super.failed(failure);
  }

  /** Nothing of this request is written from here on. */
  private void end() {
    over = true;
    streaming = false;
    incoming.end();
    try {
      if (piece != null) {
        piece.close();
      }
    } catch (IOException e) {
      LOG.warn("file not closed upload={} cause={}", uploadId, e.getMessage());
    }
    leave();
  }

  private static Answer with(Answer answer, Map<String, String> headers) {
    Map<String, String> all = new java.util.HashMap<>(answer.headers());
    all.putAll(headers);
    return new Answer(answer.status(), answer.contentType(), answer.body(), all);
  }
}
