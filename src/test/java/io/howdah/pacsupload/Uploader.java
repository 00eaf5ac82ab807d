package io.howdah.pacsupload;

import io.howdah.pacsupload.UploadBatch.Turn;
import io.howdah.settings.Settings;
import io.howdah.settings.SettingsReader;
import io.howdah.storage.Database;
import io.howdah.storage.SqlPacs;
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
  final SqlUploadLedger ledger;
  final FailureReports reports;
  final io.howdah.pacsupload.CloudApi cloud;
  private final Settings settings;
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
    settings = SettingsReader.read(directory, directory.resolve("config"), all, new Properties());
    Settings.PacsUpload own = settings.pacsUpload();
    database = Database.open(settings.database());
    ledger = new SqlUploadLedger(database, "node-" + System.nanoTime(), settings.work().lease());
    int busyMs = (int) own.busyTimeout().toMillis();
    pacs = new SqlPacs(own.database(), busyMs);
    worklist = new SqlWorklist(own.worklist(), busyMs);
    cloud = new io.howdah.pacsupload.CloudApi(own, clock);
    uploads = new PacsUploads(own, pacs, worklist, ledger, clock);
    reports = new FailureReports(ledger, cloud);
    lanes = Executors.newFixedThreadPool(own.concurrency());
  }

  /** One poll with all that follows; false when it was not due. */
  boolean round() {
    UploadBatch batch = uploads.nextBatch();
    if (batch == null) {
      return false;
    }
    List<Future<?>> running = new ArrayList<>();
    for (List<Turn> lane : batch.lanes()) {
      running.add(lanes.submit(() -> lane.forEach(this::turn)));
    }
    for (Future<?> one : running) {
      try {
        one.get();
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
    uploads.settle(batch, 1_000, 60_000);
    return true;
  }

  private void turn(Turn turn) {
    ClaimedImage claim = uploads.begin(turn);
    if (claim == null) {
      return;
    }
    try {
      uploads.record(claim, turn, cloud.send(uploads.link(uploads.verify(claim))));
    } catch (RuntimeException e) {
      uploads.giveBack(claim, turn, e);
    }
  }

  @Override
  public void close() throws IOException {
    lanes.shutdownNow();
    uploads.close();
    cloud.close();
    pacs.close();
    worklist.close();
    database.close();
  }
}
