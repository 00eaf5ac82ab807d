package io.howdah.procedure;

import io.howdah.dicom.DataSet;
import io.howdah.dicom.Tag;
import io.howdah.dicom.Uids;
import io.howdah.dicom.net.Status;
import io.howdah.dicom.net.StepMessage;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what modalities tell of their procedure steps (MPPS, PS3.4 §F.7), above all how many
 * objects a completed one made: the evidence that a study is whole. Safe for use by many threads.
 */
public final class PerformedSteps {
  private static final Logger LOG = LoggerFactory.getLogger(PerformedSteps.class);

  private final StepLedger ledger;
  private final InstantSource clock;

  public PerformedSteps(StepLedger ledger, InstantSource clock) {
    this.ledger = ledger;
    this.clock = clock;
  }

  /** The status for the modality; what it told is durable when that is 0000. */
  public int record(StepMessage message) {
    String word = message.dataSet().string(Tag.PerformedProcedureStepStatus);
    Optional<StepState> state = word == null ? Optional.empty() : StepState.of(word);
    int status;
    if (word != null && state.isEmpty()
        || message.creation() && word != null && state.get() != StepState.IN_PROGRESS) {
      status = Status.INVALID_ATTRIBUTE_VALUE;
    } else if (message.creation()) {
      status = begun(message, word);
    } else {
      status =
          ledger
              .changed(
                  message.sopInstance(),
                  state.orElse(StepState.IN_PROGRESS),
                  instances(message.dataSet()),
                  clock.instant())
              .status();
    }
    LOG.info(
        "procedure step step={} peer={} state={} status={}",
        message.sopInstance(),
        message.association().callingAe(),
        state.map(StepState::word).orElse("-"),
        String.format("%04X", status));
    return status;
  }

  private int begun(StepMessage message, String word) {
    Set<String> studies = new LinkedHashSet<>();
    for (DataSet scheduled : message.dataSet().sequence(Tag.ScheduledStepAttributesSequence)) {
      String study = scheduled.string(Tag.StudyInstanceUID);
      if (study != null && Uids.isSafe(study)) {
        studies.add(study);
      }
    }
    // both are of type 1 (PS3.4 table F.7.2-1)
    if (studies.isEmpty() || word == null) {
      return Status.MISSING_ATTRIBUTE;
    }
    return ledger
        .begun(message.sopInstance(), studies, message.association().callingAe(), clock.instant())
        .status();
  }

  /** Images and other objects of all series; empty when no series are named. */
  private static OptionalInt instances(DataSet dataSet) {
    if (!dataSet.contains(Tag.PerformedSeriesSequence)) {
      return OptionalInt.empty();
    }
    Set<String> instances = new LinkedHashSet<>();
    for (DataSet series : dataSet.sequence(Tag.PerformedSeriesSequence)) {
      for (int kind :
          new int[] {
            Tag.ReferencedImageSequence, Tag.ReferencedNonImageCompositeSOPInstanceSequence
          }) {
        for (DataSet each : series.sequence(kind)) {
          instances.add(each.string(Tag.ReferencedSOPInstanceUID));
        }
      }
    }
    return OptionalInt.of(instances.size());
  }
}
