package io.howdah.session;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import io.howdah.settings.Settings.Sessions.SealKey;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/**
 * Encryption of files where they lie: AES-256-GCM in segments, each file under a key of its own
 * derived from ours (Tink's AES-GCM-HKDF streaming), so that any part can be read without the rest
 * and any change, also of order or length, is noticed. A file opens only under the name it was
 * sealed for. Safe for use by many threads.
 */
public final class Seal {
  private static final int KEY_BYTES = 32;
  private static final int SEGMENT = 64 * 1024;
  private static final int OUTPUT_LIMIT = 1024;
  private static final long COMMAND_SECONDS = 30;

  private final AesGcmHkdfStreaming cipher;

  private Seal(byte[] key) throws IOException {
    try {
      cipher = new AesGcmHkdfStreaming(key, "HmacSha256", KEY_BYTES, SEGMENT, 0);
    } catch (InvalidAlgorithmParameterException e) {
      throw new IOException("the key of sessions cannot be used", e);
    }
  }

  /**
   * The seal of a key.
   *
   * @throws IOException when the key cannot be had, or is not 32 bytes in hex or Base64
   */
  public static Seal of(SealKey key) throws IOException {
    String text =
        key.file().isPresent()
            ? Files.readString(key.file().get(), StandardCharsets.US_ASCII)
            : printed(key.command());
    return new Seal(bytes(text.strip()));
  }

  private static byte[] bytes(String text) throws IOException {
    try {
      byte[] bytes =
          text.matches("[0-9a-fA-F]{64}")
              ? HexFormat.of().parseHex(text)
              : Base64.getDecoder().decode(text);
      if (bytes.length == KEY_BYTES) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // said below, without the text, which may be most of a key
    }
    throw new IOException(
        "the key of sessions must be 32 bytes in hex or Base64; make one with: openssl rand -hex 32");
  }

  private static String printed(String command) throws IOException {
    Process process =
        new ProcessBuilder("sh", "-c", command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
            .start();
    try {
      String text =
          new String(process.getInputStream().readNBytes(OUTPUT_LIMIT), StandardCharsets.US_ASCII);
      if (process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0) {
        return text;
      }
      throw new IOException("howdah.sessions.key-command did not print a key");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for howdah.sessions.key-command", e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** What is written to the result arrives in {@code to} sealed; closing it writes the end. */
  WritableByteChannel sealing(WritableByteChannel to, String name) throws IOException {
    try {
      return cipher.newEncryptingChannel(to, aad(name));
    } catch (GeneralSecurityException e) {
      throw new IOException("a file could not be sealed", e);
    }
  }

  /** The bytes that were sealed; reading a part that was changed ends in an IOException. */
  SeekableByteChannel opening(SeekableByteChannel from, String name) throws IOException {
    try {
      return cipher.newSeekableDecryptingChannel(from, aad(name));
    } catch (GeneralSecurityException e) {
      throw new IOException("a sealed file does not open with the key of sessions", e);
    }
  }

  private static byte[] aad(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }
}
