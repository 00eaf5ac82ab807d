package io.howdah.dicom.net;

import io.howdah.dicom.Uids;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How an association we ask for comes about, or does not (PS3.8 §7.1). */
final class Negotiation {
  private Negotiation() {}

  static Opening open(
      PeerAddress peer, List<PresentationContext> contexts, AssociationSettings settings) {
    if (contexts.isEmpty() || contexts.size() > PresentationContext.MAX) {
      throw new IllegalArgumentException(
          "an association proposes 1 to 128 contexts, not " + contexts.size());
    }
    Transport transport;
    try {
      transport =
          Transport.connect(
              new InetSocketAddress(peer.host(), peer.port()),
              settings.tcpNoDelay(),
              settings.deadlines().connect());
    } catch (AssociationEnded e) {
      return new Opening.Failed(e.end());
    }
    PduReader pdus = new PduReader(transport, settings.deadlines());
    try {
      if (peer.tls().isPresent()) {
        transport.secure(peer.tls().get(), peer.host(), true, settings.deadlines().connect());
      }
      return negotiate(peer, contexts, settings, transport, pdus);
    } catch (AssociationEnded e) {
      pdus.free();
      Farewell.after(e.end(), transport, settings.deadlines());
      return new Opening.Failed(e.end());
    }
  }

  private static Opening negotiate(
      PeerAddress peer,
      List<PresentationContext> contexts,
      AssociationSettings settings,
      Transport transport,
      PduReader pdus)
      throws AssociationEnded {
    Deadlines deadlines = settings.deadlines();
    UserInformation ours =
        new UserInformation(
            settings.maxPdu(),
            Uids.HOWDAH_IMPLEMENTATION,
            Uids.HOWDAH_VERSION_NAME,
            settings.window() > 1,
            settings.window(),
            1,
            List.of());
    transport.write(
        PduEncoder.encode(
            new Pdu.AssociateRequest(
                1,
                peer.calledAe(),
                peer.callingAe(),
                Uids.DICOMApplicationContext,
                contexts,
                ours)),
        deadlines.write());
    ByteBuffer body = pdus.next(Phase.ASSOCIATE, deadlines.associate());
    Pdu answer = PduDecoder.decode(pdus.type(), body);
    if (answer instanceof Pdu.AssociateAccept accept) {
      return new Opening.Opened(
          new Association(
              peer,
              negotiated(contexts, accept),
              granted(settings.window(), accept.user()),
              settings,
              transport,
              pdus,
              accept.user().maxPdu()));
    }
    if (answer instanceof Pdu.AssociateReject reject) {
      throw new AssociationEnded(new AssociationEnd.Rejected(reject.reason()));
    }
    if (answer instanceof Pdu.Abort abort) {
      throw new AssociationEnded(new AssociationEnd.PeerAborted(abort.source(), abort.reason()));
    }
    throw AssociationEnded.violated(
        AbortReason.UNEXPECTED_PDU, "PDU type " + pdus.type() + " as answer to A-ASSOCIATE-RQ");
  }

  /** Each proposal with its answer; the peer may answer nothing that was not asked. */
  private static List<NegotiatedContext> negotiated(
      List<PresentationContext> proposed, Pdu.AssociateAccept accept) throws AssociationEnded {
    Map<Integer, ContextResult> results = new HashMap<>();
    for (ContextResult result : accept.contexts()) {
      if (results.put(result.id(), result) != null) {
        throw invalid("presentation context answered twice");
      }
    }
    List<NegotiatedContext> contexts = new ArrayList<>();
    for (PresentationContext each : proposed) {
      contexts.add(negotiated(each, results.remove(each.id())));
    }
    if (!results.isEmpty()) {
      throw invalid("presentation context that was not proposed");
    }
    return contexts;
  }

  private static NegotiatedContext negotiated(PresentationContext proposed, ContextResult result)
      throws AssociationEnded {
    if (result == null) {
      return new NegotiatedContext(proposed, -1, "");
    }
    if (!result.accepted()) {
      return new NegotiatedContext(proposed, result.result(), "");
    }
    if (!proposed.transferSyntaxes().contains(result.transferSyntax())) {
      throw invalid("transfer syntax that was not proposed");
    }
    return new NegotiatedContext(proposed, result.result(), result.transferSyntax());
  }

  private static int granted(int asked, UserInformation peer) {
    if (asked == 1 || !peer.windowNegotiated()) {
      return 1;
    }
    return peer.invoked() == 0 ? asked : Math.min(asked, peer.invoked());
  }

  private static AssociationEnded invalid(String what) {
    return AssociationEnded.violated(AbortReason.INVALID_PARAMETER, what);
  }
}
