package io.howdah.dicom;

import static org.assertj.core.api.Assertions.assertThat;

import io.howdah.support.DicomFixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DifferencesTest {
  @TempDir Path folder;
  private int files;

  private Path file(DataSetBuilder built, TransferSyntax syntax) throws IOException {
    return Files.write(folder.resolve(files++ + ".dcm"), new DicomWriter(syntax).file(built));
  }

  private static DataSetBuilder image() {
    return DicomFixtures.pixels(DicomFixtures.header(1, 1), 8, 64, 1);
  }

  private Differences between(DataSetBuilder a, DataSetBuilder b) throws IOException {
    return Differences.between(
        file(a, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN),
        file(b, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN));
  }

  @Test
  void equal_files_do_not_differ() throws IOException {
    Differences differences = between(image(), image());

    assertThat(differences.fileMeta()).isEmpty();
    assertThat(differences.dataSet()).isEmpty();
    assertThat(differences.isOfFileMetaOnly()).isTrue();
  }

  @Test
  void each_difference_names_its_place_and_no_value() throws IOException {
    Differences differences =
        between(
            image()
                .put(Tag.PatientID, "SECRET1")
                .put(Tag.BodyPartExamined, "HEAD")
                .put(0x00280106, VR.US, 5)
                .sequence(
                    Tag.RequestAttributesSequence,
                    new DataSetBuilder().put(Tag.RequestedProcedureID, "SECRET2"),
                    new DataSetBuilder().put(Tag.RequestedProcedureID, "same")),
            DicomFixtures.pixels(image(), 8, 64, 2)
                .put(Tag.PatientID, "SECRET3")
                .put(Tag.StationName, "X")
                .put(0x00280106, VR.SS, 5)
                .sequence(
                    Tag.RequestAttributesSequence,
                    new DataSetBuilder().put(Tag.RequestedProcedureID, "SECRET4")));

    assertThat(differences.dataSet())
        .extracting(d -> d.path() + " " + d.kind())
        .containsExactly(
            "(0008,1010) ONLY_IN_SECOND",
            "(0010,0020) VALUE",
            "(0018,0015) ONLY_IN_FIRST",
            "(0028,0106) VR",
            "(0040,0275) ITEM_COUNT",
            "(0040,0275)[1](0040,1001) VALUE",
            "(7FE0,0010) PIXEL_DATA");
    assertThat(differences.toString()).doesNotContain("SECRET").doesNotContain("HEAD");
    assertThat(differences.complete()).isTrue();
  }

  @Test
  void the_same_object_in_another_transfer_syntax_differs_in_its_file_meta_only()
      throws IOException {
    DataSetBuilder object = image().put(0x00189313, VR.FD, 1.25).put(Tag.PatientName, "Jérôme");
    Path plain = file(object, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN);
    for (TransferSyntax other :
        new TransferSyntax[] {
          TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN,
          TransferSyntax.EXPLICIT_VR_BIG_ENDIAN,
          TransferSyntax.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN
        }) {
      Differences differences = Differences.between(plain, file(object, other));

      assertThat(differences.dataSet()).as(other.uid()).isEmpty();
      assertThat(differences.isOfFileMetaOnly()).isTrue();
      assertThat(differences.fileMeta())
          .extracting(Difference::path)
          .containsExactly("(0002,0010)");
    }
  }

  @Test
  void encapsulated_pixels_are_compared_by_their_bytes() throws IOException {
    TransferSyntax rle = TransferSyntax.of(Uids.RLELossless);
    Path one = file(image().encapsulatedPixelData(new byte[10], new byte[] {1, 2}), rle);
    Path same = file(image().encapsulatedPixelData(new byte[10], new byte[] {1, 2}), rle);
    Path other = file(image().encapsulatedPixelData(new byte[10], new byte[] {1, 3}), rle);

    assertThat(Differences.between(one, same).dataSet()).isEmpty();
    assertThat(Differences.between(one, other).dataSet())
        .extracting(Difference::kind)
        .containsExactly(Difference.Kind.PIXEL_DATA);
  }

  @Test
  void a_long_value_is_compared_though_it_is_not_in_memory() throws IOException {
    byte[] lut = new byte[2 << 20];
    byte[] changed = lut.clone();
    changed[lut.length - 1] = 1;
    int tag = 0x00091001;

    assertThat(between(image().put(tag, VR.OB, lut), image().put(tag, VR.OB, lut)).dataSet())
        .isEmpty();
    assertThat(between(image().put(tag, VR.OB, lut), image().put(tag, VR.OB, changed)).dataSet())
        .extracting(Difference::path)
        .containsExactly("(0009,1001)");
  }

  @Test
  void more_differences_than_the_limit_are_not_listed() throws IOException {
    DataSetBuilder many = image();
    for (int i = 0; i < Differences.MAX + 10; i++) {
      many.put(0x00091000 + i, VR.LO, "x");
    }

    Differences differences = between(image(), many);

    assertThat(differences.dataSet()).hasSize(Differences.MAX);
    assertThat(differences.complete()).isFalse();
  }

  @Test
  void a_truncated_file_is_compared_as_far_as_it_goes() throws IOException {
    Path whole = file(image(), TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN);
    byte[] bytes = Files.readAllBytes(whole);
    Path part = Files.write(folder.resolve("part.dcm"), java.util.Arrays.copyOf(bytes, 700));

    Differences differences = Differences.between(whole, part);

    assertThat(differences.complete()).isFalse();
    assertThat(differences.dataSet())
        .isNotEmpty()
        .allMatch(d -> d.kind() == Difference.Kind.ONLY_IN_FIRST);
  }
}
