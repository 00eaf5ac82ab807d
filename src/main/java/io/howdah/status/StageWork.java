package io.howdah.status;

import java.util.List;

/** The work of one stage, as its routes ask for it. Safe for use by many threads. */
public final class StageWork {
  private final Work work;
  private final Stage stage;

  StageWork(Work work, Stage stage) {
    this.work = work;
    this.stage = stage;
  }

  /** Takes a study for this stage; null when another worker has it or it is not its turn. */
  public Claim claim(String studyId) {
    return work.claim(studyId, stage);
  }

  /** What the sweep found for this stage. */
  public List<String> due() {
    return work.due(stage);
  }
}
