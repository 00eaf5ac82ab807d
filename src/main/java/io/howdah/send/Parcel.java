package io.howdah.send;

/**
 * One instance of a batch that is still to be confirmed.
 *
 * @param studyId the file's own id in this gateway
 * @param path of the archived object, below the archive
 * @param doubtful it was sent before, and no valid answer came
 */
public record Parcel(
    String sopInstanceUid,
    String sopClassUid,
    String transferSyntaxUid,
    String seriesUid,
    String studyId,
    String path,
    long dataSetOffset,
    long fileSize,
    boolean doubtful) {}
