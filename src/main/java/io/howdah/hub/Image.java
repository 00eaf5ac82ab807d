package io.howdah.hub;

import java.util.Map;

/**
 * An image as PACS-lite keeps it: its identity, and what its header says that people search for.
 *
 * @param attributes values of {@link Attribute}s, where the header has them
 */
public record Image(
    String studyUid,
    String seriesUid,
    String sopInstanceUid,
    String sopClassUid,
    String transferSyntaxUid,
    long size,
    String sha256,
    Map<Attribute, String> attributes) {
  public Image {
    attributes = Map.copyOf(attributes);
  }

  /** A header's value, or null. */
  public String value(Attribute attribute) {
    return attributes.get(attribute);
  }
}
