package io.howdah.cli;

import io.howdah.dicom.net.AssociationEnd;
import io.howdah.dicom.net.RejectReason;
import io.howdah.dicom.net.Reply;
import io.howdah.dicom.net.Status;
import java.util.Locale;

/** What peers say, in words. */
final class PeerWords {
  private PeerWords() {}

  static String of(AssociationEnd end) {
    if (end instanceof AssociationEnd.Rejected rejected) {
      return "the association was rejected: " + of(rejected.reason());
    }
    if (end instanceof AssociationEnd.PeerAborted aborted) {
      return "the peer aborted (source " + aborted.source() + ", reason " + aborted.reason() + ")";
    }
    if (end instanceof AssociationEnd.Violated violated) {
      return "the peer broke the protocol: " + violated.what();
    }
    if (end instanceof AssociationEnd.TimedOut timedOut) {
      return "the peer was silent for too long, phase "
          + timedOut.phase().name().toLowerCase(Locale.ROOT);
    }
    if (end instanceof AssociationEnd.Lost lost) {
      return "no connection: " + lost.what();
    }
    return end instanceof AssociationEnd.GivenUp givenUp
        ? "given up: " + givenUp.why()
        : "released";
  }

  private static String of(RejectReason reason) {
    String code = "(" + reason.result() + "," + reason.source() + "," + reason.reason() + ")";
    if (reason.equals(RejectReason.CALLING_AE)) {
      return "it does not know our AE title or address " + code + "; see --as";
    }
    if (reason.equals(RejectReason.CALLED_AE)) {
      return "it is not called that " + code;
    }
    return (reason.mayPass() ? "for now " : "for good ") + code;
  }

  static String of(Reply reply) {
    if (reply instanceof Reply.Answered answered) {
      return String.format("status %04X, %s", answered.status(), status(answered.status()));
    }
    return reply instanceof Reply.Ended ended
        ? of(ended.end())
        : "the peer does not offer this service";
  }

  /** By PS3.7 annex C and PS3.4 §B.2.3. */
  static String status(int status) {
    switch (status) {
      case Status.SUCCESS:
        return "stored";
      case 0xB000:
        return "stored, elements were changed";
      case 0xB006:
        return "stored, elements were left out";
      case 0xB007:
        return "stored, although the object does not match its class";
      case Status.DUPLICATE_INSTANCE:
        return "the peer has this instance";
      case Status.SOP_CLASS_NOT_SUPPORTED:
        return "SOP class not supported";
      case Status.NOT_AUTHORIZED:
        return "not authorized";
      case Status.UNRECOGNIZED_OPERATION:
        return "the peer does not know this operation";
      default:
        return family(status);
    }
  }

  private static String family(int status) {
    if (Status.isWarning(status)) {
      return "stored, with a warning";
    }
    return switch (status & 0xff00) {
      case 0xA700 -> "out of resources, may work later";
      case 0xA900 -> "the object does not match its class";
      default -> (status & 0xf000) == 0xC000 ? "the peer cannot make sense of it" : "failed";
    };
  }

  /** The answer to a proposed presentation context (PS3.8 §9.3.3.2). */
  static String context(int result) {
    return switch (result) {
      case 0 -> "accepted";
      case 1 -> "refused by the user";
      case 2 -> "refused without a reason";
      case 3 -> "SOP class not supported";
      case 4 -> "transfer syntax not supported";
      default -> "not answered";
    };
  }
}
