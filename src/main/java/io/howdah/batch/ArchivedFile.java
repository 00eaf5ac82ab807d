package io.howdah.batch;

/**
 * An archived file that no batch knows yet.
 *
 * @param callingAe who sent it over DICOM; empty when it came another way
 */
public record ArchivedFile(
    String studyId,
    String studyUid,
    String seriesUid,
    String sopInstanceUid,
    long fileSize,
    String callingAe) {}
