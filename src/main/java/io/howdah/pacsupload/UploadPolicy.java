package io.howdah.pacsupload;

import io.howdah.pacsupload.UploadOutcome.Kind;
import io.howdah.settings.Settings;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Who pays for an attempt: trouble with the endpoint or our own disk costs an image nothing, a
 * verdict costs it an attempt, an ambiguous answer a step of its schedule, and a missing message id
 * only time. Strict compatibility counts as the original does: whatever is not delivered costs an
 * attempt.
 */
public final class UploadPolicy {
  private final Settings.PacsUpload settings;

  public UploadPolicy(Settings.PacsUpload settings) {
    this.settings = settings;
  }

  /** What becomes of the image. */
  public Decision decide(ClaimedImage claim, UploadOutcome outcome, Backoff backoff, Instant now) {
    if (outcome.kind() == Kind.DELIVERED) {
      return decision("COMPLETE", null, false, Optional.empty(), Instant.EPOCH, 0, 0, claim);
    }
    if (outcome.kind() == Kind.UNUSABLE) {
      return failed(outcome.error(), claim);
    }
    if (settings.strictCompat() || outcome.kind() == Kind.VERDICT) {
      return spent(claim, outcome, backoff, now);
    }
    return switch (outcome.kind()) {
      case AWAITING_LINK -> awaiting(claim, outcome, now);
      case AMBIGUOUS -> ambiguous(claim, outcome, now);
      default -> {
        Duration asked = outcome.retryAfter().orElse(Duration.ZERO);
        Duration pause = backoff.after(claim.tries() + 1);
        yield decision(
            "PENDING",
            outcome.error(),
            true,
            Optional.of(outcome.kind()),
            now.plus(asked.compareTo(pause) > 0 ? asked : pause),
            claim.tries() + 1,
            claim.ambiguous(),
            claim);
      }
    };
  }

  private Decision spent(ClaimedImage claim, UploadOutcome outcome, Backoff backoff, Instant now) {
    if (claim.attempt() >= settings.maxAttempts()) {
      return failed(outcome.error(), claim);
    }
    return decision(
        "PENDING",
        outcome.error(),
        false,
        settings.strictCompat() ? Optional.empty() : Optional.of(outcome.kind()),
        settings.strictCompat() ? Instant.EPOCH : now.plus(backoff.after(claim.tries() + 1)),
        claim.tries() + 1,
        claim.ambiguous(),
        claim);
  }

  private Decision awaiting(ClaimedImage claim, UploadOutcome outcome, Instant now) {
    Instant since = claim.linkMissedAt().orElse(now);
    Instant end = since.plus(settings.linkWait());
    if (!now.isBefore(end)) {
      return failed(outcome.error() + ", and none came within " + settings.linkWait(), claim);
    }
    return new Decision(
        "PENDING",
        outcome.error(),
        true,
        Optional.of(Kind.AWAITING_LINK),
        end,
        claim.tries(),
        claim.ambiguous(),
        Optional.of(since));
  }

  private Decision ambiguous(ClaimedImage claim, UploadOutcome outcome, Instant now) {
    int steps = settings.ambiguousSchedule().size();
    if (claim.ambiguous() >= steps) {
      return failed(outcome.error() + " (after all " + steps + " pauses of the schedule)", claim);
    }
    return decision(
        "PENDING",
        outcome.error(),
        true,
        Optional.of(Kind.AMBIGUOUS),
        now.plus(settings.ambiguousSchedule().get(claim.ambiguous())),
        claim.tries() + 1,
        claim.ambiguous() + 1,
        claim);
  }

  private static Decision failed(String error, ClaimedImage claim) {
    String text = error.length() <= 500 ? error : error.substring(0, 500);
    return new Decision(
        "FAILED", text, false, Optional.empty(), Instant.EPOCH, 0, 0, Optional.empty());
  }

  private static Decision decision(
      String status,
      String error,
      boolean refund,
      Optional<Kind> waiting,
      Instant next,
      int tries,
      int ambiguous,
      ClaimedImage claim) {
    return new Decision(
        status,
        error,
        refund,
        waiting,
        next,
        tries,
        ambiguous,
        status.equals("PENDING") ? claim.linkMissedAt() : Optional.empty());
  }
}
