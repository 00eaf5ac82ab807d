package io.howdah.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The verdict on every file that real software wrote, pinned: a change here is a change of policy.
 */
class SharedFilesTest {
  static Path shared() {
    String home = System.getenv("HOWDAH_SHARED");
    return (home == null ? Path.of("..", "shared") : Path.of(home)).resolve("data");
  }

  /** Files below a folder of the shared data, sorted; skips the test when there are none. */
  static List<Path> files(String folder) throws IOException {
    List<Path> files = filesIfThere(folder);
    assumeTrue(!files.isEmpty(), "skipped: no shared test files beside the project");
    return files;
  }

  /** Files below a folder of the shared data, sorted; none when it is not there. */
  static List<Path> filesIfThere(String folder) throws IOException {
    Path directory = shared().resolve(folder);
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".dcm") || file.toString().endsWith(".gz"))
          .sorted()
          .toList();
    }
  }

  @Test
  void the_verdict_on_every_shared_file_is_the_pinned_one() throws IOException {
    ProfileExamination examination = new ProfileExamination(Profiles.in(Path.of("no such folder")));
    StringBuilder found = new StringBuilder();
    for (Path file : files("")) {
      Verdict verdict = examination.examine(file);
      found
          .append(shared().relativize(file))
          .append(verdict.isValid() ? " | valid | " : " | invalid | ")
          .append(
              verdict.findings().stream()
                  .map(finding -> finding.code() + finding.tag())
                  .distinct()
                  .sorted()
                  .collect(Collectors.joining(" ")))
          .append('\n');
    }
    try (InputStream pinned = getClass().getResourceAsStream("verdicts.txt")) {
      assertThat(found.toString())
          .isEqualTo(new String(pinned.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
