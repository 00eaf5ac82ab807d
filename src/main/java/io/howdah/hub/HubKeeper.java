package io.howdah.hub;

import io.howdah.settings.Settings;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the hub's folder and rows together, and lets go of what has had its time. */
public final class HubKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(HubKeeper.class);
  private static final int AT_ONCE = 1000;

  /** A file younger than this may belong to a request that is going on. */
  private static final Duration YOUNG = Duration.ofMinutes(10);

  private final Settings.Hub settings;
  private final Uploads uploads;
  private final UploadFiles files;
  private final Path rejected;
  private final InstantSource clock;

  /**
   * @param rejected where rejected bytes are kept aside
   */
  public HubKeeper(
      Settings.Hub settings,
      Uploads uploads,
      UploadFiles files,
      Path rejected,
      InstantSource clock) {
    this.settings = settings;
    this.uploads = uploads;
    this.files = files;
    this.rejected = rejected;
    this.clock = clock;
  }

  /**
   * Ends uploads to which nothing came for their time.
   *
   * @return how many
   */
  public int expire() throws IOException {
    Instant now = clock.instant();
    int expired = 0;
    for (HubUpload upload : uploads.openSince(settings.expiry(), AT_ONCE, now)) {
      String id = upload.uploadId();
      Optional<Instant> written = files.lastWritten(id);
      if (written.isPresent() && written.get().plus(settings.expiry()).isAfter(now)) {
        uploads.touch(id, written.get());
      } else if (files.isIdle(id)
          && uploads.move(id, UploadState.OPEN, UploadState.EXPIRED, Optional.empty(), now)) {
        files.remove(id);
        expired++;
        LOG.info("upload expired upload={}", id);
      }
    }
    files.forgetIdle();
    return expired;
  }

  /**
   * Removes what a crash left: bytes of uploads that have ended, and of none; finds uploads whose
   * last byte came and whose row does not say so.
   *
   * @return how many files were removed
   */
  public int reconcile() throws IOException {
    int removed = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(files.directory())) {
      for (Path file : all) {
        String id = file.getFileName().toString().replaceFirst("\\..*", "");
        Optional<HubUpload> upload =
            TusConsumer.isUploadId(id) ? uploads.find(id) : Optional.empty();
        if (upload.isPresent() && upload.get().state() == UploadState.OPEN) {
          foundWhole(upload.get(), file);
        } else if (upload.isPresent() && upload.get().state() != UploadState.RECEIVED
            || upload.isEmpty() && isOld(file)) {
          removed += Files.deleteIfExists(file) ? 1 : 0;
        }
      }
    }
    if (removed > 0) {
      LOG.info("left over bytes removed files={}", removed);
    }
    return removed;
  }

  private void foundWhole(HubUpload upload, Path file) throws IOException {
    if (files.isIdle(upload.uploadId())
        && Files.size(file) == upload.announced().length()
        && files.offset(upload.uploadId()) == upload.announced().length()) {
      uploads.move(
          upload.uploadId(),
          UploadState.OPEN,
          UploadState.RECEIVED,
          Optional.empty(),
          clock.instant());
    }
  }

  private boolean isOld(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant().plus(YOUNG).isBefore(clock.instant());
  }

  /**
   * Lets rejected bytes go that were kept aside for their time.
   *
   * @return how many files
   */
  public int forgetRejected() throws IOException {
    List<Path> old;
    Instant before = clock.instant().minus(settings.rejectedRetention());
    try (var all = Files.list(rejected)) {
      old =
          all.filter(file -> !file.getFileName().toString().startsWith(".")) // the folder's mark
              .filter(file -> isBefore(file, before))
              .toList();
    }
    for (Path file : old) {
      Files.deleteIfExists(file);
    }
    return old.size();
  }

  private static boolean isBefore(Path file, Instant before) {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(before);
    } catch (IOException e) {
      return false; // it is gone
    }
  }
}
