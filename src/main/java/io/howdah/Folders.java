package io.howdah;

import io.howdah.disk.Disk;
import io.howdah.disk.OwnFolder;
import io.howdah.disk.Uploads;
import io.howdah.settings.Role;
import io.howdah.settings.Settings;
import io.howdah.status.Stage;
import io.howdah.storage.Database;
import io.howdah.storage.OwnFolders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The folders that the rows speak of. A process whose roles work on no files needs none of them,
 * and makes none; it would not know them for its own.
 *
 * @param inUse those that this process works in
 */
record Folders(OwnFolder uploads, OwnFolder archive, OwnFolder quarantine, List<OwnFolder> inUse) {

  /**
   * @throws io.howdah.disk.FolderNotOurs when one is not mounted, or another gateway's
   */
  static Folders of(Settings settings, Database database) throws IOException {
    boolean works =
        settings.roles().contains(Role.GATEWAY)
            || Arrays.stream(Stage.values()).map(Stage::role).anyMatch(settings.roles()::contains);
    OwnFolders known = new OwnFolders(database);
    OwnFolder uploads = folder(known, works, "uploads", settings.intake().uploads());
    OwnFolder archive = folder(known, works, "archive", settings.archive().path());
    OwnFolder quarantine = folder(known, works, "quarantine", settings.quarantine());
    if (works) {
      Disk.createDirectories(new Uploads(uploads.path()).arriving());
    }
    return new Folders(
        uploads, archive, quarantine, works ? List.of(uploads, archive, quarantine) : List.of());
  }

  private static OwnFolder folder(OwnFolders known, boolean works, String name, Path path)
      throws IOException {
    return works ? known.recognise(name, path) : new OwnFolder(name, path, "");
  }
}
