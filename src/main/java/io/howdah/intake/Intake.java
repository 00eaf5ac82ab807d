package io.howdah.intake;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.dicom.Part10;
import io.howdah.disk.CrashPoint;
import io.howdah.disk.Disk;
import io.howdah.disk.StorageUnavailable;
import io.howdah.disk.Uploads;
import io.howdah.http.Answer;
import io.howdah.settings.Settings;
import io.howdah.status.Acceptance;
import io.howdah.status.NewStudy;
import io.howdah.status.Studies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes files in: durable bytes first, then their rows, then the answer. Safe for use by many
 * threads.
 */
public final class Intake {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int NAME_LIMIT = 255;

  /** Longer Idempotency-Keys are known by their digest. */
  private static final int KEY_LIMIT = 200;

  private final Settings settings;
  private final Uploads uploads;
  private final Disk disk;
  private final Studies studies;
  private final Refusals refusals;

  public Intake(Settings settings, Disk disk, Studies studies, Refusals refusals) {
    this.settings = settings;
    this.uploads = new Uploads(settings.intake().uploads());
    this.disk = disk;
    this.studies = studies;
    this.refusals = refusals;
  }

  /**
   * Makes an upload's files durable, records them, and says what became of each.
   *
   * @throws IOException when the disk refused: nothing was accepted
   */
  public UploadAnswer accept(Upload upload) throws IOException {
    List<TakenIn> taken = new ArrayList<>();
    List<NewStudy> fresh = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    List<ArrivedFile> temporary = new ArrayList<>();
    try {
      int number = 0;
      for (ArrivedFile arrived : upload.files()) {
        List<ArrivedFile> unpacked = unpacked(arrived, taken);
        temporary.addAll(unpacked);
        for (ArrivedFile file : unpacked) {
          Optional<String> key = keyOf(upload, number++);
          Optional<UploadError> unfit = unfit(file);
          if (unfit.isPresent()) {
            taken.add(TakenIn.refused(unfit.get()));
          } else {
            fresh.add(publish(file, upload, key));
            places.add(taken.size());
            taken.add(null);
          }
        }
      }
      if (!fresh.isEmpty()) {
        disk.syncDirectory(uploads.path());
        CrashPoint.INTAKE_DIRECTORY_SYNCED.reached();
        record(fresh, places, taken);
        CrashPoint.INTAKE_RECORDED.reached();
      }
      taken.forEach(file -> file.refused().ifPresent(refusals::refused));
      return new UploadAnswer(taken);
    } catch (IOException | RuntimeException e) {
      if (e instanceof StorageUnavailable storage && storage.isUndecided()) {
        LOG.warn("files without an answer are left to the reconciler files={}", fresh.size());
      } else {
        fresh.forEach(study -> drop(uploads.file(study.studyId())));
      }
      throw e;
    } finally {
      temporary.stream().map(ArrivedFile::path).forEach(Intake::drop);
    }
  }

  /** Removes a copy that is not needed; one that stays is found by the reconciler. */
  private static void drop(Path copy) {
    try {
      Files.deleteIfExists(copy);
    } catch (IOException e) {
      LOG.warn("a copy that is not needed stays for now cause={}", e.getMessage());
    }
  }

  private void record(List<NewStudy> fresh, List<Integer> places, List<TakenIn> taken) {
    List<Acceptance> answers = studies.accept(fresh);
    for (int i = 0; i < answers.size(); i++) {
      Acceptance answer = answers.get(i);
      boolean isNew = answer instanceof Acceptance.Accepted;
      if (!isNew) {
        drop(uploads.file(fresh.get(i).studyId()));
      }
      taken.set(
          places.get(i),
          answer instanceof Acceptance.KeyReused
              ? TakenIn.refused(UploadError.KEY_REUSED)
              : TakenIn.as(answer.studyId(), !isNew));
    }
  }

