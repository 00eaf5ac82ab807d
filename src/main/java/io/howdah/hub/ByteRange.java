package io.howdah.hub;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One range of bytes (RFC 9110 §14).
 *
 * @param from the first byte
 * @param to the last byte
 */
record ByteRange(long from, long to) {
  private static final Pattern FORM = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

  /** The range a header asks for of {@code size} bytes; nothing when there is none to obey. */
  static Optional<ByteRange> of(String header, long size) {
    Matcher matcher = FORM.matcher(header == null ? "" : header.strip());
    if (!matcher.matches() || matcher.group(1).isEmpty() && matcher.group(2).isEmpty()) {
      return Optional.empty();
    }
    if (matcher.group(1).isEmpty()) {
      return Optional.of(
          new ByteRange(Math.max(0, size - Long.parseLong(matcher.group(2))), size - 1));
    }
    long from = Long.parseLong(matcher.group(1));
    long to =
        matcher.group(2).isEmpty()
            ? size - 1
            : Math.min(size - 1, Long.parseLong(matcher.group(2)));
    return Optional.of(new ByteRange(from, to));
  }

  /** False when there is no such byte. */
  boolean isSatisfiable() {
    return from <= to;
  }

  long length() {
    return to - from + 1;
  }
}
