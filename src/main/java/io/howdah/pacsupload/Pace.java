package io.howdah.pacsupload;

import io.howdah.settings.Settings;
import java.time.Duration;
import java.time.Instant;

/**
 * When images may be claimed and how many: a batch each poll interval, further batches ahead while
 * all goes well, a backoff on top while the endpoint fails, and one image at a time until it takes
 * one again. Safe for use by many threads.
 */
public final class Pace {
  private final Settings.PacsUpload settings;
  private int claimed;
  private boolean more;
  private int window;
  private int epoch;
  private int failures;
  private Duration backoff = Duration.ZERO;
  private Duration pause = Duration.ZERO;
  private Instant dueAt = Instant.EPOCH;
  private boolean trouble;

  /**
   * Strict compatibility is the original's rule: any failure in a batch counts, a full batch is
   * followed by a pause as well, and nothing is claimed ahead.
   */
  public Pace(Settings.PacsUpload settings) {
    this.settings = settings;
    this.window = settings.batchSize();
  }

  /** How many images may be claimed now; a clock that was set back delays nothing. */
  synchronized int room(Instant now) {
    if (claimed > 0) {
      boolean well = more && !trouble && failures == 0 && !settings.strictCompat();
      return well && claimed + settings.batchSize() <= window ? settings.batchSize() : 0;
    }
    if (now.isBefore(dueAt) && Duration.between(now, dueAt).compareTo(pause) <= 0) {
      return 0;
    }
    return trouble ? 1 : settings.batchSize();
  }

  /** True when nothing is claimed, so that what pacs.db says is all there is. */
  synchronized boolean isIdle() {
    return claimed == 0;
  }

  /** True while the endpoint has failed and not taken an image since. */
  synchronized boolean isInTrouble() {
    return trouble;
  }

  /** Tells batches claimed before a failure from those claimed after it. */
  synchronized int epoch() {
    return epoch;
  }

  /** Less is claimed ahead again: images waited for their turn. */
  synchronized void slowDown() {
    window = settings.batchSize();
  }

  /** Takes note of a batch's begin. */
  synchronized void begin(UploadBatch batch) {
    claimed += batch.size();
    more = batch.isFull();
  }

  /**
   * Takes note of a batch's end.
   *
   * @param away true when the endpoint's last answers were failures, so many that it must be away
   * @return the backoff now
   */
  synchronized Duration settle(UploadBatch batch, boolean away, Instant now) {
    claimed -= batch.size();
    boolean untried = batch.size() > 0 && batch.attempted() == 0;
    boolean strict = settings.strictCompat();
    boolean failed = strict ? batch.delivered() < batch.attempted() : batch.endpointFailures() > 0;
    if (failed) {
      // batches that were under way together fail together, which counts once
      if (batch.epoch() == epoch) {
        backoff = batch.backoff().after(++failures);
        epoch++;
      }
      window = settings.batchSize();
    } else if (!untried) {
      failures = 0;
      backoff = Duration.ZERO;
      if (batch.delivered() > 0) {
        window = Math.max(settings.batchSize(), Math.min(settings.ahead(), 2 * window));
      }
    }
    if (away || batch.endpointFailures() > 0 && batch.delivered() == 0) {
      trouble = true;
    } else if (batch.delivered() > 0) {
      trouble = false;
    }
    Duration asked = strict ? Duration.ZERO : batch.retryAfter();
    Duration next =
        (more && !failed && !strict ? Duration.ZERO : settings.poll())
            .plus(asked.compareTo(backoff) > 0 ? asked : backoff);
    if (untried && now.plus(next).isBefore(dueAt)) {
      return backoff;
    }
    pause = next;
    dueAt = now.plus(pause);
    return backoff;
  }
}
