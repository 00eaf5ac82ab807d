package io.howdah.archive;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.dicom.Difference;
import io.howdah.dicom.Differences;
import io.howdah.dicom.Tag;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * How an object differs from the archived one of the same SOP Instance UID: in what respect, and at
 * which tags, without any value.
 */
final class ConflictReport {
  /** So many tags of the data set, and as many of the file meta information, are listed. */
  static final int LISTED = 200;

  private static final String TRANSFER_SYNTAX = Tag.toString(Tag.TransferSyntaxUID);

  private ConflictReport() {}

  /** In what respect two objects differ; the names are part of the report. */
  enum Kind {
    ENCODING_ONLY("every element is equal; only padding, lengths or the preamble differ"),
    FILE_META_ONLY("the data sets are equal; the file meta information differs"),
    TRANSFER_SYNTAX_ONLY(
        "the headers are equal; the data sets are in different transfer syntaxes (pixel data is not decoded to compare it)"),
    HEADER_ONLY("the pixel data is equal; other elements differ"),
    PIXEL_DATA_ONLY("the pixel data differs, and nothing else"),
    HEADER_AND_PIXEL_DATA("the pixel data and other elements differ"),
    UNREADABLE("one of the two cannot be read to its end, so they were compared only in part");

    private final String sentence;

    Kind(String sentence) {
      this.sentence = sentence;
    }
  }

  /**
   * Compares two files.
   *
   * @throws IOException when the disk cannot be read
   */
  static ObjectNode of(Path archived, Path other) throws IOException {
    Differences differences = Differences.between(archived, other);
    Kind kind = kind(differences);
    ObjectNode report =
        JsonNodeFactory.instance
            .objectNode()
            .put("kind", kind.name())
            .put("message", kind.sentence)
            .put("complete", differences.complete());
    list(differences.fileMeta(), report, "file_meta");
    list(differences.dataSet(), report, "data_set");
    return report;
  }

  private static Kind kind(Differences differences) {
    boolean pixels = differences.dataSet().stream().anyMatch(ConflictReport::isOfPixels);
    boolean header = !differences.dataSet().stream().allMatch(ConflictReport::isOfPixels);
    boolean syntax =
        differences.fileMeta().stream().anyMatch(one -> one.path().equals(TRANSFER_SYNTAX));
    if (!differences.complete() && differences.dataSet().size() < Differences.MAX) {
      return Kind.UNREADABLE;
    }
    if (header) {
      return pixels ? Kind.HEADER_AND_PIXEL_DATA : Kind.HEADER_ONLY;
    }
    if (syntax) {
      return Kind.TRANSFER_SYNTAX_ONLY;
    }
    if (pixels) {
      return Kind.PIXEL_DATA_ONLY;
    }
    return differences.fileMeta().isEmpty() ? Kind.ENCODING_ONLY : Kind.FILE_META_ONLY;
  }

  private static boolean isOfPixels(Difference one) {
    return one.kind() == Difference.Kind.PIXEL_DATA || one.path().startsWith("(7FE0,");
  }

  private static void list(List<Difference> differences, ObjectNode report, String name) {
    ArrayNode list = report.putArray(name);
    differences.stream()
        .limit(LISTED)
        .forEach(
            one ->
                list.addObject()
                    .put("tag", one.path())
                    .put("keyword", one.keyword())
                    .put("difference", name(one.kind())));
    if (differences.size() > LISTED) {
      report.put(name + "_not_listed", differences.size() - LISTED);
    }
  }

  private static String name(Difference.Kind kind) {
    return switch (kind) {
      case ONLY_IN_FIRST -> "only in the archived object";
      case ONLY_IN_SECOND -> "only in the other object";
      case VR -> "another VR";
      case VALUE -> "another value";
      case ITEM_COUNT -> "another number of items";
      case PIXEL_DATA -> "other pixel data";
      case NOT_COMPARED -> "not compared";
    };
  }
}
