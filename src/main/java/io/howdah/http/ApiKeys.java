package io.howdah.http;

import io.howdah.disk.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The API keys that may use the business port, known only by their SHA-256; with no file every
 * caller may.
 */
final class ApiKeys {
  /** A digest, and behind it whatever helps people to tell whose it is. */
  private static final Pattern LINE = Pattern.compile("\\s*([0-9a-fA-F]{64})(?:\\s.*)?");

  /** Every caller, when no keys are asked for. */
  static final String ANYONE = "anyone";

  /** Bytes of a digest that tell keys apart. */
  private static final int NAME = 16;

  private final Optional<List<byte[]>> digests;

  private ApiKeys(Optional<List<byte[]>> digests) {
    this.digests = digests;
  }

  /**
   * @throws IOException when the file cannot be read, or holds anything but digests and comments
   */
  static ApiKeys read(Optional<Path> file) throws IOException {
    if (file.isEmpty()) {
      return new ApiKeys(Optional.empty());
    }
    List<byte[]> digests = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file.get())) {
      number++;
      Matcher digest = LINE.matcher(line);
      if (digest.matches()) {
        digests.add(HexFormat.of().parseHex(digest.group(1)));
      } else if (!line.isBlank() && !line.startsWith("#")) {
        throw new IOException(
            "line "
                + number
                + " of howdah.http.api-keys-file is no SHA-256 in hex; make one with: printf %s KEY | sha256sum");
      }
    }
    if (digests.isEmpty()) {
      throw new IOException("howdah.http.api-keys-file holds no key, so nobody could come in");
    }
    return new ApiKeys(Optional.of(digests));
  }

  /**
   * Who the caller is, when the header carries a known key: a name made of the key's digest. Every
   * digest is compared in constant time.
   */
  Optional<String> principal(String authorization) {
    if (digests.isEmpty()) {
      return Optional.of(ANYONE);
    }
    if (authorization == null || !authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return Optional.empty();
    }
    byte[] digest =
        Disk.sha256().digest(authorization.substring(7).strip().getBytes(StandardCharsets.UTF_8));
    boolean known = false;
    for (byte[] candidate : digests.get()) {
      known |= MessageDigest.isEqual(candidate, digest);
    }
    return known ? Optional.of(HexFormat.of().formatHex(digest, 0, NAME)) : Optional.empty();
  }
}
