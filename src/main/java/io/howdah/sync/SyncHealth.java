package io.howdah.sync;

import java.time.Instant;
import java.util.Optional;

/**
 * How the way to the hub is at a moment.
 *
 * @param hasHub false when there is none to send to
 * @param trouble why nothing can be sent; empty when it can
 * @param bytesPerSecond of all sessions together, over the last seconds
 * @param running sessions under way in this process
 * @param limit bytes a second that are allowed now; empty: unlimited
 */
public record SyncHealth(
    boolean hasHub,
    Optional<HubTrouble.Kind> trouble,
    String sentence,
    Optional<Instant> lastContact,
    long bytesPerSecond,
    int running,
    Optional<Long> limit) {
  /** What a program may act on; empty when all is well. */
  public String code() {
    if (!hasHub) {
      return "NO_HUB";
    }
    return trouble.map(kind -> "HUB_" + kind).orElse("");
  }
}
