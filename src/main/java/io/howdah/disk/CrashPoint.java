package io.howdah.disk;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
  OUTBOX_SENT,
  PACS_LEASED,
  PACS_CLAIMED,
  PACS_VERIFIED,
  PACS_LINKED,
  PACS_SENT,
  PACS_RECORDED,
  PACS_MARKED,
  BATCH_JOINED,
  BATCH_MARKED,
  BATCH_DUE,
  BATCH_CLOSED,
  SEND_CLAIMED,
  SEND_ANSWERED,
  SEND_RECORDED,
  SEND_SETTLING,
  SEND_SETTLED,
  SESSION_FILE_SYNCED,
  SESSION_PUBLISHED,
  SESSION_RECORDED,
  SESSION_METADATA_UPLOADING,
  SESSION_METADATA_UPLOADED,
  SESSION_BINARY_UPLOADING,
  SESSION_SYNCED,
  SESSION_ACK_RECEIVED,
  SESSION_CHUNK_SENT,
  SESSION_BYTES_SENT,
  SESSION_FILE_DELETED,
  HUB_BYTES_WRITTEN,
  HUB_BYTES_SYNCED,
  HUB_RECEIVED,
  HUB_UNPACKED,
  HUB_VERIFIED,
  HUB_LINKED,
  HUB_DIRECTORY_SYNCED,
  HUB_RECORDED,
  HUB_REJECTED,
  HUB_PART_REMOVED;

  private static final Pattern FORM = Pattern.compile("(\\w+?)(?::([1-9]\\d{0,8}))?");

  private static volatile Armed armed;

  /** Arms the crash point named in {@code howdah.crashpoint}; an empty text arms none. */
  public static void arm(String text) {
    if (text.isEmpty()) {
      armed = null;
      return;
    }
    Matcher matcher = FORM.matcher(text);
    if (!isKnown(text) || !matcher.matches()) {
      throw new IllegalArgumentException("there is no crash point " + text);
    }
    int times = matcher.group(2) == null ? 1 : Integer.parseInt(matcher.group(2));
    armed = new Armed(valueOf(matcher.group(1).toUpperCase(Locale.ROOT)), new AtomicInteger(times));
  }

  /** True when {@code text} is empty or names a point, and perhaps a turn. */
  public static boolean isKnown(String text) {
    Matcher matcher = FORM.matcher(text);
    return text.isEmpty()
        || matcher.matches()
            && Arrays.stream(values())
                .anyMatch(point -> point.name().equalsIgnoreCase(matcher.group(1)));
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
