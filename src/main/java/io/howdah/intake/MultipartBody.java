package io.howdah.intake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A multipart/form-data body (RFC 7578, RFC 2046 §5.1.1) taken apart while it comes in: a part's
 * bytes are handed on as slices of what was fed, never collected. For one thread at a time.
 */
final class MultipartBody {
  /** Most bytes of one part's header. */
  static final int HEADER_LIMIT = 8 * 1024;

  /** RFC 2046 §5.1.1: a boundary has 1 to 70 characters. */
  private static final Pattern BOUNDARY =
      Pattern.compile(
          ";\\s*boundary=(?:\"([^\"]{1,70})\"|([^\\s;\"]{1,70}))", Pattern.CASE_INSENSITIVE);

  private static final Pattern PARAMETER =
      Pattern.compile(";\\s*([A-Za-z*]+)\\s*=\\s*(?:\"((?:[^\"\\\\]++|\\\\.)*+)\"|([^;\\s]*))");

  private static final byte[] NOTHING = new byte[0];

  /** What happens to the parts. */
  interface Parts {
    /** A part begins. {@code filename} is empty for a plain field. */
    void begin(String name, Optional<String> filename) throws IOException, Refused;

    /** Some of its bytes. */
    void content(ByteBuffer bytes) throws IOException, Refused;

    /** All its bytes were handed on. */
    void end() throws IOException, Refused;
  }

  private enum Place {
    BEFORE,
    AFTER_DELIMITER,
    HEADER,
    CONTENT,
    DONE
  }

  private final byte[] delimiter;
  private final int[] shift = new int[256];
  private final Parts parts;
  private Place place = Place.BEFORE;
  private byte[] kept =
      new byte[] {'\r', '\n'}; // so that a delimiter at the very beginning is one as well

  private MultipartBody(byte[] boundary, Parts parts) {
    this.delimiter = new byte[boundary.length + 4];
    this.parts = parts;
    System.arraycopy(new byte[] {'\r', '\n', '-', '-'}, 0, delimiter, 0, 4);
    System.arraycopy(boundary, 0, delimiter, 4, boundary.length);
    Arrays.fill(shift, delimiter.length);
    for (int i = 0; i < delimiter.length - 1; i++) {
      shift[delimiter[i] & 0xff] = delimiter.length - 1 - i;
    }
  }

  /**
   * A body of the given Content-Type.
   *
   * @return empty when the type names no usable boundary
   */
  static Optional<MultipartBody> of(String contentType, Parts parts) {
    Matcher boundary = BOUNDARY.matcher(contentType);
    if (!boundary.find()) {
      return Optional.empty();
    }
    String text = boundary.group(1) == null ? boundary.group(2) : boundary.group(1);
    return Optional.of(new MultipartBody(text.getBytes(StandardCharsets.ISO_8859_1), parts));
  }

  /** True once the closing delimiter has come; a body that ends before it was cut off. */
  boolean isComplete() {
    return place == Place.DONE;
  }

  /**
   * @throws Refused with BAD_MULTIPART when the bytes are no multipart body
   */
  void feed(byte[] bytes) throws IOException, Refused {
    byte[] data = bytes;
    if (kept.length > 0) {
      data = Arrays.copyOf(kept, kept.length + bytes.length);
      System.arraycopy(bytes, 0, data, kept.length, bytes.length);
      kept = NOTHING;
    }
    int at = 0;
    while (at >= 0 && place != Place.DONE) {
      at =
          switch (place) {
            case BEFORE, CONTENT -> content(data, at);
            case AFTER_DELIMITER -> afterDelimiter(data, at);
            default -> header(data, at);
          };
    }
  }

  private int keep(byte[] data, int from) {
    kept = Arrays.copyOfRange(data, from, data.length);
    return -1;
  }

  /** Bytes up to the next delimiter; what might be the beginning of one waits for more. */
  private int content(byte[] data, int from) throws IOException, Refused {
    int found = find(data, from);
    int until = found >= 0 ? found : data.length - possibleBeginning(data, from);
    if (place == Place.CONTENT && until > from) {
      parts.content(ByteBuffer.wrap(data, from, until - from));
    }
    if (found < 0) {
      return keep(data, until);
    }
    if (place == Place.CONTENT) {
      parts.end();
    }
    place = Place.AFTER_DELIMITER;
    return found + delimiter.length;
  }

  /** Horspool's search: most bytes are never looked at. */
  private int find(byte[] data, int from) {
    int last = delimiter.length - 1;
    int at = from;
    while (at + last < data.length) {
      byte end = data[at + last];
      if (end == delimiter[last] && Arrays.equals(data, at, at + last, delimiter, 0, last)) {
        return at;
      }
      at += shift[end & 0xff];
    }
    return -1;
  }

  private int possibleBeginning(byte[] data, int from) {
    for (int length = Math.min(delimiter.length - 1, data.length - from); length > 0; length--) {
      if (data[data.length - length] == delimiter[0]
          && Arrays.equals(data, data.length - length, data.length, delimiter, 0, length)) {
        return length;
      }
    }
    return 0;
  }

  private int afterDelimiter(byte[] data, int from) throws Refused {
    int at = from;
    while (at < data.length && (data[at] == ' ' || data[at] == '\t')) {
      at++;
    }
    if (at - from > HEADER_LIMIT) {
      throw new Refused(UploadError.BAD_MULTIPART);
    }
    if (at + 1 >= data.length) {
      return keep(data, from);
    }
    if (data[at] == '-' && data[at + 1] == '-') {
      place = Place.DONE;
      return -1;
    }
    if (data[at] != '\r' || data[at + 1] != '\n') {
      throw new Refused(UploadError.BAD_MULTIPART);
    }
    place = Place.HEADER;
    return at; // with its line end, so that an empty header ends like any other
  }

  private int header(byte[] data, int from) throws IOException, Refused {
    for (int at = from; at + 3 < data.length; at++) {
      if (data[at] == '\r'
          && data[at + 1] == '\n'
          && data[at + 2] == '\r'
          && data[at + 3] == '\n') {
        begin(new String(data, from, at - from, StandardCharsets.UTF_8));
        place = Place.CONTENT;
        return at + 4;
      }
      if (at - from > HEADER_LIMIT) {
        throw new Refused(UploadError.BAD_MULTIPART);
      }
    }
    return keep(data, from);
  }

  private void begin(String header) throws IOException, Refused {
    String disposition =
        header
            .lines()
            .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-disposition:"))
            .findFirst()
            .orElseThrow(() -> new Refused(UploadError.BAD_MULTIPART));
    String name = null;
    String filename = null;
    Matcher parameter = PARAMETER.matcher(disposition);
    while (parameter.find()) {
      String value =
          parameter.group(2) == null
              ? parameter.group(3)
              : parameter.group(2).replaceAll("\\\\(.)", "$1");
      if (parameter.group(1).equalsIgnoreCase("name")) {
        name = value;
      } else if (parameter.group(1).toLowerCase(Locale.ROOT).startsWith("filename")) {
        filename = value;
      }
    }
    if (name == null) {
      throw new Refused(UploadError.BAD_MULTIPART);
    }
    parts.begin(name, Optional.ofNullable(filename));
  }
}
