package io.howdah.settings;

import java.util.Locale;

/** What becomes of instances that arrive after their study's batch was complete. */
public enum Late {
  /** A follow-up batch of the new ones only. */
  SUPPLEMENT,
  /** A follow-up batch of the whole study. */
  RESEND_ALL,
  /** A follow-up batch of the new ones, which waits until an operator releases it. */
  HOLD;

  /** The word used in {@code howdah.destination.NAME.late}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
