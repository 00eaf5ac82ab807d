package io.howdah.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.howdah.dicom.Tag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What dciodvfy calls a value that its VR does not allow, we call so too. */
class DciodvfyTest {
  private static final Pattern INVALID_VALUE =
      Pattern.compile(
          "Value invalid for this VR - \\(0x([0-9a-f]{4}),0x([0-9a-f]{4})\\)(.*)",
          Pattern.CASE_INSENSITIVE);
  private static final Set<String> OF_VALUES =
      Set.of("VALUE_LENGTH", "VALUE_REPERTOIRE", "VALUE_FORM", "UID_SYNTAX", "UID_UNUSABLE");

  private static final ProfileExamination EXAMINATION =
      new ProfileExamination(Profiles.in(Path.of("no such folder")));

  @TempDir Path directory;

  @BeforeAll
  static void dciodvfyIsInstalled() throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder("dciodvfy", "-version").redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      process.waitFor();
    } catch (IOException e) {
      assumeTrue(false, "skipped: dciodvfy is not installed");
    }
  }

  private static Set<String> byDciodvfy(Path file) throws Exception {
    Process process =
        new ProcessBuilder("dciodvfy", file.toString()).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    process.waitFor();
    Set<String> tags = new TreeSet<>();
    Matcher line = INVALID_VALUE.matcher(output);
    while (line.find()) {
      // a UID of nothing but zeros is unwise, and PS3.5 §9.1 does not forbid it
      if (!line.group(3).contains("Nothing but zero")) {
        tags.add("(" + line.group(1).toUpperCase() + "," + line.group(2).toUpperCase() + ")");
      }
    }
    return tags;
  }

  private static Set<String> byUs(Path file) throws IOException {
    return EXAMINATION.examine(file).findings().stream()
        .filter(finding -> OF_VALUES.contains(finding.code()))
        .map(Finding::tag)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private record Value(int tag, String vr, String text) {}

  /**
   * Days that no calendar has and hours past 23 are ours alone: dciodvfy lets some of them pass.
   */
  @Test
  void values_made_in_code_are_judged_alike() throws Exception {
    List<Value> values =
        List.of(
            new Value(0x00080054, "AE", "STORE SCP"),
            new Value(0x00080054, "AE", "12345678901234567"),
            new Value(0x00101010, "AS", "018Y"),
            new Value(0x00101010, "AS", "18Y"),
            new Value(0x00101010, "AS", "018X"),
            new Value(0x00180015, "CS", "BREAST"),
            new Value(0x00180015, "CS", "Breast"),
            new Value(0x00180015, "CS", "BREAST-1"),
            new Value(0x00180015, "CS", "12345678901234567"),
            new Value(0x00080021, "DA", "20240229"),
            new Value(0x00080021, "DA", "2024.01.01"),
            new Value(0x00080021, "DA", "202401"),
            new Value(0x00080031, "TM", "101530.123456"),
            new Value(0x00080031, "TM", "10:15:30"),
            new Value(0x00080031, "TM", "106130"),
            new Value(0x0008002A, "DT", "20240229101530.12+0100"),
            new Value(0x0008002A, "DT", "2024-02-29"),
            new Value(0x00181110, "DS", "1000.5"),
            new Value(0x00181110, "DS", "-1.5e3"),
            new Value(0x00181110, "DS", "1,5"),
            new Value(0x00181110, "DS", "12345678901234567"),
            new Value(0x00181110, "DS", "abc"),
            new Value(0x00200012, "IS", "-12"),
            new Value(0x00200012, "IS", "1.5"),
            new Value(0x00200012, "IS", "1234567890123"),
            new Value(0x00200052, "UI", "1.2.3.4"),
            new Value(0x00200052, "UI", "1.02.3"),
            new Value(0x00200052, "UI", "1..3"),
            new Value(0x00200052, "UI", "1.2.a"),
            new Value(0x00200052, "UI", "1.2." + "3".repeat(70)),
            new Value(0x00080090, "PN", "A^B^C^D^E"),
            new Value(0x00080090, "PN", "A".repeat(65)),
            new Value(0x00080070, "LO", "x".repeat(64)),
            new Value(0x00080070, "LO", "x".repeat(66)),
            new Value(0x00080070, "LO", "x\u0007y"),
            new Value(0x00081010, "SH", "x".repeat(16)),
            new Value(0x00081010, "SH", "x".repeat(18)),
            new Value(0x00080081, "ST", "a\r\nb"),
            new Value(0x00080081, "ST", "x".repeat(1026)));
    StringBuilder different = new StringBuilder();
    for (Value value : values) {
      Path file = directory.resolve("value.dcm");
      Files.write(
          file,
          MadeObject.sound()
              .with(0x00080005, "CS", "ISO_IR 100")
              .with(value.tag(), value.vr(), value.text())
              .file());
      Set<String> theirs = byDciodvfy(file);
      Set<String> ours = byUs(file);
      if (!theirs.equals(ours)) {
        different
            .append(Tag.toString(value.tag()))
            .append(' ')
            .append(value)
            .append(": dciodvfy ")
            .append(theirs)
            .append(", we ")
            .append(ours)
            .append('\n');
      }
    }
    assertThat(different.toString()).isEmpty();
  }

  @Test
  void in_files_that_real_software_wrote_we_find_what_dciodvfy_finds() throws Exception {
    for (Path file : SharedFilesTest.files("dicom/files")) {
      assertThat(byUs(file)).as(file.getFileName().toString()).containsAll(byDciodvfy(file));
    }
  }
}
