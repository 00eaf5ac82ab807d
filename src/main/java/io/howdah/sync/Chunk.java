package io.howdah.sync;

import io.howdah.disk.Disk;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.Base64;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;

/** The bytes of one PATCH, sent in pieces at the pace of the budget. */
final class Chunk extends AbstractHttpEntity {
  /** No bytes at all, for requests without a body. */
  static final Chunk NONE = new Chunk(new byte[0], 0, null);

  private static final int PIECE = 16 * 1024;

  private final byte[] bytes;
  private final int length;
  private final RateBudget budget;
  private volatile long movedAt = System.nanoTime();
  private volatile long waited;
  private volatile boolean waiting;

  Chunk(byte[] bytes, int length, RateBudget budget) {
    super(ContentType.create("application/offset+octet-stream"), null, false);
    this.bytes = bytes;
    this.length = length;
    this.budget = budget;
  }

  /** Base64 of the SHA-256 of these bytes, as Upload-Checksum has it. */
  static String digest(byte[] bytes, int length) {
    MessageDigest digest = Disk.sha256();
    digest.update(bytes, 0, length);
    return Base64.getEncoder().encodeToString(digest.digest());
  }

  /** When the other side last took a piece, on the scale of {@link System#nanoTime}. */
  long movedAt() {
    return waiting ? System.nanoTime() : movedAt;
  }

  /** How long it waited for the budget, in nanoseconds: nobody's fault. */
  long waited() {
    return waited;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    for (int from = 0; from < length; from += PIECE) {
      int piece = Math.min(PIECE, length - from);
      try {
        waiting = true;
        waited = waited + budget.take(piece);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for a share of the rate");
      } finally {
        movedAt = System.nanoTime();
        waiting = false;
      }
      out.write(bytes, from, piece);
      movedAt = System.nanoTime();
    }
  }

  @Override
  public long getContentLength() {
    return length;
  }

  @Override
  public boolean isRepeatable() {
    return false;
  }

  @Override
  public boolean isStreaming() {
    return false;
  }

  @Override
  public InputStream getContent() {
    return new ByteArrayInputStream(bytes, 0, length);
  }

  @Override
  public void close() {}
}
