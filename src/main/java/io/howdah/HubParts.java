package io.howdah;

import io.howdah.disk.Disk;
import io.howdah.disk.OwnFolder;
import io.howdah.http.BusinessComponent;
import io.howdah.hub.Filing;
import io.howdah.hub.HubApi;
import io.howdah.hub.HubKeeper;
import io.howdah.hub.HubMeter;
import io.howdah.hub.PacsIndex;
import io.howdah.hub.PacsLite;
import io.howdah.hub.Qido;
import io.howdah.hub.TusConsumer;
import io.howdah.hub.UploadFiles;
import io.howdah.hub.Uploads;
import io.howdah.hub.Viewer;
import io.howdah.hub.Wado;
import io.howdah.monitor.HubCheck;
import io.howdah.monitor.HubMetrics;
import io.howdah.monitor.Metrics;
import io.howdah.quarantine.Quarantine;
import io.howdah.settings.Settings;
import io.howdah.storage.Database;
import io.howdah.storage.OwnFolders;
import io.howdah.storage.SqlManifests;
import io.howdah.storage.SqlPacsIndex;
import io.howdah.storage.SqlUploads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.apache.camel.CamelContext;

/** The long-lived parts of the hub role, made once and in order. */
final class HubParts implements AutoCloseable {
  private final Settings settings;
  private final InstantSource clock;
  private final Uploads uploads;
  private final HubMeter meter;
  private final UploadFiles files;
  private final Filing filing;
  private final HubKeeper keeper;
  private final HubCheck check;
  private final HubApi api;
  private final Qido qido;
  private final Wado wado;

  HubParts(Settings settings, Database database, Disk disk, Metrics metrics, InstantSource clock)
      throws IOException {
    this.settings = settings;
    this.clock = clock;
    Path home = settings.hub().path();
    Path rejected = home.resolve("rejected");
    OwnFolders folders = new OwnFolders(database);
    OwnFolder own = folders.recognise("hub", home);
    OwnFolder quarantine = folders.recognise("hub-rejected", rejected);
    uploads = new SqlUploads(database);
    meter = new HubMetrics(metrics, settings, uploads, clock);
    files = new UploadFiles(own, disk);
    PacsLite pacs = new PacsLite(own, disk);
    filing =
        new Filing(settings, uploads, files, pacs, new Quarantine(quarantine, disk), meter, clock);
    check = new HubCheck(own, settings, uploads, clock);
    keeper = new HubKeeper(settings.hub(), uploads, files, rejected, clock);
    api = new HubApi(uploads, new SqlManifests(database), settings.hub().maxManifestFiles(), clock);
    PacsIndex index = new SqlPacsIndex(database);
    qido = new Qido(index, settings.hub().maxResults());
    wado = new Wado(index, pacs, new Viewer(index));
  }

  /** Gives the routes the names they use. */
  void bind(CamelContext context) {
    var registry = context.getRegistry();
    registry.bind("hubFiling", filing);
    registry.bind("hubKeeper", keeper);
    registry.bind("hubApi", api);
    registry.bind("hubHealth", check);
    registry.bind("qido", qido);
    registry.bind("wado", wado);
    context.addComponent(
        "tus",
        new BusinessComponent(
            (endpoint, processor) ->
                new TusConsumer(endpoint, processor, settings, uploads, files, meter, clock)));
  }

  @Override
  public void close() {
    try {
      files.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
