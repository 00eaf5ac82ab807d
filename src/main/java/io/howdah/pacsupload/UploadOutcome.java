package io.howdah.pacsupload;

import java.time.Duration;
import java.util.Optional;

/**
 * What one attempt to upload an image came to.
 *
 * @param phase where it was decided: store, link, dns, tcp, tls, http
 * @param status the HTTP status, when there was an answer
 * @param detail what happened in words that may be logged; no byte of an answer's body
 * @param body the first words of the answer's body, for the row only
 * @param retryAfter how long the cloud asked to be left alone
 */
public record UploadOutcome(
    Kind kind,
    String phase,
    Optional<Integer> status,
    String detail,
    String body,
    Optional<Duration> retryAfter) {

  /** Who is to blame, and therefore who pays. */
  public enum Kind {
    /** The cloud has the image. */
    DELIVERED,
    /** The cloud cannot be reached or is busy: the endpoint pays. */
    TRY_LATER,
    /** The cloud refuses this gateway: the endpoint pays, and a person must look. */
    REFUSED,
    /** The cloud refuses this image: the image pays. */
    VERDICT,
    /** The answer hides who is to blame: tried again on a schedule of its own. */
    AMBIGUOUS,
    /** It is not known yet which message the image belongs to. */
    AWAITING_LINK,
    /** Our own disk did not give the bytes: nobody pays. */
    STORE_TROUBLE,
    /** The bytes are not those that were stored: never sent. */
    UNUSABLE;

    /** True when nothing can be sent to the endpoint for the time being. */
    public boolean blamesEndpoint() {
      return this == TRY_LATER || this == REFUSED;
    }
  }

  /** An outcome that no answer of the cloud is the reason for. */
  static UploadOutcome of(Kind kind, String phase, String detail) {
    return new UploadOutcome(kind, phase, Optional.empty(), detail, "", Optional.empty());
  }

  /** What may be logged. */
  public String summary() {
    return phase + status.map(code -> " " + code).orElse("") + ": " + detail;
  }

  /** What upload_error says: phase, status and the body's first words, 500 characters at most. */
  public String error() {
    String text = summary() + (body.isEmpty() ? "" : ": " + body);
    return text.length() <= 500 ? text : text.substring(0, 500);
  }
}
