package io.howdah.archive;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/** How two objects with one SOP Instance UID differ; comes with the dicom package. */
final class ConflictReport {
  private ConflictReport() {}

  static ObjectNode of(Path a, Path b) {
    return JsonNodeFactory.instance.objectNode();
  }
}
