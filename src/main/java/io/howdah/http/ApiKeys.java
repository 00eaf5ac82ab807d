package io.howdah.http;

import io.howdah.disk.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The API keys that may use the business port, known only by their SHA-256; with no file every
 * caller may.
 */
final class ApiKeys {
  private final Optional<List<byte[]>> digests;

  private ApiKeys(Optional<List<byte[]>> digests) {
    this.digests = digests;
  }

  static ApiKeys read(Optional<Path> file) throws IOException {
    if (file.isEmpty()) {
      return new ApiKeys(Optional.empty());
    }
    List<byte[]> digests =
        Files.readAllLines(file.get()).stream()
            .map(line -> line.strip().toLowerCase(Locale.ROOT))
            .filter(line -> line.matches("[0-9a-f]{64}.*"))
            .map(line -> HexFormat.of().parseHex(line.substring(0, 64)))
            .toList();
    return new ApiKeys(Optional.of(digests));
  }

  /** True when the header carries a known key; compares every digest in constant time. */
  boolean admit(String authorization) {
    if (digests.isEmpty()) {
      return true;
    }
    if (authorization == null || !authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return false;
    }
    byte[] digest =
        Disk.sha256().digest(authorization.substring(7).strip().getBytes(StandardCharsets.UTF_8));
    boolean known = false;
    for (byte[] candidate : digests.get()) {
      known |= MessageDigest.isEqual(candidate, digest);
    }
    return known;
  }
}
