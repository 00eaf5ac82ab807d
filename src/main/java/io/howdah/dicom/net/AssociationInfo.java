package io.howdah.dicom.net;

import java.net.InetAddress;

/**
 * Who is at the other end of an association that was accepted.
 *
 * @param number counts associations since the start of the process
 * @param callingAe checked against the allowed peers
 * @param implementationVersion as the peer names itself, printable characters only
 */
public record AssociationInfo(
    long number,
    String callingAe,
    String calledAe,
    InetAddress address,
    String implementationVersion) {}
