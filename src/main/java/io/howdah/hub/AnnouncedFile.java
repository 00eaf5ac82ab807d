package io.howdah.hub;

import java.util.Optional;

/**
 * What a sender says of an upload before its bytes: the seed's "metadata first".
 *
 * @param length bytes on the wire
 * @param size bytes of the original file
 * @param sha256 lowercase hex digest of the original file
 * @param encoding zstd, or nothing
 * @param metadata Upload-Metadata as it came
 */
public record AnnouncedFile(
    String sessionId,
    Optional<String> visitId,
    long radiologyOrderId,
    long length,
    long size,
    String sha256,
    Optional<String> encoding,
    Optional<String> studyUid,
    Optional<String> manifestId,
    Optional<String> filename,
    String metadata) {}
