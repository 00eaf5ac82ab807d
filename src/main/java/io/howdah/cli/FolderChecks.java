package io.howdah.cli;

import io.howdah.disk.Disk;
import io.howdah.settings.Figures;
import io.howdah.settings.Role;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Looks at the folders and files of the settings: there, writable, for our eyes only, linkable,
 * with room. Leaves nothing behind.
 */
final class FolderChecks {
  private static final Duration SKEW = Duration.ofSeconds(60);

  private final Settings settings;
  private final Diagnosis diagnosis;
  private final InstantSource clock;

  FolderChecks(Settings settings, Diagnosis diagnosis, InstantSource clock) {
    this.settings = settings;
    this.diagnosis = diagnosis;
    this.clock = clock;
  }

  void check() {
    Map<String, Path> folders = new LinkedHashMap<>();
    folders.put("data", settings.data());
    folders.put("uploads", settings.intake().uploads());
    folders.put("inbox", settings.inbox().directory());
    folders.put("quarantine", settings.quarantine());
    folders.put("archive", settings.archive().path());
    Set<Path> usable = new HashSet<>();
    for (Map.Entry<String, Path> folder : folders.entrySet()) {
      if (folder(folder.getKey(), folder.getValue())) {
        usable.add(folder.getValue());
      }
    }
    if (settings.roles().contains(Role.HUB)) {
      folder("hub", settings.hub().path());
    }
    Path uploads = settings.intake().uploads();
    links(
        "archive",
        settings.archive().path(),
        usable.contains(uploads) && usable.contains(settings.archive().path()));
    links(
        "quarantine",
        settings.quarantine(),
        usable.contains(uploads) && usable.contains(settings.quarantine()));
    space();
    secrets();
  }

  /** True when the folder is there and takes files. */
  private boolean folder(String name, Path folder) {
    String about = "folder " + name;
    if (Files.notExists(folder)) {
      Path parent = there(folder);
      if (parent != null && Files.isDirectory(parent) && Files.isWritable(parent)) {
        diagnosis.ok(about, folder + " is not there yet; the first start makes it");
      } else {
        diagnosis.fail(
            about,
            folder + " is not there, and cannot be made in " + parent,
            "make it, or give this user the right to write there");
      }
      return false;
    }
    if (!Files.isDirectory(folder)) {
      diagnosis.fail(about, folder + " is no folder", "move away what is there, or name another");
      return false;
    }
    Path probe = folder.resolve(".howdah-doctor-" + ProcessHandle.current().pid());
    try {
      Disk.create(probe).close();
      skew(about, probe);
      Files.delete(probe);
    } catch (IOException e) {
      diagnosis.fail(
          about,
          "no file can be written in " + folder,
          "give user "
              + System.getProperty("user.name")
              + " the right to, and see that it is not mounted read-only");
      return false;
    }
    Optional<String> open = openTo(folder);
    if (open.isPresent() && !name.equals("inbox")) {
      diagnosis.warn(
          about,
          folder + " can be " + open.get() + " by every user of this machine",
          "chmod 750 " + folder);
    } else {
      diagnosis.ok(about, folder.toString());
    }
    return true;
  }

  /** The folder itself, or else the nearest one above it that is there. */
  private static Path there(Path folder) {
    Path there = folder.toAbsolutePath();
    while (there != null && Files.notExists(there)) {
      there = there.getParent();
    }
    return there;
  }

  /** A file system with a clock of its own makes young files look old. */
  private void skew(String about, Path probe) throws IOException {
    Instant written = Files.getLastModifiedTime(probe).toInstant();
    Duration apart = Duration.between(written, clock.instant()).abs();
    if (apart.compareTo(SKEW) > 0) {
      diagnosis.warn(
          about,
          "its file system's clock is " + apart.toSeconds() + " s from this machine's",
          "set both by the same time server");
    }
  }

  private static Optional<String> openTo(Path path) {
    try {
      Set<PosixFilePermission> rights = Files.getPosixFilePermissions(path);
      if (rights.contains(PosixFilePermission.OTHERS_WRITE)) {
        return Optional.of("written");
      }
      return rights.contains(PosixFilePermission.OTHERS_READ)
          ? Optional.of("read")
          : Optional.empty();
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  /**
   * @param usable false when a link cannot be tried, because one of them is not there yet
   */
  private void links(String name, Path folder, boolean usable) {
    Path uploads = settings.intake().uploads();
    String about = "uploads and " + name;
    Path from = uploads.resolve(".howdah-doctor-" + ProcessHandle.current().pid());
    Path to = folder.resolve(".howdah-doctor-" + ProcessHandle.current().pid() + "-link");
    try {
      if (!Disk.sameDevice(there(uploads), there(folder))) {
        diagnosis.warn(
            about,
            "they are on different devices, so that every file is copied and not only linked",
            "put both on one device");
        return;
      }
      if (!usable) {
        return;
      }
      Disk.create(from).close();
      try {
        Files.createLink(to, from);
        diagnosis.ok(about, "on one device, and it has hard links");
      } finally {
        Files.deleteIfExists(to);
        Files.delete(from);
      }
    } catch (IOException | UnsupportedOperationException e) {
      diagnosis.fail(
          about,
          "no hard link can be made between them",
          "use a file system that has hard links (ext4, xfs, btrfs, zfs, NFS)");
    }
  }

  private void space() {
    long reserve = settings.intake().diskReserve();
    Map<String, Path> folders = new LinkedHashMap<>();
    folders.put("uploads", settings.intake().uploads());
    folders.put("archive", settings.archive().path());
    folders.forEach(
        (name, folder) -> {
          String about = "space for " + name;
          try {
            long free = Disk.free(there(folder));
            String sentence = Figures.size(free) + " free, the reserve is " + Figures.size(reserve);
            if (free < reserve) {
              diagnosis.fail(
                  about,
                  sentence + ": uploads are answered 507",
                  "make room, or lower howdah.intake.disk-reserve");
            } else if (free < 2 * reserve) {
              diagnosis.warn(about, sentence, "make room before it is gone");
            } else {
              diagnosis.ok(about, sentence);
            }
          } catch (IOException e) {
            diagnosis.fail(about, "the free space cannot be read", "check the mount");
          }
        });
  }

  private void secrets() {
    secret("howdah.http.api-keys-file", settings.http().apiKeysFile());
    secret("howdah.db.password-file", settings.database().passwordFile());
    secret("howdah.dicom.tls-key-file", settings.dicom().tlsKey());
    secret("howdah.dicom.tls-key-password-file", settings.dicom().tlsKeyPasswordFile());
    secret("howdah.pacs-upload.token-file", settings.pacsUpload().token().file());
    secret(
        "howdah.sessions.key-file",
        settings.sessions().key().flatMap(Settings.Sessions.SealKey::file));
    secret("howdah.sync.hub.key-file", settings.sync().keyFile());
    secret(
        "howdah.management.users-file",
        settings
            .management()
            .usersFile()
            .or(() -> Optional.of(settings.data().resolve("management-users.properties")))
            .filter(Files::exists));
  }

  private void secret(String key, Optional<Path> file) {
    file.ifPresent(
        path -> {
          Optional<String> open = openTo(path);
          if (open.isPresent()) {
            diagnosis.warn(
                key,
                path + " can be " + open.get() + " by every user of this machine",
                "chmod 600 " + path);
          } else {
            diagnosis.ok(key, path + " " + mode(path));
          }
        });
  }

  private static String mode(Path path) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }
}
