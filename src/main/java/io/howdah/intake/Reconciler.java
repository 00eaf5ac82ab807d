package io.howdah.intake;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.howdah.disk.Disk;
import io.howdah.disk.OwnFolder;
import io.howdah.disk.Uploads;
import io.howdah.settings.Role;
import io.howdah.settings.Settings;
import io.howdah.status.Acceptance;
import io.howdah.status.NewStudy;
import io.howdah.status.Studies;
import io.howdah.status.StudyState;
import io.howdah.status.StudyStatus;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings disk and rows together again after a crash: a whole file without a row is taken in, a copy
 * whose study has moved on is removed, temporary files of no one go. Once after the start it looks
 * through the archive as well, for studies that restored rows know nothing of. Doing it twice is
 * harmless.
 */
public final class Reconciler {
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
  private static final Duration AGE = Duration.ofMinutes(2);
  private static final Duration TEMPORARY_AGE = Duration.ofHours(1);

  /** When the bytes came. */
  private static final String WRITTEN = "lastModifiedTime";

  /** When the bytes came or a name was given or taken, whichever was last. */
  private static final String CHANGED = "unix:ctime";

  /** Studies asked for at once. */
  private static final int LOOKUP = 500;

  private final Settings settings;
  private final OwnFolder folder;
  private final OwnFolder archive;
  private final Studies studies;
  private final Inbox inbox;
  private final Disk disk;
  private final InstantSource clock;
  private final Instant started;
  private boolean first = true;
  private boolean archiveSeen;

  public Reconciler(
      Settings settings,
      OwnFolder uploads,
      OwnFolder archive,
      Studies studies,
      Inbox inbox,
      Disk disk,
      InstantSource clock) {
    this.settings = settings;
    this.folder = uploads;
    this.archive = archive;
    this.studies = studies;
    this.inbox = inbox;
    this.disk = disk;
    this.clock = clock;
    this.started = clock.instant();
  }

  /** One pass. */
  public synchronized void reconcile() throws IOException {
    boolean own = first && ownsUploads();
    first = false;
    Instant now = clock.instant();
    Uploads uploads = new Uploads(folder.checked());
    int temporary = removeTemporary(uploads.arriving(), own ? started : now.minus(TEMPORARY_AGE));
    int adopted = 0;
    int removed = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(uploads.path())) {
      for (Path file : files) {
        Optional<String> study = Uploads.studyOf(file);
        if (study.isPresent()
            && (own ? isBefore(file, WRITTEN, started) : isBefore(file, CHANGED, now.minus(AGE)))) {
          Optional<StudyStatus> status = studies.status(study.get());
          if (status.isEmpty()) {
            adopted += file.equals(uploads.file(study.get())) ? adopt(study.get(), file) : 0;
          } else if (isSafeElsewhere(study.get(), status.get().status())) {
            Files.deleteIfExists(file);
            removed++;
          }
        }
      }
    }
    if (!archiveSeen) {
      adopted += adoptArchived(uploads);
      archiveSeen = true;
    }
    int forgotten = inbox.forgetTaken();
    if (temporary + adopted + removed + forgotten > 0) {
      LOG.info(
          "reconciled temporary={} adopted={} copies={} taken={}",
          temporary,
          adopted,
          removed,
          forgotten);
    }
  }

  /**
   * True when nobody else writes to the uploads directory: then whatever has not changed since this
   * process started is what an earlier one left.
   */
  private boolean ownsUploads() {
    return settings.database().isSqlite()
        && settings.roles().containsAll(Set.of(Role.GATEWAY, Role.DESCRIPTOR));
  }

  /** A crash came between the commit and the removal of the waiting copy. */
  private boolean isSafeElsewhere(String studyId, StudyState state) {
    if (state == StudyState.ARCHIVED) {
      return Files.exists(settings.archive().objectOf(studyId));
    }
    return state.isFinal() && Files.exists(settings.quarantine().resolve(studyId + ".dcm"));
  }

  /**
   * The file is whole, since it has its final name; its sender heard nothing, so equal bytes may
   * have come again.
   */
  private int adopt(String studyId, Path file) throws IOException {
    disk.syncDirectory(file.getParent());
    NewStudy study =
        new NewStudy(
            studyId,
            "adopted",
            studyId + ".dcm",
            Files.size(file),
            Disk.sha256(file),
            Optional.empty(),
            JsonNodeFactory.instance
                .objectNode()
                .put("event", "study.uploaded")
                .put("study_id", studyId)
                .put("file_path", file.toString())
                .put("original_filename", studyId + ".dcm")
                .put("file_size", Files.size(file)));
    if (studies.accept(List.of(study)).get(0) instanceof Acceptance.Accepted) {
      LOG.warn("file without a row taken in study={}", studyId);
      return 1;
    }
    Files.delete(file);
    return 0;
  }

  /** A study that no row speaks of goes its way once more, under its study_id. */
  private int adoptArchived(Uploads uploads) throws IOException {
    int adopted = 0;
    List<String> ids = new ArrayList<>(LOOKUP);
    try (DirectoryStream<Path> homes = Files.newDirectoryStream(archive.checked())) {
      for (Path home : homes) {
        String id = home.getFileName().toString();
        if (Uploads.studyOf(uploads.file(id)).isPresent()) {
          ids.add(id);
        }
        if (ids.size() == LOOKUP) {
          adopted += adoptArchived(uploads, ids);
          ids.clear();
        }
      }
    }
    return adopted + adoptArchived(uploads, ids);
  }

  private int adoptArchived(Uploads uploads, List<String> ids) throws IOException {
    int adopted = 0;
    Set<String> known = studies.archived(ids);
    for (String id : ids) {
      Path object = settings.archive().objectOf(id);
      if (!known.contains(id)
          && Files.isRegularFile(object, NOFOLLOW_LINKS)
          && studies.status(id).isEmpty()) {
        disk.link(object, uploads.file(id), () -> Disk.sha256(object));
        adopted += adopt(id, uploads.file(id));
      }
    }
    return adopted;
  }

  private static int removeTemporary(Path directory, Instant before) throws IOException {
    int removed = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (isBefore(file, WRITTEN, before)) {
          Files.deleteIfExists(file);
          removed++;
        }
      }
    }
    return removed;
  }

  private static boolean isBefore(Path file, String attribute, Instant time) throws IOException {
    try {
      FileTime at = (FileTime) Files.getAttribute(file, attribute, NOFOLLOW_LINKS);
      return at.toInstant().isBefore(time);
    } catch (NoSuchFileException e) {
      return false; // gone meanwhile, as it should
    }
  }
}
