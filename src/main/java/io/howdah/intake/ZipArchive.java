package io.howdah.intake;

import io.howdah.disk.Disk;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A ZIP of DICOM files, unpacked within bounds: number of files, size of each, size of all, and at
 * most 200 times the packed size. Names inside it are text only; every file gets a name of ours.
 */
final class ZipArchive {
  private static final long RATIO_LIMIT = 200;
  private static final long RATIO_FREE = 10L * 1024 * 1024;

  private final ArrivedFile packed;
  private final Path directory;
  private final Settings.Intake limits;

  ZipArchive(ArrivedFile packed, Path directory, Settings.Intake limits) {
    this.packed = packed;
    this.directory = directory;
    this.limits = limits;
  }

  static boolean isZip(byte[] head) {
    return head.length >= 4
        && head[0] == 'P'
        && head[1] == 'K'
        && (head[2] == 3 && head[3] == 4 || head[2] == 5 && head[3] == 6);
  }

  /**
   * The files inside, in temporary files of their own; all of them or none.
   *
   * @throws Refused when it is damaged or passes a bound
   */
  List<ArrivedFile> files() throws IOException, Refused {
    ZipDirectory.of(packed.path()).check(limits.maxFiles());
    List<ArrivedFile> files = new ArrayList<>();
    boolean whole = false;
    try (ZipFile zip = open()) {
      unpack(zip, files);
      whole = true;
      return files;
    } catch (ZipException | IllegalArgumentException e) {
      throw new Refused(UploadError.BAD_ZIP);
    } finally {
      if (!whole) {
        for (ArrivedFile file : files) {
          Files.deleteIfExists(file.path());
        }
      }
    }
  }

  /** Old programs write names in the code page of their day; names are text for people only. */
  private ZipFile open() throws IOException {
    try {
      return new ZipFile(packed.path().toFile(), StandardCharsets.UTF_8);
    } catch (ZipException | IllegalArgumentException e) {
      return new ZipFile(packed.path().toFile(), StandardCharsets.ISO_8859_1);
    }
  }

  private void unpack(ZipFile zip, List<ArrivedFile> files) throws IOException, Refused {
    long left =
        Math.min(limits.maxRequestSize(), Math.max(RATIO_FREE, packed.size() * RATIO_LIMIT));
    Enumeration<? extends ZipEntry> entries = zip.entries();
    while (entries.hasMoreElements()) {
      ZipEntry entry = entries.nextElement();
      if (entry.isDirectory() || isClutter(entry.getName())) {
        continue;
      }
      if (files.size() == limits.maxFiles()) {
        throw new Refused(UploadError.TOO_MANY_FILES);
      }
      ArrivedFile file = unpack(zip, entry, left);
      files.add(file);
      left -= file.size();
      if (isZip(file.head())) {
        throw new Refused(UploadError.BAD_ZIP);
      }
    }
    if (files.isEmpty()) {
      throw new Refused(UploadError.EMPTY);
    }
  }

  private ArrivedFile unpack(ZipFile zip, ZipEntry entry, long left) throws IOException, Refused {
    if (Disk.free(directory) - Math.max(0, entry.getSize()) < limits.diskReserve()) {
      throw new Refused(UploadError.DISK_FULL);
    }
    ArrivingFile file =
        new ArrivingFile(directory, entry.getName(), Math.min(left, limits.maxFileSize()));
    boolean whole = false;
    try (CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32())) {
      file.write(in);
      if (entry.getCrc() != in.getChecksum().getValue()) {
        throw new Refused(UploadError.BAD_ZIP);
      }
      whole = true;
      return file.arrived();
    } catch (Refused e) {
      throw e.error() == UploadError.TOO_LARGE && left < limits.maxFileSize()
          ? new Refused(UploadError.ZIP_TOO_LARGE)
          : e;
    } finally {
      if (!whole) {
        file.discard();
      }
    }
  }

  /** What file managers leave in ZIPs. */
  private static boolean isClutter(String name) {
    return name.startsWith("__MACOSX/") || name.endsWith(".DS_Store") || name.endsWith("Thumbs.db");
  }
}
