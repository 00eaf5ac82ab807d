package io.howdah.dicom.net;

import java.io.IOException;

/** Hears of modality performed procedure steps (PS3.4 §F.7). Called by many threads. */
public interface ProcedureSteps {
  /** The longest data set of a step; a longer one is answered 0213. */
  int MAX_BYTES = 1024 * 1024;

  /**
   * A step has begun (N-CREATE).
   *
   * @param dataSet in {@code transferSyntax}, without meta information
   * @return the status for the peer: {@link Status#SUCCESS}, {@link Status#DUPLICATE_INSTANCE} …
   * @throws IOException our own trouble: the peer is told 0110
   */
  int create(AssociationInfo association, String sopInstance, String transferSyntax, byte[] dataSet)
      throws IOException;

  /**
   * A step goes on or has ended (N-SET).
   *
   * @return the status for the peer: {@link Status#SUCCESS}, {@link Status#NO_SUCH_INSTANCE} …
   * @throws IOException our own trouble: the peer is told 0110
   */
  int set(AssociationInfo association, String sopInstance, String transferSyntax, byte[] dataSet)
      throws IOException;
}
