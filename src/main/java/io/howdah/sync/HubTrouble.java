package io.howdah.sync;

import java.time.Duration;
import java.util.Optional;

/** An exchange with the hub did not come to what was wanted; the kind says who pays for it. */
public final class HubTrouble extends Exception {
  private static final long serialVersionUID = 1L;

  /** Whose trouble it is. */
  public enum Kind {
    /** No answer: the line or the hub is down, and nobody's retries are spent. */
    AWAY,
    /** It answered that it cannot now; the upload waits and is tried again. */
    BUSY,
    /** It does not know or trust this gateway, or is no hub: a person must look, and all wait. */
    REFUSES,
    /** It will never take this upload as it is. */
    VERDICT,
    /** Nobody's: this process stops, and the upload goes on at the next start. */
    STOPPING
  }

  private final Kind kind;
  private final String code;
  private final transient Optional<Duration> retryAfter;
  private final boolean cut;

  private HubTrouble(Kind kind, String code, String message, Optional<Duration> retryAfter) {
    this(kind, code, message, retryAfter, false);
  }

  private HubTrouble(
      Kind kind, String code, String message, Optional<Duration> retryAfter, boolean cut) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.retryAfter = retryAfter;
    this.cut = cut;
  }

  static HubTrouble away(String reason) {
    return new HubTrouble(Kind.AWAY, "HUB_AWAY", reason, Optional.empty());
  }

  /** A connection that there was broke off; the next may well hold. */
  static HubTrouble cut(String reason) {
    return new HubTrouble(Kind.AWAY, "HUB_AWAY", reason, Optional.empty(), true);
  }

  static HubTrouble busy(String reason, Optional<Duration> retryAfter) {
    return new HubTrouble(Kind.BUSY, "HUB_BUSY", reason, retryAfter);
  }

  static HubTrouble refuses(String reason) {
    return new HubTrouble(Kind.REFUSES, "HUB_REFUSES", reason, Optional.empty());
  }

  static HubTrouble stopping() {
    return new HubTrouble(
        Kind.STOPPING,
        "STOPPING",
        "the gateway stops; the upload goes on at its next start",
        Optional.empty());
  }

  /**
   * @param code what the hub called it; empty when it gave it no name
   */
  static HubTrouble verdict(String code, String reason) {
    return new HubTrouble(Kind.VERDICT, code, reason, Optional.empty());
  }

  public Kind kind() {
    return kind;
  }

  /** True when a connection broke off, which by itself does not mean that the hub is away. */
  boolean isCut() {
    return cut;
  }

  /** For programs. */
  public String code() {
    return code;
  }

  /** When the hub wants to be asked again, if it said so. */
  Optional<Duration> retryAfter() {
    return retryAfter == null ? Optional.empty() : retryAfter;
  }
}
