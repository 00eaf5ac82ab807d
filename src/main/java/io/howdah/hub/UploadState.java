package io.howdah.hub;

import java.util.Locale;

/** Where an upload is. */
public enum UploadState {
  /** Bytes are still to come. */
  OPEN,
  /** All bytes are durable here, and are being verified and filed. */
  RECEIVED,
  /** The image is in PACS-lite, and its sender may let its own copy go. */
  ACKNOWLEDGED,
  /** These bytes will never be taken. */
  REJECTED,
  /** Nothing came for too long, and what had come is gone. */
  EXPIRED,
  /** Its sender gave it up. */
  TERMINATED;

  /** Its word in the database. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The state of a word. */
  public static UploadState of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** True while a sender can do something with it. */
  public boolean isLive() {
    return this == OPEN || this == RECEIVED || this == ACKNOWLEDGED;
  }
}
