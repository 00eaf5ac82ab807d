package io.howdah.dicom.net;

import java.nio.file.Path;

/**
 * An object from a peer as a whole Part 10 file in a temporary place; whoever wants to keep it
 * moves or links it before the peer is answered.
 *
 * @param sha256 lowercase hex, empty when no digest was wanted
 * @param synced whether its bytes are on the disk
 */
public record ReceivedFile(
    Path path,
    long size,
    String sha256,
    boolean synced,
    IncomingObject object,
    AssociationInfo association) {}