  /** The key of each file of an upload; a line feed, which no header holds, tells them apart. */
  private static Optional<String> keyOf(Upload upload, int number) {
    return upload
        .idempotencyKey()
        .map(key -> key.length() > KEY_LIMIT ? Disk.sha256(key) : key)
        .map(key -> number == 0 ? key : key + "\n" + number);
  }

  /** Why a file is not even tried: the cheap checks that need only its first bytes. */
  private static Optional<UploadError> unfit(ArrivedFile file) {
    if (file.size() == 0) {
      return Optional.of(UploadError.EMPTY);
    }
    String name = file.originalName().toLowerCase(Locale.ROOT);
    boolean named = name.endsWith(".dcm") || name.endsWith(".dicom");
    if (!named && !Part10.looksLikeDicom(file.head(), file.head().length)) {
      return Optional.of(UploadError.NOT_DICOM);
    }
    return Part10.isDicomdir(file.head(), file.head().length)
        ? Optional.of(UploadError.DICOMDIR)
        : Optional.empty();
  }

  private NewStudy publish(ArrivedFile file, Upload upload, Optional<String> key)
      throws IOException {
    String studyId = UUID.randomUUID().toString();
    if (!file.synced()) {
      Disk.syncFile(file.path());
    }
    CrashPoint.INTAKE_FILE_SYNCED.reached();
    Path waiting = uploads.file(studyId);
    Files.createLink(waiting, file.path());
    CrashPoint.INTAKE_LINKED.reached();
    String name = settled(file.originalName());
    ObjectNode event =
        JSON.createObjectNode()
            .put("event", "study.uploaded")
            .put("study_id", studyId)
            .put("file_path", waiting.toString())
            .put("original_filename", settings.events().patientData() ? name : studyId + ".dcm")
            .put("file_size", file.size());
    return new NewStudy(
        studyId, upload.source(), name, file.size(), file.sha256(), key, upload.callingAe(), event);
  }

  /** A sender's file name as text for people: no path, no control characters, bounded. */
  static String settled(String name) {
    String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    String clean = last.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "_");
    return clean.codePointCount(0, clean.length()) > NAME_LIMIT
        ? clean.substring(0, clean.offsetByCodePoints(0, NAME_LIMIT))
        : clean;
  }

  private List<ArrivedFile> unpacked(ArrivedFile file, List<TakenIn> taken) throws IOException {
    if (!ZipArchive.isZip(file.head())) {
      return List.of(file);
    }
    try {
      return new ZipArchive(file, uploads.arriving(), settings.intake()).files();
    } catch (Refused e) {
      taken.add(TakenIn.refused(e.error()));
      return List.of();
    }
  }

  /** The HTTP answer (contract §3): one file as the contract has it, several as a list. */
  public Answer answer(UploadAnswer answer) {
    if (answer.files().size() == 1) {
      TakenIn only = answer.files().get(0);
      return only.refused().isPresent()
          ? UploadConsumer.problem(only.refused().get())
          : Answer.json(202, json(only));
    }
    ArrayNode list = JSON.createArrayNode();
    answer.files().forEach(file -> list.add(json(file)));
    boolean any = answer.files().stream().anyMatch(file -> file.studyId().isPresent());
    int status =
        any
            ? 202
            : answer.files().stream()
                .flatMap(file -> file.refused().stream())
                .findFirst()
                .map(UploadError::status)
                .orElse(422);
    ObjectNode body = JSON.createObjectNode();
    body.put(
        "message",
        answer.accepted().size() + " of " + answer.files().size() + " files are new and accepted");
    body.set("studies", list);
    return Answer.json(status, body);
  }

  private static ObjectNode json(TakenIn file) {
    ObjectNode json = JSON.createObjectNode();
    if (file.refused().isPresent()) {
      UploadError error = file.refused().get();
      return json.put("status", "refused")
          .put("code", error.name())
          .put("message", error.sentence());
    }
    json.put("study_id", file.studyId().orElseThrow()).put("status", "accepted");
    if (file.duplicate()) {
      return json.put("message", "These bytes were accepted before, under this study_id")
          .put("duplicate", true);
    }
    return json.put("message", "File accepted for processing");
  }
}
