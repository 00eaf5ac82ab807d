package io.howdah.dicom.net;

import java.util.List;
import java.util.Optional;

/** The commitment requests a site still waits for; implemented by whoever keeps them durably. */
public interface OpenCommitments {
  /** Nothing was ever requested. */
  OpenCommitments NONE =
      new OpenCommitments() {
        @Override
        public Optional<Request> find(String transaction) {
          return Optional.empty();
        }

        @Override
        public void settle(String transaction, List<Reference> committed, List<Reference> failed) {
          throw new IllegalStateException("nothing was requested");
        }
      };

  /**
   * What was asked, of whom.
   *
   * @param peerAe the AE title that was asked; only it may report
   */
  record Request(String peerAe, List<Reference> references) {
    public Request {
      references = List.copyOf(references);
    }
  }

  /** The request with this transaction UID, settled or not, empty when there never was one. */
  Optional<Request> find(String transaction);

  /**
   * Records a report that was checked against its request; may be called again with the same
   * report. When it returns the record is durable.
   *
   * @param committed those the peer has taken responsibility for
   * @param failed those it names as not
   */
  void settle(String transaction, List<Reference> committed, List<Reference> failed);
}
