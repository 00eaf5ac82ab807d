package io.howdah.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.howdah.dicom.TransferSyntax;
import io.howdah.support.DicomFixtures;
import io.howdah.validate.MadeObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConflictReportTest {
  @TempDir Path directory;

  private ObjectNode report(byte[] archived, byte[] other) throws IOException {
    ObjectNode report =
        ConflictReport.of(
            Files.write(directory.resolve("archived.dcm"), archived),
            Files.write(directory.resolve("other.dcm"), other));
    assertThat(report.toString()).doesNotContain(MadeObject.CANARY).hasSizeLessThan(100_000);
    return report;
  }

  private ObjectNode againstSound(MadeObject other) throws IOException {
    return report(MadeObject.sound().file(), other.file());
  }

  @Test
  void another_value_is_told_by_its_tag_and_never_by_itself() throws IOException {
    ObjectNode report =
        againstSound(
            MadeObject.sound()
                .with(0x00100010, "PN", MadeObject.CANARY + "^Other")
                .without(0x00100040)
                .with(0x00101010, "AS", "018Y"));
    assertThat(report.get("kind").asText()).isEqualTo("HEADER_ONLY");
    assertThat(report.get("data_set").toString())
        .contains(
            "{\"tag\":\"(0010,0010)\",\"keyword\":\"PatientName\",\"difference\":\"another value\"}",
            "{\"tag\":\"(0010,0040)\",\"keyword\":\"PatientSex\",\"difference\":\"only in the archived object\"}",
            "{\"tag\":\"(0010,1010)\",\"keyword\":\"PatientAge\",\"difference\":\"only in the other object\"}");
  }

  @Test
  void each_respect_in_which_objects_differ_has_its_name() throws IOException {
    byte[] pixels = {9, 9, 9, 9};
    byte[] title = "ELSEWHERE ".getBytes(StandardCharsets.US_ASCII);
    byte[] preamble = Arrays.copyOf(new byte[] {'I', 'I', '*', 0}, 128);
    assertThat(againstSound(MadeObject.sound().preamble(preamble)).get("kind").asText())
        .isEqualTo("ENCODING_ONLY");
    assertThat(againstSound(MadeObject.sound().meta(0x00020016, "AE", title)).get("kind").asText())
        .isEqualTo("FILE_META_ONLY");
    assertThat(againstSound(MadeObject.sound().with(0x7FE00010, "OB", pixels)).get("kind").asText())
        .isEqualTo("PIXEL_DATA_ONLY");
    assertThat(
            againstSound(
                    MadeObject.sound().with(0x7FE00010, "OB", pixels).with(0x00080060, "CS", "MR"))
                .get("kind")
                .asText())
        .isEqualTo("HEADER_AND_PIXEL_DATA");
    byte[] whole = MadeObject.sound().file();
    assertThat(report(whole, Arrays.copyOf(whole, whole.length - 2)).get("kind").asText())
        .isEqualTo("UNREADABLE");
  }

  @Test
  void one_object_in_two_transfer_syntaxes_is_told_as_such() throws IOException {
    for (TransferSyntax syntax :
        new TransferSyntax[] {
          TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN,
          TransferSyntax.EXPLICIT_VR_BIG_ENDIAN,
          TransferSyntax.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
        }) {
      ObjectNode report =
          report(DicomFixtures.instance(7, 1, 2000), DicomFixtures.instance(7, 1, 2000, syntax));
      assertThat(report.get("kind").asText()).as(syntax.uid()).isEqualTo("TRANSFER_SYNTAX_ONLY");
    }
  }

  @Test
  void a_report_has_a_limit_and_says_how_much_it_leaves_out() throws IOException {
    MadeObject other = MadeObject.sound().with(0x00090010, "LO", "HOWDAH");
    for (int i = 0; i < 500; i++) {
      other.with(0x00091000 + (i & 0xFF) + (i >> 8 << 8), "LO", "X ");
    }
    ObjectNode report = againstSound(other);
    assertThat(report.get("data_set")).hasSize(ConflictReport.LISTED);
    assertThat(report.get("data_set_not_listed").asInt()).isEqualTo(301);
  }
}
