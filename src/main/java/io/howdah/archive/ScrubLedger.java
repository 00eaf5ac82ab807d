package io.howdah.archive;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How far the pass over the archive has come and what it found. One process at a time scrubs. Every
 * method may throw StorageUnavailable, and then nothing was changed.
 */
public interface ScrubLedger {
  /**
   * What is to be looked at next, longest unseen first; none when another process scrubs, or when
   * the pass is over and the next is not due. Between passes what is damaged is looked at again.
   */
  List<Kept> due(int limit);

  /**
   * Records what was seen of the first of those that were due; they are not due again in this pass.
   * Changes nothing when another process scrubs by now.
   *
   * @return the study_ids of those that were damaged and are no more
   */
  List<String> record(List<Look> looks);

  /** How many studies are damaged, by what is wrong; a code that none has may be left out. */
  Map<Damage, Long> damaged();

  /** An archived study as its row has it. */
  record Kept(long seq, String studyId, long size, String sha256) {}

  /**
   * What was seen of a study.
   *
   * @param damage empty when its bytes are those that were accepted
   */
  record Look(Kept kept, Optional<Damage> damage) {}
}
