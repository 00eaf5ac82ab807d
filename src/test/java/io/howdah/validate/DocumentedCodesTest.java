package io.howdah.validate;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.dicom.Defect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/validation.md lists every code there is, with the severity it has. */
class DocumentedCodesTest {
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `([A-Z0-9_]+)` \\| ([a-z, ]+) \\| .+ \\|$");

  private static Map<String, String> documented() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    Matcher row = ROW.matcher(Files.readString(Path.of("docs/validation.md")));
    while (row.find()) {
      rows.put(row.group(1), row.group(2));
    }
    return rows;
  }

  @Test
  void every_code_is_documented_and_no_other() throws IOException {
    List<String> codes =
        Stream.concat(Arrays.stream(Check.values()), Arrays.stream(Defect.Code.values()))
            .map(Enum::name)
            .toList();
    assertThat(documented().keySet()).containsExactlyInAnyOrderElementsOf(codes);
  }

  @Test
  void the_documented_severity_is_the_one_in_force() throws IOException {
    Policy policy = new Policy(Profiles.in(Path.of("no such folder")).forObject("", ""));
    Map<String, String> rows = documented();
    for (Check check : Check.values()) {
      String expected =
          check.hasSeverityOfItsRule()
              ? "of its rule"
              : policy.of(check).name().toLowerCase(Locale.ROOT)
                  + (check.isFixed() ? ", always" : "");
      assertThat(rows.get(check.name())).as(check.name()).isEqualTo(expected);
    }
    List<Profile> profiles = Profiles.in(Path.of("no such folder")).forObject("", "");
    for (Defect.Code code : Defect.Code.values()) {
      String said = rows.get(code.name());
      assertThat(said.endsWith(", always"))
          .as(code.name())
          .isEqualTo(Policy.ALWAYS_ERRORS.contains(code));
      profiles.stream()
          .map(profile -> profile.severities().get(code.name()))
          .filter(Objects::nonNull)
          .forEach(
              severity ->
                  assertThat(said)
                      .as(code.name())
                      .startsWith(severity.name().toLowerCase(Locale.ROOT)));
    }
  }
}
