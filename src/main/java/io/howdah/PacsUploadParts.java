package io.howdah;

import io.howdah.monitor.Metrics;
import io.howdah.monitor.PacsUploadCheck;
import io.howdah.monitor.PacsUploadMeters;
import io.howdah.pacsupload.Canary;
import io.howdah.pacsupload.CloudApi;
import io.howdah.pacsupload.Endpoint;
import io.howdah.pacsupload.FailureReports;
import io.howdah.pacsupload.ImageStore;
import io.howdah.pacsupload.ManagedPacsUploads;
import io.howdah.pacsupload.MessageLinks;
import io.howdah.pacsupload.Pace;
import io.howdah.pacsupload.PacsUploadApi;
import io.howdah.pacsupload.PacsUploads;
import io.howdah.pacsupload.UploadClaims;
import io.howdah.pacsupload.UploadOutcomes;
import io.howdah.settings.Settings;
import io.howdah.storage.Database;
import io.howdah.storage.SqlPacs;
import io.howdah.storage.SqlUploadLeases;
import io.howdah.storage.SqlUploadLedger;
import io.howdah.storage.SqlWorklist;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import org.apache.camel.CamelContext;
import org.apache.camel.support.LifecycleStrategySupport;

/** The long-lived parts of the pacs-upload role, made once and in order. */
final class PacsUploadParts implements AutoCloseable {
  private final SqlPacs pacs;
  private final SqlWorklist worklist;
  private final CloudApi cloud;
  private final ImageStore store;
  private final MessageLinks links;
  private final UploadOutcomes outcomes;
  private final UploadClaims claims;
  private final PacsUploads uploads;
  private final FailureReports reports;
  private final Canary canary;
  private final ManagedPacsUploads managed;
  private final PacsUploadCheck check;
  private final PacsUploadMeters meters;

  PacsUploadParts(
      Settings settings, Database database, InstantSource clock, String node, Metrics metrics)
      throws IOException {
    Settings.PacsUpload own = settings.pacsUpload();
    int busyMs = Math.toIntExact(own.busyTimeout().toMillis());
    SqlUploadLedger ledger = new SqlUploadLedger(database, node);
    SqlUploadLeases leases = new SqlUploadLeases(database, node, settings.work().lease());
    if (settings.database().isSqlite()) {
      leases.freeAbandoned();
    }
    pacs = new SqlPacs(own.database(), busyMs);
    worklist = new SqlWorklist(own.worklist(), busyMs);
    cloud = new CloudApi(own, clock);
    store = new ImageStore(own.storage());
    links = new MessageLinks(worklist, pacs, ledger, clock, own.maxAttempts());
    Endpoint endpoint = new Endpoint(own);
    meters = new PacsUploadMeters(metrics, own);
    Pace pace = new Pace(own);
    outcomes = new UploadOutcomes(own, pacs, ledger, leases, endpoint, pace, meters, clock);
    claims = new UploadClaims(own, pacs, leases, store, links, outcomes, endpoint, pace, clock);
    uploads = new PacsUploads(pacs, ledger, store, links, endpoint, pace, clock);
    meters.show(uploads);
    reports = new FailureReports(ledger, cloud);
    canary = new Canary(cloud, clock);
    managed = new ManagedPacsUploads(uploads, node);
    check =
        new PacsUploadCheck(
            uploads, own.canary().map(every -> canary), settings.roles().size() == 1);
  }

  /** Gives the routes the names they use. */
  void bind(CamelContext context) {
    var registry = context.getRegistry();
    registry.bind("pacsClaims", claims);
    registry.bind("pacsStore", store);
    registry.bind("pacsLinks", links);
    registry.bind("cloudApi", cloud);
    registry.bind("pacsOutcomes", outcomes);
    registry.bind("pacsFailureReports", reports);
    registry.bind("pacsCanary", canary);
    registry.bind("pacsUploadApi", new PacsUploadApi(uploads));
    registry.bind("pacsUploadHealth", check);
    context.addLifecycleStrategy(
        new LifecycleStrategySupport() {
          @Override
          public void onContextStopping(CamelContext stopping) {
            claims.stop();
          }
        });
  }

  /** What the role does. */
  PacsUploads uploads() {
    return uploads;
  }

  @Override
  public void close() {
    claims.close();
    outcomes.close();
    store.close();
    meters.close();
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
