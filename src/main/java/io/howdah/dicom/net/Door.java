package io.howdah.dicom.net;

import io.howdah.dicom.Uids;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is let in, and in which roles; decided before any message (PS3.8 §9.3.4). */
final class Door {
  private static final Logger LOG = LoggerFactory.getLogger(Door.class);

  private Door() {}

  /** Null when the caller may come in; otherwise the reason, which is logged with what to do. */
  static RejectReason refusal(
      Pdu.AssociateRequest request, InetAddress caller, ServerSettings settings) {
    String calling = request.callingAe();
    String address = caller.getHostAddress();
    if ((request.protocolVersion() & 1) == 0) {
      return RejectReason.PROTOCOL_VERSION;
    }
    if (!request.applicationContext().equals(Uids.DICOMApplicationContext)) {
      return RejectReason.APPLICATION_CONTEXT;
    }
    if (!settings.aeTitle().equals("*") && !settings.aeTitle().equals(request.calledAe())) {
      LOG.warn(
          "association refused peer={} address={} (1,1,7): it calls {}, this is {};"
              + " the setting howdah.dicom.ae-title ({}) decides",
          AeSyntax.shown(calling),
          address,
          AeSyntax.shown(request.calledAe()),
          settings.aeTitle(),
          "HOWDAH_DICOM_AE_TITLE");
      return RejectReason.CALLED_AE;
    }
    if (!AeSyntax.holds(calling)) {
      LOG.warn(
          "association refused peer={} address={} (1,1,3): its AE title is not valid",
          AeSyntax.shown(calling),
          address);
      return RejectReason.CALLING_AE;
    }
    if (!settings.peers().allows(calling, caller)) {
      LOG.warn(
          "association refused peer={} address={} (1,1,3): to allow it add {}@{} to"
              + " howdah.dicom.peers (HOWDAH_DICOM_PEERS)",
          AeSyntax.shown(calling),
          address,
          calling,
          address);
      return RejectReason.CALLING_AE;
    }
    return null;
  }

  /** The requestor may report commitments, which is the provider's part, and store as a user. */
  static List<RoleSelection> roles(List<RoleSelection> proposed) {
    List<RoleSelection> agreed = new ArrayList<>();
    for (RoleSelection each : proposed) {
      boolean reports = each.sopClass().equals(Uids.StorageCommitmentPushModel);
      agreed.add(new RoleSelection(each.sopClass(), !reports && each.scu(), reports && each.scp()));
    }
    return agreed;
  }
}
