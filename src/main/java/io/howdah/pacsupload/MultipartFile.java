package io.howdah.pacsupload;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;

/**
 * The body of contract §1: one part named file, its bytes streamed from disk, its length known
 * before it begins.
 */
final class MultipartFile extends AbstractHttpEntity {
  private static final int BUFFER = 128 * 1024;
  private static final ThreadLocal<byte[]> BUFFERS =
      ThreadLocal.withInitial(() -> new byte[BUFFER]);

  private final Path file;
  private final long size;
  private final FileTime changed;
  private final byte[] head;
  private final byte[] tail;

  MultipartFile(VerifiedImage image, String boundary) {
    super(ContentType.parse("multipart/form-data; boundary=" + boundary), null);
    this.file = image.file();
    this.size = image.size();
    this.changed = image.changed();
    this.head =
        ("--"
                + boundary
                + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
                + image.claim().uid()
                + ".dcm\"\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    this.tail = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public long getContentLength() {
    return head.length + size + tail.length;
  }

  @Override
  public boolean isRepeatable() {
    return true;
  }

  @Override
  public boolean isStreaming() {
    return false;
  }

  @Override
  public InputStream getContent() {
    throw new UnsupportedOperationException("the body is written, never read");
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    out.write(head);
    byte[] buffer = BUFFERS.get();
    try (InputStream in = opened()) {
      long left = size;
      while (left > 0) {
        int n = read(in, buffer, (int) Math.min(buffer.length, left));
        out.write(buffer, 0, n);
        left -= n;
      }
    }
    out.write(tail);
  }

  private InputStream opened() throws StoreUnreadable {
    try {
      InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
      BasicFileAttributes now =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (now.size() != size || !now.lastModifiedTime().equals(changed)) {
        in.close();
        throw new IOException("the file has changed since it was verified");
      }
      return in;
    } catch (IOException e) {
      throw new StoreUnreadable(e);
    }
  }

  private static int read(InputStream in, byte[] buffer, int most) throws StoreUnreadable {
    try {
      int n = in.read(buffer, 0, most);
      if (n < 0) {
        throw new IOException("the file has become shorter");
      }
      return n;
    } catch (IOException e) {
      throw new StoreUnreadable(e);
    }
  }

  @Override
  public void close() {
    // the file is open only while it is written
  }

  /** The file, not the network, ended the sending. */
  static final class StoreUnreadable extends IOException {
    private static final long serialVersionUID = 1L;

    StoreUnreadable(IOException cause) {
      super("the stored file cannot be read: " + cause.getClass().getSimpleName(), cause);
    }
  }
}
