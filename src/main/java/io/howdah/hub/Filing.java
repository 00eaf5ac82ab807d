package io.howdah.hub;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.dicom.DataSet;
import io.howdah.dicom.Defect;
import io.howdah.dicom.DicomReader;
import io.howdah.dicom.Header;
import io.howdah.dicom.Uids;
import io.howdah.disk.CrashPoint;
import io.howdah.disk.Disk;
import io.howdah.disk.StorageUnavailable;
import io.howdah.quarantine.Quarantine;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings received uploads into PACS-lite: verified, published, recorded, and only then
 * acknowledged. Each step may be done twice. One process is the hub of a folder, so that what
 * happens at the same time happens in this object; safe for use by many threads.
 */
public final class Filing {
  private static final Logger LOG = LoggerFactory.getLogger(Filing.class);
  private static final int AT_ONCE = 1000;
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final int LONGEST_VALUE = 1024;

  private final Settings settings;
  private final Uploads uploads;
  private final UploadFiles files;
  private final PacsLite pacs;
  private final Quarantine aside;
  private final HubMeter meter;
  private final InstantSource clock;
  private final DicomReader reader = new DicomReader();
  private final Map<String, Long> working = new ConcurrentHashMap<>();

  /**
   * @param aside where rejected bytes are kept
   */
  public Filing(
      Settings settings,
      Uploads uploads,
      UploadFiles files,
      PacsLite pacs,
      Quarantine aside,
      HubMeter meter,
      InstantSource clock) {
    this.settings = settings;
    this.uploads = uploads;
    this.files = files;
    this.pacs = pacs;
    this.aside = aside;
    this.meter = meter;
    this.clock = clock;
  }

  /** Received uploads that nobody is working on. */
  public List<String> due() {
    return uploads.toFile(AT_ONCE, clock.instant()).stream()
        .filter(id -> !working.containsKey(id))
        .toList();
  }

  /** Takes an upload to work on; null when there is nothing to do. */
  public HubUpload claim(String uploadId) {
    if (working.putIfAbsent(uploadId, System.nanoTime()) != null) {
      return null;
    }
    try {
      Optional<HubUpload> upload =
          uploads.find(uploadId).filter(one -> one.state() == UploadState.RECEIVED);
      if (upload.isEmpty()) {
        working.remove(uploadId);
      }
      return upload.orElse(null);
    } catch (StorageUnavailable e) {
      working.remove(uploadId);
      throw e;
    }
  }

  /**
   * Judges the bytes of an upload.
   *
   * @throws IOException when the disk refused
   */
  public Judged verify(HubUpload upload) throws IOException {
    AnnouncedFile announced = upload.announced();
    Path file = files.file(upload.uploadId());
    String sha256;
    if (announced.encoding().isPresent()) {
      Path plain = files.unpacked(upload.uploadId());
      Optional<String> digest = Unpacking.unpack(file, plain, announced.size());
      CrashPoint.HUB_UNPACKED.reached();
      if (digest.isEmpty()) {
        return rejected(upload, Verdict.BAD_ENCODING, file, "");
      }
      file = plain;
      sha256 = digest.get();
    } else {
      sha256 = digest(upload.uploadId(), file);
    }
    if (!sha256.equals(announced.sha256())) {
      return rejected(upload, Verdict.CHECKSUM_MISMATCH, file, sha256);
    }
    if (Files.size(file) != announced.size()) {
      return rejected(upload, Verdict.SIZE_MISMATCH, file, sha256);
    }
    Optional<Image> image = image(reader.header(file), announced);
    if (image.isEmpty()) {
      return rejected(upload, Verdict.NOT_DICOM, file, sha256);
    }
    if (announced.studyUid().map(uid -> !uid.equals(image.get().studyUid())).orElse(false)) {
      return rejected(upload, Verdict.STUDY_MISMATCH, file, sha256);
    }
    CrashPoint.HUB_VERIFIED.reached();
    return new Judged.Verified(upload, file, image.get());
  }

  private String digest(String uploadId, Path file) throws IOException {
    Optional<String> known = files.digest(uploadId);
    return known.isPresent() ? known.get() : Disk.sha256(file);
  }

  private static Judged.Rejected rejected(
      HubUpload upload, Verdict verdict, Path file, String sha256) {
    ObjectNode reason =
        JsonNodeFactory.instance
            .objectNode()
            .put("code", verdict.name())
            .put("message", verdict.sentence())
            .put("upload_id", upload.uploadId())
            .put("session_id", upload.announced().sessionId());
    return new Judged.Rejected(upload, verdict, file, sha256, reason);
  }

