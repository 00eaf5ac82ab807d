package io.howdah.disk;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How files are named in the folder where they wait while they are in process. */
public record Uploads(Path path) {
  private static final Pattern WAITING =
      Pattern.compile("([0-9a-f-]{36})\\.(?:dcm|metadata\\.json)");

  /** Where a study's bytes wait. */
  public Path file(String studyId) {
    return path.resolve(studyId + ".dcm");
  }

  /** Where what its header says waits. */
  public Path metadata(String studyId) {
    return path.resolve(studyId + ".metadata.json");
  }

  /** Where files are while they are written: nobody's until they are linked to their name. */
  public Path arriving() {
    return path.resolve(".arriving");
  }

  /** The study that a file waits for; empty when the name is none of ours. */
  public static Optional<String> studyOf(Path file) {
    Matcher name = WAITING.matcher(file.getFileName().toString());
    return name.matches() ? Optional.of(name.group(1)) : Optional.empty();
  }
}
