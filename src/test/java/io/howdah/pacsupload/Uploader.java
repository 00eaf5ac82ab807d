package io.howdah.pacsupload;

import io.howdah.pacsupload.UploadBatch.Turn;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.storage.Database;
import io.howdah.storage.SqlPacs;
import io.howdah.storage.SqlUploadLeases;
import io.howdah.storage.SqlUploadLedger;
import io.howdah.storage.SqlWorklist;
import io.howdah.support.MutableClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The steps of the pacs-upload routes in their order, on a clock that only a test moves. */
final class Uploader implements AutoCloseable {
  final MutableClock clock;
  final PacsUploads uploads;
  final UploadClaims claims;
  final UploadOutcomes outcomes;
  final MessageLinks links;
  final SqlUploadLedger ledger;
  final SqlUploadLeases leases;
  final FailureReports reports;
  final io.howdah.pacsupload.CloudApi cloud;
  private final Pace pace;
  private final ImageStore store;
  private final Database database;
  private final SqlPacs pacs;
  private final SqlWorklist worklist;
  private final ExecutorService lanes;

  Uploader(Path directory, Map<String, String> environment, MutableClock clock, String... more)
      throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    for (int i = 0; i < more.length; i += 2) {
      all.put(more[i], more[i + 1]);
    }
    this.clock = clock;
    Settings settings =
        SettingsReader.read(directory, directory.resolve("config"), all, new Properties());
    Settings.PacsUpload own = settings.pacsUpload();
    database = Database.open(settings.database());
    String node = "node-" + System.nanoTime();
    ledger = new SqlUploadLedger(database, node);
    leases = new SqlUploadLeases(database, node, settings.work().lease());
    int busyMs = (int) own.busyTimeout().toMillis();
    pacs = new SqlPacs(own.database(), busyMs);
    worklist = new SqlWorklist(own.worklist(), busyMs);
    cloud = new io.howdah.pacsupload.CloudApi(own, clock);
    store = new ImageStore(own.storage());
    links = new MessageLinks(worklist, pacs, ledger, clock, own.maxAttempts());
    Endpoint endpoint = new Endpoint(own);
    pace = new Pace(own);
    outcomes =
        new UploadOutcomes(
            own, pacs, ledger, leases, endpoint, pace, (image, outcome, took) -> {}, clock);
    claims = new UploadClaims(own, pacs, leases, store, links, outcomes, endpoint, pace, clock);
    uploads = new PacsUploads(pacs, ledger, store, links, endpoint, pace, clock);
    reports = new FailureReports(ledger, cloud);
    lanes = Executors.newFixedThreadPool(own.concurrency());
  }

  /** One poll with all that follows; false when it was not due. */
  boolean round() {
    if (pace.room(clock.instant()) == 0) {
      return false;
    }
    List<Future<?>> running = new ArrayList<>();
    for (Lane lane : claims.claim(1_000, 60_000)) {
      running.add(lanes.submit(() -> work(lane)));
    }
    for (Future<?> one : running) {
      try {
        one.get();
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
    outcomes.flush();
    return true;
  }

  private void work(Lane lane) {
    do {
      lane.next().forEach(this::work);
    } while (lane.goesOn());
  }

  private void work(Turn waiting) {
    Turn turn = claims.begin(waiting);
    if (turn == null) {
      return;
    }
    try {
      outcomes.record(turn, cloud.send(links.link(store.verify(turn.claim()))));
    } catch (RuntimeException e) {
      outcomes.giveBack(turn, e);
    }
  }

  @Override
  public void close() throws IOException {
    lanes.shutdownNow();
    claims.close();
    outcomes.close();
    store.close();
    cloud.close();
    pacs.close();
    worklist.close();
    database.close();
  }
}
