package io.howdah.batch;

import io.howdah.dicom.DataSet;
import io.howdah.dicom.DicomReader;
import io.howdah.dicom.Header;
import io.howdah.dicom.Tag;
import io.howdah.dicom.Uids;
import io.howdah.disk.CrashPoint;
import io.howdah.settings.Destination;
import io.howdah.settings.Match;
import io.howdah.settings.Settings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out where an archived instance belongs. Doing it twice is harmless. Safe for use by many
 * threads.
 */
public final class Arrivals {
  private static final Logger LOG = LoggerFactory.getLogger(Arrivals.class);
  private static final int AT_ONCE = 1_000;

  private final Settings settings;
  private final Batches batches;
  private final DicomReader reader = new DicomReader();

  public Arrivals(Settings settings, Batches batches) {
    this.settings = settings;
    this.batches = batches;
  }

  /**
   * The destinations of an archived file, one arrival for each; null when there is nothing to do,
   * as for the gateway's own synthetic objects.
   *
   * @throws IOException when the archive cannot be read
   */
  public List<Arrival> of(String studyId) throws IOException {
    if (settings.destinations().isEmpty()) {
      return null;
    }
    Optional<ArchivedFile> found = batches.archived(studyId);
    if (found.isEmpty()) {
      return null;
    }
    ArchivedFile file = found.get();
    if (Uids.HOWDAH_CANARY.equals(file.studyUid())) {
      batches.leaveOut(studyId);
      return null;
    }
    String path = studyId + "/" + settings.archive().fileNameOf(studyId);
    Header header = reader.header(settings.archive().path().resolve(path));
    if (!isSendable(header, file)) {
      LOG.error("archived file left out study={}: it does not say what it is", studyId);
      batches.leaveOut(studyId);
      return null;
    }
    List<Arrival> arrivals = new ArrayList<>();
    Facts facts = new Facts(file.callingAe(), header.dataSet());
    for (Destination destination : settings.destinations()) {
      if (destination.match().wants(facts)) {
        arrivals.add(
            new Arrival(
                destination.name(),
                studyId,
                file.studyUid(),
                file.seriesUid() == null ? "" : file.seriesUid(),
                file.sopInstanceUid(),
                header.dataSet().string(Tag.SOPClassUID),
                header.transferSyntax().uid(),
                header.dataSetOffset(),
                file.fileSize(),
                path));
      }
    }
    return arrivals;
  }

  private static boolean isSendable(Header header, ArchivedFile file) {
    String sopClass = header.dataSet().string(Tag.SOPClassUID);
    return header.fatal().isEmpty()
        && header.transferSyntax() != null
        && sopClass != null
        && Uids.isSafe(sopClass)
        && file.studyUid() != null
        && file.sopInstanceUid() != null;
  }

  private record Facts(String callingAe, DataSet dataSet) implements Match.Facts {
    @Override
    public List<String> values(int tag) {
      List<String> values = dataSet.strings(tag);
      return values == null ? List.of() : values;
    }
  }

  /** The file is in the batches of all its destinations. */
  public void joined(String studyId) {
    batches.joined(List.of(studyId));
    CrashPoint.BATCH_MARKED.reached();
  }

  /** What was archived and no bell announced. */
  public List<String> due() {
    if (settings.destinations().isEmpty()) {
      batches.passOverAll();
      return List.of();
    }
    int old = batches.passOverOld();
    if (old > 0) {
      LOG.warn(
          "archived files left out count={}: archived longer than howdah.batch.look-back ago", old);
    }
    return batches.unbatched(AT_ONCE);
  }
}
