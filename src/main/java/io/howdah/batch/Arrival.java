package io.howdah.batch;

import java.util.ArrayList;
import java.util.List;

/**
 * An archived instance that belongs to a destination.
 *
 * @param studyId the file's own id in this gateway
 * @param path of the archived object, below the archive
 */
public record Arrival(
    String destination,
    String studyId,
    String studyUid,
    String seriesUid,
    String sopInstanceUid,
    String sopClassUid,
    String transferSyntaxUid,
    long dataSetOffset,
    long fileSize,
    String path) {
  /** What belongs together: one study, one destination. */
  public String key() {
    return key(studyUid, destination);
  }

  static String key(String studyUid, String destination) {
    return studyUid + "/" + destination;
  }

  /** Study and destination of a key. */
  static List<String> parts(String key) {
    int slash = key.indexOf('/');
    return new ArrayList<>(List.of(key.substring(0, slash), key.substring(slash + 1)));
  }
}
