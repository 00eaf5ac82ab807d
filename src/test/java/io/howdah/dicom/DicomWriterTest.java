package io.howdah.dicom;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.dicom.sample.SampleStudies;
import io.howdah.support.DicomFixtures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DicomWriterTest {
  private final DicomReader reader = new DicomReader();

  @ParameterizedTest
  @CsvSource({
    "1.2.840.10008.1.2,DEFINED", "1.2.840.10008.1.2,UNDEFINED",
    "1.2.840.10008.1.2.1,DEFINED", "1.2.840.10008.1.2.1,UNDEFINED",
    "1.2.840.10008.1.2.2,DEFINED", "1.2.840.10008.1.2.2,UNDEFINED",
    "1.2.840.10008.1.2.1.99,DEFINED", "1.2.840.10008.1.2.1.99,UNDEFINED",
    "1.2.840.10008.1.2.5,DEFINED", "1.2.840.10008.1.2.4.90,UNDEFINED",
  })
  void what_is_written_is_read_back(String uid, DicomWriter.Lengths lengths) throws Exception {
    TransferSyntax syntax = TransferSyntax.of(uid);
    DataSetBuilder built =
        DicomFixtures.pixels(DicomFixtures.header(1, 1), 16, 64, 1)
            .put(0x00280106, VR.US, 17)
            .put(0x00189313, VR.FD, 1.5, -2.25)
            .put(0x00280009, VR.AT, 0x00181063L)
            .put(0x00089459, VR.FL, 0.5)
            .sequence(
                Tag.RequestAttributesSequence,
                new DataSetBuilder()
                    .put(Tag.RequestedProcedureID, "P1")
                    .sequence(
                        Tag.RequestedProcedureCodeSequence,
                        new DataSetBuilder().put(Tag.CodeMeaning, "Schädel")),
                new DataSetBuilder())
            .put(0x00090010, VR.LO, "HOWDAH")
            .put(0x00091001, VR.UN, new byte[] {1, 2, 3, 4});
    if (syntax.encapsulated()) {
      built.encapsulatedPixelData(new byte[] {1, 2, 3}, new byte[10]);
    }

    byte[] file = new DicomWriter(syntax, lengths).file(built);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    Header header = reader.structure(new ByteArrayInputStream(file), digest);

    assertThat(header.defects()).isEmpty();
    assertThat(header.complete()).isTrue();
    assertThat(header.preamble()).isTrue();
    assertThat(header.length()).isEqualTo(file.length);
    assertThat(digest.digest()).isEqualTo(MessageDigest.getInstance("SHA-256").digest(file));
    assertThat(header.transferSyntax()).isEqualTo(syntax);
    assertThat(header.fileMeta().mediaStorageSOPClassUID()).isEqualTo(Uids.CTImageStorage);
    assertThat(header.fileMeta().mediaStorageSOPInstanceUID())
        .isEqualTo(DicomFixtures.instanceUid(1, 1));
    DataSet read = header.dataSet();
    assertThat(read.string(Tag.PatientName)).isEqualTo("TEST^Patient1");
    assertThat(read.strings(Tag.ImageType)).containsExactly("ORIGINAL", "PRIMARY", "AXIAL");
    assertThat(read.integer(Tag.Rows)).isEqualTo(16);
    assertThat(read.integer(Tag.InstanceNumber)).isEqualTo(1);
    assertThat(read.strings(0x00189313)).containsExactly("1.5", "-2.25");
    assertThat(read.strings(0x00280009)).containsExactly("00181063");
    assertThat(read.string(0x00089459)).isEqualTo("0.5");
    assertThat(read.element(0x00091001).bytes()).containsExactly(1, 2, 3, 4);
    List<DataSet> items = read.sequence(Tag.RequestAttributesSequence);
    assertThat(items).hasSize(2);
    assertThat(items.get(1).isEmpty()).isTrue();
    assertThat(
            items
                .get(0)
                .sequence(Tag.RequestedProcedureCodeSequence)
                .get(0)
                .string(Tag.CodeMeaning))
        .isEqualTo("Schädel");
    assertThat(header.pixelData().isEncapsulated()).isEqualTo(syntax.encapsulated());
    if (syntax.encapsulated()) {
      assertThat(header.pixelData().fragments())
          .extracting(PixelData.Fragment::length)
          .containsExactly(0L, 4L, 10L);
    } else {
      assertThat(header.pixelData().length()).isEqualTo(2048);
    }
  }

  @Test
  void a_header_alone_is_read_without_the_pixels(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("large.dcm");
    DicomFixtures.large(7, 8 << 20, file);

    Header header = reader.header(file);

    assertThat(header.defects()).isEmpty();
    assertThat(header.pixelData().length()).isEqualTo(8 << 20);
    assertThat(header.complete()).isFalse();
    assertThat(header.length()).isEqualTo(Files.size(file));
  }

  @Test
  void the_same_seed_makes_the_same_bytes_and_another_makes_another_study() {
    assertThat(DicomFixtures.study(3, 2, 1 << 13)).hasSize(2);
    assertThat(DicomFixtures.ct(3))
        .isEqualTo(DicomFixtures.ct(3))
        .isNotEqualTo(DicomFixtures.ct(4));
    SampleStudies samples = new SampleStudies(5);
    assertThat(HexFormat.of().formatHex(samples.report().files().get(0).bytes()))
        .isEqualTo(HexFormat.of().formatHex(new SampleStudies(5).report().files().get(0).bytes()));
    assertThat(samples.mr(2).studyInstanceUID())
        .isNotEqualTo(new SampleStudies(6).mr(2).studyInstanceUID());
  }

  @Test
  void sample_studies_are_sound() throws IOException {
    for (var study : new SampleStudies(1).all()) {
      for (var file : study.files()) {
        Header header = reader.structure(new ByteArrayInputStream(file.bytes()), null);
        assertThat(header.defects()).as(file.name()).isEmpty();
        assertThat(header.dataSet().string(Tag.StudyInstanceUID))
            .isEqualTo(study.studyInstanceUID());
        assertThat(header.dataSet().string(Tag.SOPInstanceUID)).isEqualTo(file.sopInstanceUID());
        assertThat(header.dataSet().string(Tag.PatientName)).startsWith("SAMPLE^");
      }
    }
  }
}
