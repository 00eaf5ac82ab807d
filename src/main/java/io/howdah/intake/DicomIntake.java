package io.howdah.intake;

import io.howdah.dicom.net.ReceivedFile;
import io.howdah.dicom.net.Status;
import io.howdah.dicom.net.StoreRefused;
import io.howdah.disk.CrashPoint;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Takes in what peers send by C-STORE, as durably as any upload, before their 0000. Safe for use by
 * many threads.
 */
public final class DicomIntake {
  private static final byte[] NOT_KEPT = {};

  private final Intake intake;

  public DicomIntake(Intake intake) {
    this.intake = intake;
  }

  /**
   * Makes an object durable and records it; equal bytes that were here before are no trouble.
   *
   * @return the study id it waits under, null when its bytes were known and nothing waits
   * @throws StoreRefused C000 when it cannot be anything we keep
   * @throws IOException when the disk refused: nothing was accepted
   */
  public String take(ReceivedFile file) throws IOException, StoreRefused {
    CrashPoint.INTAKE_BYTES_WRITTEN.reached();
    ArrivedFile arrived =
        new ArrivedFile(
            file.path(),
            file.object().sopInstance() + ".dcm",
            file.size(),
            file.sha256(),
            NOT_KEPT,
            file.synced());
    UploadAnswer answer =
        intake.accept(
            new Upload(
                "dicom",
                Optional.empty(),
                Optional.of(file.association().callingAe()),
                List.of(arrived)));
    TakenIn taken = answer.files().get(0);
    if (taken.refused().isPresent()) {
      throw new StoreRefused(Status.CANNOT_UNDERSTAND);
    }
    return taken.isNew() ? taken.studyId().orElseThrow() : null;
  }
}
