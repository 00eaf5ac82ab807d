package io.howdah.hub;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rows of PACS-lite, to be searched and shown. */
public interface PacsIndex {
  /**
   * A search (PS3.18 §10.6).
   *
   * @param modalities Modalities in Study; none: any
   * @param limit results wanted at most
   */
  record Search(
      Attribute.Level level,
      Optional<String> studyUid,
      Optional<String> seriesUid,
      List<Match> matches,
      List<String> modalities,
      int limit,
      int offset) {}

  /** A condition on an attribute (PS3.4 §C.2.2.2). */
  sealed interface Match {
    /** Which attribute. */
    Attribute attribute();

    /** One of these values. */
    record AnyOf(Attribute attribute, List<String> values) implements Match {}

    /** Text with {@code *} and {@code ?}, whatever its case. */
    record Like(Attribute attribute, String pattern) implements Match {}

    /** From one value to another, either of which may be open. */
    record Range(Attribute attribute, Optional<String> from, Optional<String> to)
        implements Match {}
  }

  /**
   * A result.
   *
   * @param values the attributes of its level and those above it
   * @param modalities of its study
   */
  record Found(
      Map<Attribute, String> values, List<String> modalities, long seriesCount, long instances) {}

  /** Results in a stable order; one more than asked for when there are more. */
  List<Found> search(Search search);

  /** An image that is stored. */
  record Stored(
      long instanceId,
      String studyUid,
      String seriesUid,
      String sopInstanceUid,
      String transferSyntaxUid,
      long size,
      String sha256,
      Instant filedAt) {}

  /** Images of a study, series or instance, in the order of their series. */
  List<Stored> stored(String studyUid, Optional<String> seriesUid, Optional<String> sopInstanceUid);

  /** The radiology orders a study's images belong to. */
  List<Long> orders(String studyUid);
}
