package io.howdah.pacsupload;

import java.util.Collection;
import java.util.Map;

/** Another system's worklist.db, which is only read. Safe for use by many threads. */
public interface Worklist {
  /**
   * The source message ids of those accession numbers that have one.
   *
   * @throws PacsUnavailable when the database does not answer
   */
  Map<String, String> messageIds(Collection<String> accessions);

  /** What is the matter with the database, as the last use of it found. */
  PacsCondition condition();
}
