package io.howdah.settings;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Where archived instances go, study by study.
 *
 * @param uri any Camel URI; may hold a password, and is never part of {@link #toString}
 * @param match which instances go there
 * @param priority 0 to 9; when all places for sending are taken, the highest is served next
 * @param retry the pauses before each further attempt; FAILED after the last
 * @param responses the destination's own reading of statuses, such as A700 → refused
 * @param verify an instance whose answer got lost is looked for (C-FIND) before it is sent again
 * @param quietPeriod a batch is complete when nothing arrived for so long
 * @param maxWait a batch is complete when it has been open for so long, whatever arrives
 */
public record Destination(
    String name,
    String uri,
    Match match,
    Late late,
    int priority,
    Windows windows,
    List<Duration> retry,
    Map<String, String> responses,
    boolean verify,
    Duration quietPeriod,
    Duration maxWait) {
  public Destination {
    retry = List.copyOf(retry);
    responses = Map.copyOf(responses);
  }

  /** True when a whole study leaves on one association. */
  public boolean isDicom() {
    return uri.startsWith("dicom:");
  }

  /** True when it is reached over HTTP. */
  public boolean isHttp() {
    return uri.startsWith("http:") || uri.startsWith("https:");
  }

  @Override
  public String toString() {
    return "Destination[" + name + "]";
  }
}
