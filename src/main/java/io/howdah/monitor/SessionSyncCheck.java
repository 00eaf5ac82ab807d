package io.howdah.monitor;

import io.howdah.disk.StorageUnavailable;
import io.howdah.session.SessionState;
import io.howdah.session.Sessions;
import io.howdah.sync.SessionSync;
import io.howdah.sync.SyncHealth;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Sessions on their way to the hub as a health check: never down, because a site is made to be
 * without its hub; it says what waits and why.
 */
public final class SessionSyncCheck extends AbstractHealthCheck {
  private final SessionSync sync;
  private final Sessions sessions;

  public SessionSyncCheck(SessionSync sync, Sessions sessions) {
    super("howdah", "session-sync");
    this.sync = sync;
    this.sessions = sessions;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    SyncHealth health = sync.health();
    builder.up();
    try {
      Map<SessionState, Long> counts = sessions.counts();
      builder.detail(
          "pending",
          SessionState.pending().stream().mapToLong(state -> counts.getOrDefault(state, 0L)).sum());
      builder.detail("failed", counts.getOrDefault(SessionState.FAILED, 0L));
    } catch (StorageUnavailable e) {
      builder.detail("sessions", "not known now"); // the database check tells of it
    }
    builder.detail("running", health.running());
    builder.detail("bytes per second", health.bytesPerSecond());
    health.lastContact().ifPresent(at -> builder.detail("last contact", at.toString()));
    if (!health.code().isEmpty()) {
      builder
          .detail("code", health.code())
          .message(
              health.hasHub()
                  ? health.sentence() + "; sessions wait and lose nothing"
                  : "no hub: set howdah.sync.hub.url, or run the role hub; sessions wait");
    }
  }
}
