package io.howdah.intake;

import io.howdah.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
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
    List<ArrivedFile> files = new ArrayList<>();
    long left =
        Math.min(limits.maxRequestSize(), Math.max(RATIO_FREE, packed.size() * RATIO_LIMIT));
    try (ZipFile zip = new ZipFile(packed.path().toFile())) {
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
      return files;
    } catch (ZipException | IllegalArgumentException e) {
      discard(files);
      throw new Refused(UploadError.BAD_ZIP);
    } catch (IOException | Refused e) {
      discard(files);
      throw e;
    }
  }

  private ArrivedFile unpack(ZipFile zip, ZipEntry entry, long left) throws IOException, Refused {
    ArrivingFile file =
        new ArrivingFile(directory, entry.getName(), Math.min(left, limits.maxFileSize()));
    try (var in = zip.getInputStream(entry)) {
      file.write(in);
      return file.arrived();
    } catch (Refused e) {
      file.discard();
      throw left < limits.maxFileSize() ? new Refused(UploadError.ZIP_TOO_LARGE) : e;
    } catch (IOException | RuntimeException e) {
      file.discard();
      throw e;
    }
  }

  /** What file managers leave in ZIPs. */
  private static boolean isClutter(String name) {
    return name.startsWith("__MACOSX/") || name.endsWith(".DS_Store") || name.endsWith("Thumbs.db");
  }

  private static void discard(List<ArrivedFile> files) throws IOException {
    for (ArrivedFile file : files) {
      Files.deleteIfExists(file.path());
    }
  }
}