  private static Optional<Image> image(Header header, AnnouncedFile announced) {
    boolean readable =
        header.preamble()
            && header.transferSyntax() != null
            && header.defects().stream().noneMatch(d -> d.severity() == Defect.Severity.FATAL);
    if (!readable) {
      return Optional.empty();
    }
    DataSet dataSet = header.dataSet();
    Map<Attribute, String> attributes = new EnumMap<>(Attribute.class);
    for (Attribute attribute : Attribute.values()) {
      String value = dataSet.string(attribute.tag());
      if (value != null) {
        attributes.put(attribute, storable(value));
      }
    }
    for (Attribute uid :
        List.of(
            Attribute.STUDY_UID,
            Attribute.SERIES_UID,
            Attribute.SOP_INSTANCE_UID,
            Attribute.SOP_CLASS_UID)) {
      if (!attributes.containsKey(uid) || !Uids.isSafe(attributes.get(uid))) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new Image(
            attributes.get(Attribute.STUDY_UID),
            attributes.get(Attribute.SERIES_UID),
            attributes.get(Attribute.SOP_INSTANCE_UID),
            attributes.get(Attribute.SOP_CLASS_UID),
            header.transferSyntax().uid(),
            announced.size(),
            announced.sha256(),
            attributes));
  }

  /** PostgreSQL takes no NUL, and no value needs to be longer than this to be found. */
  private static String storable(String value) {
    String plain = value.replace("\0", "");
    return plain.substring(0, Math.min(LONGEST_VALUE, plain.length()));
  }

  /**
   * Publishes a verified image, durable when this returns.
   *
   * @throws IOException when the disk refused
   */
  public Judged publish(Judged judged) throws IOException {
    if (!(judged instanceof Judged.Verified verified)) {
      return judged;
    }
    try {
      pacs.publish(verified.file(), verified.image());
    } catch (FileAlreadyExistsException e) {
      return conflict(verified.upload(), verified.file(), verified.image());
    }
    return new Judged.Published(verified.upload(), verified.file(), verified.image());
  }

  private static Judged.Rejected conflict(HubUpload upload, Path file, Image image) {
    Judged.Rejected rejected = rejected(upload, Verdict.UID_CONFLICT, file, image.sha256());
    rejected.reason().put("sop_instance_uid", image.sopInstanceUid());
    return rejected;
  }

  /**
   * Records what became of an upload, acknowledging it if all went well, and lets its waiting bytes
   * go.
   *
   * @throws IOException when the disk refused
   */
  public void record(Judged judged) throws IOException {
    HubUpload upload = judged.upload();
    if (judged instanceof Judged.Published published) {
      Uploads.Filed filed = uploads.file(upload, published.image(), clock.instant());
      if (filed instanceof Uploads.Filed.Acknowledged acknowledged) {
        CrashPoint.HUB_RECORDED.reached();
        LOG.info(
            "upload acknowledged upload={} session={} image={} bytes={}",
            upload.uploadId(),
            upload.announced().sessionId(),
            acknowledged.instanceId(),
            published.image().size());
        done(upload.uploadId(), true);
        return;
      }
      pacs.retract(published.file(), published.image());
      reject(conflict(upload, published.file(), published.image()));
    } else if (judged instanceof Judged.Rejected rejected) {
      reject(rejected);
    }
  }

  private void reject(Judged.Rejected rejected) throws IOException {
    String id = rejected.upload().uploadId();
    if (rejected.verdict().isKept()) {
      aside.hold(id, rejected.file(), rejected.sha256(), rejected.reason());
    }
    uploads.move(
        id,
        UploadState.RECEIVED,
        UploadState.REJECTED,
        Optional.of(rejected.verdict().name()),
        clock.instant());
    CrashPoint.HUB_REJECTED.reached();
    meter.rejected(rejected.verdict());
    LOG.warn("upload rejected upload={} code={}", id, rejected.verdict());
    done(id, false);
  }

  private void done(String uploadId, boolean acknowledged) throws IOException {
    files.remove(uploadId);
    CrashPoint.HUB_PART_REMOVED.reached();
    Long began = working.remove(uploadId);
    if (acknowledged && began != null) {
      meter.acknowledged(System.nanoTime() - began);
    }
  }

  /**
   * An attempt failed: trouble with our own disk or database costs an upload nothing but time; one
   * that keeps breaking the program is rejected, its bytes kept.
   */
  public void giveBack(HubUpload upload, Throwable failure) throws IOException {
    String id = upload.uploadId();
    boolean ours = failure instanceof IOException || failure instanceof StorageUnavailable;
    LOG.warn("upload not filed upload={} cause={}", id, String.valueOf(failure));
    try {
      if (failure instanceof NoSuchFileException) {
        reject(rejected(upload, Verdict.BYTES_LOST, files.file(id), ""));
      } else if (!ours && upload.attempts() + 1 >= settings.work().maxAttempts()) {
        Path file = files.file(id);
        reject(rejected(upload, Verdict.INTERNAL, file, Disk.sha256(file)));
      } else {
        uploads.putOff(id, !ours, clock.instant().plus(PAUSE), clock.instant());
      }
    } finally {
      working.remove(id);
    }
  }

  /** Uploads being worked on. */
  Set<String> working() {
    return Set.copyOf(working.keySet());
  }
}
