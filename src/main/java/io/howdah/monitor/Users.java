package io.howdah.monitor;

import io.howdah.disk.Disk;
import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may use the console: the users of a file of {@code user.NAME = password,role} lines. Where no
 * file is named, the first start makes one with a random password that only its owner may read.
 */
final class Users {
  static final String DEFAULT_FILE = "management-users.properties";
  private static final Logger LOG = LoggerFactory.getLogger(Users.class);
  private static final String PREFIX = "user.";
  private static final int RANDOM_BYTES = 24;

  private final Map<String, byte[]> digests;

  private Users(Map<String, byte[]> digests) {
    this.digests = digests;
  }

  /**
   * @param named the file of howdah.management.users-file
   * @param data the directory for the file made when none is named
   * @throws IOException when the file cannot be read or made, or names no one
   */
  static Users read(Optional<Path> named, Path data) throws IOException {
    Path file = named.orElse(data.resolve(DEFAULT_FILE));
    if (named.isEmpty() && Files.notExists(file)) {
      make(file);
    }
    Properties lines = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      lines.load(in);
    }
    Map<String, byte[]> digests =
        lines.stringPropertyNames().stream()
            .filter(key -> key.startsWith(PREFIX) && key.length() > PREFIX.length())
            .filter(key -> !password(lines, key).isEmpty())
            .collect(
                Collectors.toMap(
                    key -> key.substring(PREFIX.length()), key -> digest(password(lines, key))));
    if (digests.isEmpty()) {
      throw new IOException(
          file.getFileName() + " names no user; it needs lines like user.NAME = password");
    }
    return new Users(digests);
  }

  private static String password(Properties lines, String key) {
    String value = lines.getProperty(key);
    int comma = value.indexOf(',');
    return (comma < 0 ? value : value.substring(0, comma)).strip();
  }

  /** Another process may make the same file at the same time; the first one's stays. */
  private static void make(Path file) throws IOException {
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    String text =
        "# Who may use the console and Jolokia on the management port: user.NAME = password\n"
            + PREFIX
            + "howdah = "
            + Base64.getUrlEncoder().withoutPadding().encodeToString(random)
            + "\n";
    Path part = file.resolveSibling("." + file.getFileName() + "." + ProcessHandle.current().pid());
    Files.deleteIfExists(part);
    try (FileChannel channel =
        FileChannel.open(
            part,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      Disk.writeFully(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    }
    try {
      Files.createLink(file, part);
      LOG.info("console user made: user howdah, its password is in {}", file);
    } catch (FileAlreadyExistsException e) {
      LOG.debug("console user made by another process");
    } finally {
      Files.delete(part);
    }
  }

  /**
   * True when an Authorization header carries a known user's password; takes the same time whatever
   * is wrong with it.
   */
  boolean admit(String authorization) {
    if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      return false;
    }
    String decoded;
    try {
      decoded =
          new String(
              Base64.getDecoder().decode(authorization.substring(6).strip()),
              StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return false;
    }
    int colon = decoded.indexOf(':');
    byte[] given = digest(decoded.substring(colon + 1));
    byte[] known = digests.get(colon < 0 ? "" : decoded.substring(0, colon));
    return MessageDigest.isEqual(given, known == null ? new byte[given.length] : known)
        && known != null;
  }

  private static byte[] digest(String password) {
    return Disk.sha256().digest(password.getBytes(StandardCharsets.UTF_8));
  }
}
