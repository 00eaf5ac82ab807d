package io.howdah.dicom.net;

import io.howdah.dicom.Uids;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Sends the instances of a study to one peer over as few associations as their contexts allow,
 * usually one, and tells for each exactly once what became of it. Immutable; each call opens its
 * own associations.
 */
public final class StudySender {
  private final PeerAddress peer;
  private final AssociationSettings settings;

  /** What a whole sending came to, beside the outcomes of its instances. */
  public record Sent(int associations, AssociationEnd end) {}

  /**
   * What a peer would take.
   *
   * @param contexts empty when no association came about
   */
  public record Preflight(List<NegotiatedContext> contexts, AssociationEnd end) {
    public Preflight {
      contexts = List.copyOf(contexts);
    }
  }

  /** What a query or request on an association of its own needs. */
  private interface Use<T> {
    T with(Association association);
  }

  public StudySender(PeerAddress peer, AssociationSettings settings) {
    this.peer = peer;
    this.settings = settings;
  }

  /**
   * Sends; after an association that did not end in release nothing more is tried, and the rest is
   * told {@link StoreOutcome.NotSent}.
   */
  public Sent send(Iterable<Instance> instances, StoreListener listener) {
    int associations = 0;
    AssociationEnd end = new AssociationEnd.Released();
    for (ContextPlan.Part part : ContextPlan.of(instances)) {
      if (end instanceof AssociationEnd.Released) {
        Opening opening = Association.open(peer, part.contexts(), settings);
        if (opening instanceof Opening.Opened opened) {
          associations++;
          try (Association association = opened.association()) {
            association.store(part.instances(), listener);
            end = association.release();
          }
          continue;
        }
        end = ((Opening.Failed) opening).end();
      }
      for (Instance instance : part.instances()) {
        listener.outcome(instance, new StoreOutcome.NotSent(end));
      }
    }
    return new Sent(associations, end);
  }

  /** Negotiates the contexts of these instances and sends nothing. */
  public Preflight preflight(Iterable<Instance> instances) {
    List<NegotiatedContext> contexts = new ArrayList<>();
    AssociationEnd end = new AssociationEnd.Released();
    for (ContextPlan.Part part : ContextPlan.of(instances)) {
      Opening opening = Association.open(peer, part.contexts(), settings);
      if (opening instanceof Opening.Failed failed) {
        return new Preflight(contexts, failed.end());
      }
      Association association = ((Opening.Opened) opening).association();
      contexts.addAll(association.contexts());
      end = association.release();
    }
    return new Preflight(contexts, end);
  }

  /** C-ECHO on an association of its own. */
  public Reply echo() {
    return once(Uids.Verification, Association::echo, Reply.Ended::new);
  }

  /** {@link Association#find} on an association of its own. */
  public Found find(String study, String series, Set<String> sopInstances) {
    return once(
        Uids.StudyRootQueryRetrieveInformationModelFind,
        association -> association.find(study, series, sopInstances),
        end -> new Found(new Reply.Ended(end), Set.of()));
  }

  /**
   * {@link Association#requestCommitment} on an association of its own, which stays open for {@code
   * wait} in case the report comes on it; zero for peers that report on their own.
   */
  public Reply requestCommitment(
      String transaction, List<Reference> references, OpenCommitments open, Duration wait) {
    return once(
        Uids.StorageCommitmentPushModel,
        association -> {
          Reply reply = association.requestCommitment(transaction, references);
          if (!wait.isZero() && reply instanceof Reply.Answered answered && answered.success()) {
            association.awaitReport(open, wait);
          }
          return reply;
        },
        Reply.Ended::new);
  }

  private <T> T once(
      String service, Use<T> use, java.util.function.Function<AssociationEnd, T> otherwise) {
    Opening opening = Association.open(peer, ContextPlan.service(service), settings.withWindow(1));
    if (opening instanceof Opening.Failed failed) {
      return otherwise.apply(failed.end());
    }
    try (Association association = ((Opening.Opened) opening).association()) {
      return use.with(association);
    }
  }
}
