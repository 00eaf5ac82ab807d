package io.howdah.hub;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An upload as its row has it.
 *
 * @param principal who created it, and alone may see it
 * @param code why it was rejected
 * @param instanceId its image in PACS-lite, once acknowledged
 */
public record HubUpload(
    String uploadId,
    String principal,
    UploadState state,
    AnnouncedFile announced,
    Optional<String> code,
    OptionalLong instanceId,
    int attempts,
    Instant updatedAt) {}
