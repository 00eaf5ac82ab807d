package io.howdah.storage;

import io.howdah.disk.Disk;
import io.howdah.disk.FolderNotOurs;
import io.howdah.disk.OwnFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * The folders as the database knows them: made and marked at the first start, recognised at every
 * later one. Safe for use by several processes that start at once.
 */
public final class OwnFolders {
  private final Transactions transactions;

  public OwnFolders(Database database) {
    this.transactions = database.transactions();
  }

  /**
   * The folder, which carries its id when this returns. One that a database sees for the first time
   * keeps the id it has, so that a new database can take over an old archive.
   *
   * @throws FolderNotOurs when it was marked before and what is there now does not carry its id
   */
  public OwnFolder recognise(String name, Path path) throws IOException {
    Optional<Known> known = transactions.read(handle -> known(handle, name));
    if (known.isEmpty() || !known.get().marked()) {
      Disk.createDirectories(path);
      String id = OwnFolder.idIn(path).orElseGet(() -> UUID.randomUUID().toString());
      known = Optional.of(transactions.write(handle -> inserted(handle, name, id)));
    }
    OwnFolder folder = new OwnFolder(name, path, known.get().id());
    if (!known.get().marked() && OwnFolder.idIn(path).isEmpty()) {
      folder.mark();
    }
    if (!folder.isOurs()) {
      throw FolderNotOurs.at(folder);
    }
    if (!known.get().marked()) {
      transactions.write(
          handle -> handle.execute("UPDATE own_folder SET marked = 1 WHERE name = ?", name));
    }
    return folder;
  }

  private static Known inserted(Handle handle, String name, String id) {
    handle.execute(
        "INSERT INTO own_folder (name, id) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", name, id);
    return known(handle, name).orElseThrow();
  }

  private static Optional<Known> known(Handle handle, String name) {
    return handle
        .createQuery("SELECT id, marked FROM own_folder WHERE name = :name")
        .bind("name", name)
        .map((row, context) -> new Known(row.getString(1), row.getInt(2) == 1))
        .findOne();
  }

  private record Known(String id, boolean marked) {}
}
