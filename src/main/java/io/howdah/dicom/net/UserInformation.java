package io.howdah.dicom.net;

import java.util.List;

/**
 * What the two ends tell of themselves beside the contexts (PS3.7 §D.3.3, PS3.8 §D.1).
 *
 * @param maxPdu the longest P-DATA-TF body its sender takes; 0 for no limit
 * @param invoked requests the association requestor may have unanswered; 1 unless negotiated, 0 for
 *     no limit
 * @param performed the same for the acceptor's requests
 */
record UserInformation(
    long maxPdu,
    String implementationClass,
    String implementationVersion,
    boolean windowNegotiated,
    int invoked,
    int performed,
    List<RoleSelection> roles) {
  UserInformation {
    roles = List.copyOf(roles);
  }
}
