package io.howdah.describe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.disk.CrashPoint;
import io.howdah.disk.Disk;
import io.howdah.disk.Uploads;
import io.howdah.settings.Settings;
import io.howdah.status.Announcement;
import io.howdah.status.Claim;
import io.howdah.status.Outcome;
import io.howdah.status.Studies;
import io.howdah.status.StudyState;
import io.howdah.status.Work;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;

/** The describe stage: metadata.json from a valid study's header. Safe for use by many threads. */
public final class Description {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Groups that name a patient, and stay out of events unless the site wants them there. */
  private static final Set<String> IDENTIFYING =
      Set.of("patient_info", "study_info", "location_info");

  private final Settings.Events settings;
  private final Uploads uploads;
  private final Metadata metadata;
  private final Studies studies;
  private final Work work;

  public Description(Settings settings, Metadata metadata, Studies studies, Work work) {
    this.settings = settings.events();
    this.uploads = new Uploads(settings.intake().uploads());
    this.metadata = metadata;
    this.studies = studies;
    this.work = work;
  }

  /**
   * Writes metadata.json beside the waiting bytes. It is made durable by the archive stage; a crash
   * before that only makes it be written again.
   */
  public Described describe(Claim claim) throws IOException {
    CrashPoint.DESCRIBE_CLAIMED.reached();
    Path file = work.waitingFile(claim);
    Path part =
        uploads.arriving().resolve(claim.studyId() + "." + claim.fence() + ".metadata.part");
    Files.deleteIfExists(part);
    ObjectNode about =
        JSON.createObjectNode()
            .put("study_id", claim.studyId())
            .put("original_filename", claim.originalFilename())
            .put("file_size", claim.fileSize())
            .put("sha256", claim.sha256())
            .put("accepted_at", claim.acceptedAt().toString());
    about.set("validation_details", validation(claim));
    ObjectNode groups;
    try (FileChannel out = Disk.create(part)) {
      groups = metadata.write(file, about, out);
    }
    Files.move(part, uploads.metadata(claim.studyId()), StandardCopyOption.ATOMIC_MOVE);
    CrashPoint.DESCRIBE_WRITTEN.reached();
    return new Described(claim, file, groups);
  }

  /** Records that the study is described; the claim to go on with, or null. */
  public Claim record(Described described) {
    Claim claim = described.claim();
    ObjectNode groups = described.groups();
    if (!settings.patientData()) {
      groups.remove(IDENTIFYING);
    }
    ObjectNode event =
        JSON.createObjectNode()
            .put("event", "study.described")
            .put("study_id", claim.studyId())
            .put("file_path", described.file().toString());
    event.set("metadata", groups);
    event.set("validation_details", validation(claim));
    ObjectNode details = JSON.createObjectNode();
    claim
        .instance()
        .ifPresent(
            instance ->
                details
                    .put("sop_class_uid", instance.sopClassUid())
                    .put("sop_instance_uid", instance.sopInstanceUid())
                    .put("study_instance_uid", instance.studyUid()));
    Claim next =
        studies
            .finish(
                claim,
                Outcome.of(StudyState.DESCRIBED, details, new Announcement("described", event)))
            .orElse(null);
    CrashPoint.DESCRIBE_RECORDED.reached();
    return next;
  }

  private static JsonNode validation(Claim claim) {
    try {
      return claim.validation().isPresent()
          ? JSON.readTree(claim.validation().get())
          : JSON.createObjectNode();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a row holds a verdict that is not JSON", e);
    }
  }

  /** A study with the named groups of its metadata. */
  public record Described(Claim claim, Path file, ObjectNode groups) {}
}
