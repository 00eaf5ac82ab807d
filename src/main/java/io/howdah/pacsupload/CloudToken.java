package io.howdah.pacsupload;

import io.howdah.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bearer token for the cloud: given, or read from a file again when that changes, or printed by
 * a command that runs at most once a minute and again when the cloud refuses what it printed. Safe
 * for use by many threads; never shows itself.
 */
final class CloudToken {
  private static final Logger LOG = LoggerFactory.getLogger(CloudToken.class);
  private static final Duration COMMAND_EVERY = Duration.ofMinutes(1);
  private static final Duration COMMAND_DEADLINE = Duration.ofSeconds(20);
  private static final int LONGEST = 16 * 1024;

  private final Settings.PacsUpload.Token source;
  private String token = "";
  private FileTime read;
  private Long ranAt;
  private boolean refused;

  CloudToken(Settings.PacsUpload.Token source) {
    this.source = source;
  }

  /**
   * The token in force; empty when none is configured.
   *
   * @throws IOException when its file or command gives none
   */
  synchronized Optional<String> current() throws IOException {
    if (source.file().isPresent()) {
      reread(source.file().get());
    } else if (!source.command().isEmpty()) {
      run();
    } else {
      token = source.value();
    }
    return Optional.of(token).filter(text -> !text.isEmpty());
  }

  /** The cloud refused the token; a command is asked for another. */
  synchronized void refused() {
    refused = true;
    read = null;
  }

  private void reread(Path file) throws IOException {
    FileTime changed = Files.getLastModifiedTime(file);
    if (!changed.equals(read)) {
      if (Files.size(file) > LONGEST) {
        throw new IOException("the token file is longer than " + LONGEST + " bytes");
      }
      token = Files.readString(file).strip();
      read = changed;
    }
  }

  private void run() throws IOException {
    boolean late = ranAt == null || System.nanoTime() - ranAt >= COMMAND_EVERY.toNanos();
    if (ranAt != null && (!refused && !token.isEmpty() || !late)) {
      return;
    }
    ranAt = System.nanoTime();
    refused = false;
    Process process =
        new ProcessBuilder("/bin/sh", "-c", source.command())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    try {
      if (!process.waitFor(COMMAND_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
          || process.exitValue() != 0) {
        throw new IOException("the token command failed or took longer than " + COMMAND_DEADLINE);
      }
      String printed =
          new String(process.getInputStream().readNBytes(LONGEST), StandardCharsets.UTF_8).strip();
      if (printed.isEmpty() || !printed.matches("[\\x21-\\x7e]+")) {
        throw new IOException("the token command printed no token");
      }
      token = printed;
      LOG.info("token renewed by its command");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the token command ran", e);
    } finally {
      process.destroyForcibly();
    }
  }
}
