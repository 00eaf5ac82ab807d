package io.howdah.disk;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The named places between two durable steps, where a test can end the process as a power cut would
 * ({@code howdah.crashpoint=NAME} or {@code NAME:n} for the n-th time). Outside such tests reaching
 * one costs a volatile read.
 */
public enum CrashPoint {
  INTAKE_BYTES_WRITTEN,
  INTAKE_FILE_SYNCED,
  INTAKE_LINKED,
  INTAKE_DIRECTORY_SYNCED,
  INTAKE_RECORDED,
  INBOX_ACCEPTED,
  DB_BEFORE_COMMIT,
  DB_AFTER_COMMIT,
  VALIDATE_CLAIMED,
  VALIDATE_JUDGED,
  VALIDATE_RECORDED,
  DESCRIBE_CLAIMED,
  DESCRIBE_WRITTEN,
  DESCRIBE_RECORDED,
  ARCHIVE_CLAIMED,
  ARCHIVE_LINKED,
  ARCHIVE_SYNCED,
  ARCHIVE_RECORDED,
  ARCHIVE_UPLOAD_REMOVED,
  QUARANTINE_LINKED,
  QUARANTINE_RECORDED,
  OUTBOX_SENT;

  private static volatile Armed armed;

  /** Arms the crash point named in {@code howdah.crashpoint}; an empty text arms none. */
  public static void arm(String text) {
    if (text.isEmpty()) {
      armed = null;
      return;
    }
    String[] parts = text.split(":", 2);
    int times = parts.length == 2 ? Integer.parseInt(parts[1]) : 1;
    armed = new Armed(valueOf(parts[0].toUpperCase(Locale.ROOT)), new AtomicInteger(times));
  }

  /**
   * Ends the process here, without any shutdown hook, when this point is armed and its turn has
   * come.
   */
  public void reached() {
    Armed now = armed;
    if (now != null && now.point == this && now.left.decrementAndGet() == 0) {
      Runtime.getRuntime().halt(137);
    }
  }

  private record Armed(CrashPoint point, AtomicInteger left) {}
}
