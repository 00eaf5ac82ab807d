package io.howdah.pacsupload;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/** The text that pacs.db holds for a moment: UTC, whole seconds. */
public final class PacsTime {
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

  private PacsTime() {}

  /** What pacs.db holds for this moment. */
  public static String text(Instant moment) {
    return SECONDS.format(LocalDateTime.ofInstant(moment, ZoneOffset.UTC));
  }

  /**
   * The moment that pacs.db means.
   *
   * @throws DateTimeParseException when the text is none of ours
   */
  static Instant moment(String text) {
    return LocalDateTime.parse(text, SECONDS).toInstant(ZoneOffset.UTC);
  }
}
