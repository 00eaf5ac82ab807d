package io.howdah.monitor;

import io.howdah.disk.OwnFolder;
import io.howdah.disk.StorageUnavailable;
import io.howdah.hub.Uploads;
import io.howdah.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** The hub as a health check: its folder takes bytes, and whole uploads are filed in time. */
public final class HubCheck extends AbstractHealthCheck {
  private final OwnFolder folder;
  private final Duration patience;
  private final Uploads uploads;
  private final InstantSource clock;

  public HubCheck(OwnFolder folder, Settings settings, Uploads uploads, InstantSource clock) {
    super("howdah", "hub");
    this.folder = folder;
    this.patience = settings.health().stageAge();
    this.uploads = uploads;
    this.clock = clock;
  }

  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    builder.up();
    Path uploadsFolder = folder.path().resolve("uploads");
    if (!folder.isOurs() || !Files.isWritable(uploadsFolder)) {
      down(
          builder,
          "HUB_FOLDER_MISSING",
          "the hub's folder is not there, is another one, or cannot be written; mount it, or check its rights");
      return;
    }
    try {
      Uploads.Totals totals = uploads.totals();
      builder.detail("open uploads", totals.open()).detail("to be filed", totals.received());
      if (totals
          .oldestReceived()
          .map(at -> at.plus(patience).isBefore(clock.instant()))
          .orElse(false)) {
        down(
            builder,
            "HUB_BEHIND",
            "a whole upload has waited for longer than howdah.health.stage-age to be filed; the log says why");
      }
    } catch (StorageUnavailable e) {
      builder.message("uploads cannot be counted while the database does not answer");
    }
  }

  private static void down(HealthCheckResultBuilder builder, String code, String sentence) {
    builder.down().message(sentence).detail(ReadinessCheck.CODE, code);
  }
}
