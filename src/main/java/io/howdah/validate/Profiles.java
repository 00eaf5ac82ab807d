package io.howdah.validate;

import io.howdah.settings.BadSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The profiles of a folder, read again when a file in it changes; a change that cannot be read is
 * complained about once and leaves the profiles as they were. The built-in default applies where
 * the folder has no {@code default.yaml}. Safe for use by many threads.
 */
public final class Profiles {
  /** So often the folder is looked at, at most. */
  private static final long LOOK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int FILES = 200;
  private static final long FILE_BYTES = 1 << 20;
  private static final String DEFAULT = "default.yaml";
  private static final String BUILT_IN = "/config/validation/" + DEFAULT;
  private static final Logger LOG = LoggerFactory.getLogger(Profiles.class);

  private final Path directory;
  private final AtomicLong nextLook = new AtomicLong();
  private Map<String, String> seen;
  private volatile List<Profile> profiles;

  private Profiles(Path directory) {
    this.directory = directory;
    this.seen = fingerprints();
    List<String> complaints = new ArrayList<>();
    this.profiles = read(complaints);
    if (!complaints.isEmpty()) {
      throw new BadSettings(complaints);
    }
    nextLook.set(System.nanoTime() + LOOK_EVERY_NANOS);
  }

  /**
   * Reads the profiles in {@code directory}, which need not exist.
   *
   * @throws BadSettings with every complaint about every file, each with its line
   */
  public static Profiles in(Path directory) {
    return new Profiles(directory);
  }

  /** Those for an object of this modality and SOP class; either may be empty. */
  List<Profile> forObject(String modality, String sopClass) {
    long due = nextLook.get();
    long now = System.nanoTime();
    if (now - due >= 0 && nextLook.compareAndSet(due, now + LOOK_EVERY_NANOS)) {
      look();
    }
    return profiles.stream().filter(profile -> profile.isFor(modality, sopClass)).toList();
  }

  /** Reads the folder again if anything in it changed. */
  synchronized void look() {
    Map<String, String> found = fingerprints();
    if (found.equals(seen)) {
      return;
    }
    seen = found;
    List<String> complaints = new ArrayList<>();
    List<Profile> fresh = read(complaints);
    if (complaints.isEmpty()) {
      profiles = fresh;
      LOG.info("validation profiles read again profiles={}", fresh.size());
    } else {
      LOG.error(
          "validation profiles changed but cannot be read, the earlier ones stay in force: {}",
          String.join("; ", complaints));
    }
  }

  private Map<String, String> fingerprints() {
    Map<String, String> found = new TreeMap<>();
    for (Path file : files()) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        found.put(
            file.getFileName().toString(),
            attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey());
      } catch (IOException e) {
        found.put(file.getFileName().toString(), "unreadable");
      }
    }
    return found;
  }

  private List<Path> files() {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*.{yaml,yml}")) {
        stream.forEach(files::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    files.sort(null);
    return files;
  }

  private List<Profile> read(List<String> complaints) {
    List<Profile> read = new ArrayList<>();
    List<Path> files = files();
    if (files.size() > FILES) {
      complaints.add(directory.getFileName() + ": more than " + FILES + " profiles");
      return read;
    }
    for (Path file : files) {
      String name = file.getFileName().toString();
      try {
        if (Files.size(file) > FILE_BYTES) {
          complaints.add(name + ": a profile may have " + FILE_BYTES + " bytes at most");
          continue;
        }
        try (Reader text = Files.newBufferedReader(file)) {
          read.add(ProfileReader.read(name, text, complaints));
        }
      } catch (IOException e) {
        complaints.add(name + ": cannot be read: " + e.getClass().getSimpleName());
      }
    }
    if (files.stream().noneMatch(file -> file.getFileName().toString().equals(DEFAULT))) {
      read.add(0, builtIn(complaints));
    }
    return List.copyOf(read);
  }

  private static Profile builtIn(List<String> complaints) {
    try (InputStream in = Profiles.class.getResourceAsStream(BUILT_IN);
        Reader text = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      return ProfileReader.read(DEFAULT, text, complaints);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
