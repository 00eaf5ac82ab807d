package io.howdah;

import io.howdah.monitor.PacsUploadCheck;
import io.howdah.pacsupload.Canary;
import io.howdah.pacsupload.CloudApi;
import io.howdah.pacsupload.FailureReports;
import io.howdah.pacsupload.ManagedPacsUploads;
import io.howdah.pacsupload.PacsUploadApi;
import io.howdah.pacsupload.PacsUploads;
import io.howdah.settings.Settings;
import io.howdah.storage.Database;
import io.howdah.storage.SqlPacs;
import io.howdah.storage.SqlUploadLedger;
import io.howdah.storage.SqlWorklist;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.camel.CamelContext;

/** The long-lived parts of the pacs-upload role, made once and in order. */
final class PacsUploadParts implements AutoCloseable {
  private final SqlPacs pacs;
  private final SqlWorklist worklist;
  private final CloudApi cloud;
  private final PacsUploads uploads;
  private final FailureReports reports;
  private final Canary canary;
  private final ManagedPacsUploads managed;
  private final ExecutorService lanes;
  private final PacsUploadCheck check;

  PacsUploadParts(Settings settings, Database database, InstantSource clock, String node)
      throws IOException {
    Settings.PacsUpload own = settings.pacsUpload();
    int busyMs = Math.toIntExact(own.busyTimeout().toMillis());
    SqlUploadLedger ledger = new SqlUploadLedger(database, node, settings.work().lease());
    if (settings.database().isSqlite()) {
      ledger.freeAbandoned();
    }
    pacs = new SqlPacs(own.database(), busyMs);
    worklist = new SqlWorklist(own.worklist(), busyMs);
    cloud = new CloudApi(own, clock);
    uploads = new PacsUploads(own, pacs, worklist, ledger, clock);
    reports = new FailureReports(ledger, cloud);
    canary = new Canary(cloud, clock);
    managed = new ManagedPacsUploads(uploads, node);
    check =
        new PacsUploadCheck(
            uploads, own.canary().map(every -> canary), settings.roles().size() == 1);
    lanes =
        Executors.newFixedThreadPool(
            own.concurrency(),
            task -> {
              Thread thread = new Thread(task, "pacs-upload-lane");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Gives the routes the names they use. */
  void bind(CamelContext context) {
    var registry = context.getRegistry();
    registry.bind("pacsUploads", uploads);
    registry.bind("cloudApi", cloud);
    registry.bind("pacsFailureReports", reports);
    registry.bind("pacsCanary", canary);
    registry.bind("pacsUploadApi", new PacsUploadApi(uploads));
    registry.bind("pacsUploadLanes", lanes);
    registry.bind("pacsUploadHealth", check);
  }

  /** What the role does. */
  PacsUploads uploads() {
    return uploads;
  }

  @Override
  public void close() {
    lanes.shutdownNow();
    uploads.close();
    managed.close();
    try {
      cloud.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      pacs.close();
      worklist.close();
    }
  }
}
