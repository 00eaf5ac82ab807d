package io.howdah.hub;

import io.howdah.disk.CrashPoint;
import io.howdah.disk.DirectorySync;
import io.howdah.disk.Disk;
import io.howdah.disk.OwnFolder;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The filed images: {@code radiology/{study_uid}/{series_uid}/{image_uid}/original.dcm} below the
 * hub's folder. Nothing here is ever overwritten. Safe for use by many threads.
 */
public final class PacsLite {
  private static final String FILE = "original.dcm";
  private static final int KNOWN = 10_000;

  private final OwnFolder hub;
  private final Path root;
  private final Disk disk;

  /**
   * Series whose directories' names are durable, so that they need not be synced for every image.
   */
  private final Set<Path> durable = ConcurrentHashMap.newKeySet();

  /**
   * @param hub the hub's folder
   */
  public PacsLite(OwnFolder hub, Disk disk) throws IOException {
    this.hub = hub;
    this.root = hub.path().resolve("radiology");
    this.disk = disk;
    Disk.createDirectories(root);
    disk.syncDirectory(hub.path());
  }

  /** Where an image is, or will be; its UIDs are safe in paths. */
  public Path file(String studyUid, String seriesUid, String sopInstanceUid) {
    return root.resolve(studyUid).resolve(seriesUid).resolve(sopInstanceUid).resolve(FILE);
  }

  /** Where an image is, or will be. */
  Path file(Image image) {
    return file(image.studyUid(), image.seriesUid(), image.sopInstanceUid());
  }

  /**
   * Gives {@code bytes} their final name, durable when this returns; doing it twice is harmless.
   *
   * @throws FileAlreadyExistsException when other bytes have it
   */
  void publish(Path bytes, Image image) throws IOException {
    hub.checked();
    Path file = file(image);
    Path home = file.getParent();
    Disk.createDirectories(home);
    disk.link(bytes, file, image::sha256);
    CrashPoint.HUB_LINKED.reached();
    DirectorySync.syncAlone(home);
    disk.syncDirectory(home.getParent());
    syncNamesOf(home.getParent());
    CrashPoint.HUB_DIRECTORY_SYNCED.reached();
  }

  /** Makes the names of a series and its study durable, once. */
  private void syncNamesOf(Path series) throws IOException {
    if (!durable.contains(series)) {
      disk.syncDirectory(series.getParent());
      disk.syncDirectory(root);
      if (durable.size() >= KNOWN) {
        durable.clear();
      }
      durable.add(series);
    }
  }

  /** Takes back a publication whose row was refused. */
  void retract(Path bytes, Image image) throws IOException {
    Path file = file(image);
    if (Files.exists(file) && Files.isSameFile(bytes, file)) {
      Files.delete(file);
      Files.deleteIfExists(file.getParent());
    }
  }
}
