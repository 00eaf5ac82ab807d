package io.howdah.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CrashPointTest {
  private static final Pattern USE = Pattern.compile("CrashPoint\\.([A-Z_]+)\\.reached\\(\\)");

  @AfterEach
  void disarm() {
    CrashPoint.arm("");
  }

  @Test
  void every_point_is_reached_by_code() throws IOException {
    Set<String> used = new TreeSet<>();
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      for (Path source : sources.filter(path -> path.toString().endsWith(".java")).toList()) {
        Matcher use = USE.matcher(Files.readString(source));
        while (use.find()) {
          used.add(use.group(1));
        }
      }
    }
    assertThat(used)
        .containsExactlyInAnyOrder(
            Arrays.stream(CrashPoint.values()).map(Enum::name).toArray(String[]::new));
  }

  @Test
  void a_name_and_a_turn_are_understood() {
    assertThat(CrashPoint.isKnown("")).isTrue();
    assertThat(CrashPoint.isKnown("INBOX_ACCEPTED")).isTrue();
    assertThat(CrashPoint.isKnown("inbox_accepted:12")).isTrue();
    for (String wrong :
        List.of("INBOX", "INBOX_ACCEPTED:", "INBOX_ACCEPTED:0", "INBOX_ACCEPTED:1:1", ":", " ")) {
      assertThat(CrashPoint.isKnown(wrong)).as(wrong).isFalse();
      assertThatIllegalArgumentException().isThrownBy(() -> CrashPoint.arm(wrong));
    }
  }

  @Test
  void a_point_whose_turn_has_not_come_ends_nothing() {
    CrashPoint.arm("INBOX_ACCEPTED:3");
    CrashPoint.INBOX_ACCEPTED.reached();
    CrashPoint.INBOX_ACCEPTED.reached();
    CrashPoint.OUTBOX_SENT.reached();
    CrashPoint.arm("");
    CrashPoint.INBOX_ACCEPTED.reached();
  }
}
