package io.howdah.settings;

import java.util.Locale;

/**
 * A part of the gateway that a process runs; seed 004's services are the same jar with one role
 * each.
 */
public enum Role {
  GATEWAY,
  VALIDATOR,
  DESCRIPTOR,
  STORAGE,
  STATUS,
  BATCH,
  SEND,
  PACS_UPLOAD,
  SESSIONS,
  SYNC,
  HUB;

  /** The name used in {@code howdah.roles}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
