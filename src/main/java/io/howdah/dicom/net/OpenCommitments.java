package io.howdah.dicom.net;

import java.util.List;
import java.util.Optional;

/** The commitment requests a site still waits for; implemented by whoever keeps them durably. */
public interface OpenCommitments {
  /** Remembers no request, and so believes no report. */
  OpenCommitments NONE =
      new OpenCommitments() {
        @Override
        public void remember(String transaction, Request request) {
          // the peer's answer to the request is all that will ever be known
        }

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

  /** Keeps a request before it is made; durable when this returns. */
  void remember(String transaction, Request request);

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
