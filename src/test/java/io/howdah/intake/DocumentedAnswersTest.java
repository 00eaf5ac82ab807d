package io.howdah.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/http.md lists every answer that POST /upload and /status refuse something with. */
class DocumentedAnswersTest {
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d{3}) \\| ([^|]+) \\|");
  private static final Pattern CODE = Pattern.compile("`([A-Z_]+)`");
  private static final Pattern PROBLEM =
      Pattern.compile("problem\\(\\s*(\\d{3}),\\s*\"([A-Z_]+)\"");

  /** Such as {@code 400 NOT_DICOM}, of the section that begins with {@code heading}. */
  private static Set<String> documented(String heading) throws IOException {
    String text = Files.readString(Path.of("docs/http.md"));
    String section = text.substring(text.indexOf(heading));
    int end = section.indexOf("\n## ", heading.length());
    Set<String> rows = new TreeSet<>();
    for (MatchResult row :
        ROW.matcher(end < 0 ? section : section.substring(0, end)).results().toList()) {
      CODE.matcher(row.group(2))
          .results()
          .forEach(code -> rows.add(row.group(1) + " " + code.group(1)));
    }
    return rows;
  }

  @Test
  void every_refusal_of_an_upload_is_documented_with_its_status_and_no_other() throws IOException {
    List<String> refusals =
        Arrays.stream(UploadError.values())
            .map(error -> error.status() + " " + error.name())
            .toList();
    assertThat(documented("## POST /upload")).containsExactlyInAnyOrderElementsOf(refusals);
  }

  @Test
  void every_refusal_of_the_status_api_is_documented_with_its_status_and_no_other()
      throws IOException {
    Set<String> refusals = new TreeSet<>();
    PROBLEM
        .matcher(Files.readString(Path.of("src/main/java/io/howdah/status/StatusApi.java")))
        .results()
        .forEach(problem -> refusals.add(problem.group(1) + " " + problem.group(2)));
    assertThat(refusals).hasSizeGreaterThan(5);
    assertThat(documented("## /status")).isEqualTo(refusals);
  }
}
