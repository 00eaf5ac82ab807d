package io.howdah.dicom.net;

import io.howdah.dicom.Uids;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Checks an N-EVENT-REPORT of storage commitment against what was requested before a word of it is
 * believed (PS3.4 §J.3.3).
 */
final class CommitmentReport {
  private static final int ALL_COMMITTED = 1;
  private static final int SOME_FAILED = 2;

  private CommitmentReport() {}

  /** Settles the request or says why not, as a status for the answer. */
  static int take(CommandSet command, ByteBuffer dataSet, String peerAe, OpenCommitments open) {
    int type = command.us(CommandSet.EVENT_TYPE);
    if (!command.uid(CommandSet.AFFECTED_SOP_CLASS).equals(Uids.StorageCommitmentPushModel)) {
      return Status.SOP_CLASS_NOT_SUPPORTED;
    }
    if (!command
        .uid(CommandSet.AFFECTED_SOP_INSTANCE)
        .equals(Uids.StorageCommitmentPushModelInstance)) {
      return Status.NO_SUCH_INSTANCE;
    }
    if (type != ALL_COMMITTED && type != SOME_FAILED) {
      return Status.NO_SUCH_EVENT_TYPE;
    }
    try {
      SmallDataSet report = SmallDataSet.decode(dataSet);
      return settle(
          report.text(SmallDataSet.TRANSACTION),
          report.references(SmallDataSet.REFERENCED),
          type == SOME_FAILED ? report.references(SmallDataSet.FAILED) : List.of(),
          peerAe,
          open);
    } catch (ElementCursor.Malformed e) {
      return Status.MISTYPED_ARGUMENT;
    }
  }

  private static int settle(
      String transaction,
      List<Reference> committed,
      List<Reference> failed,
      String peerAe,
      OpenCommitments open) {
    OpenCommitments.Request request =
        Uids.isSafe(transaction) ? open.find(transaction).orElse(null) : null;
    if (request == null) {
      return Status.PROCESSING_FAILURE;
    }
    if (!request.peerAe().equals(peerAe)) {
      return Status.NOT_AUTHORIZED;
    }
    Set<Reference> named = new HashSet<>(committed);
    named.addAll(failed);
    Set<Reference> asked = new HashSet<>(request.references());
    if (named.isEmpty()
        || named.size() != committed.size() + failed.size()
        || !asked.containsAll(named)) {
      return Status.PROCESSING_FAILURE;
    }
    open.settle(transaction, committed, failed);
    return Status.SUCCESS;
  }
}
