import io.howdah.dicom.DataSetBuilder;
import io.howdah.dicom.DicomWriter;
import io.howdah.dicom.Tag;
import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.VR;
import java.util.Random;

/** What the benchmarks send: a square secondary capture of 16-bit noise, the same for the same side. */
final class BenchImage {
  private final int side;
  private final byte[] pixels;

  BenchImage(int side) {
    this.side = side;
    this.pixels = new byte[2 * side * side];
    new Random(side).nextBytes(pixels);
  }

  /** The bytes of a Part 10 file of it. */
  byte[] file(String study, String series, String instance) {
    return new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN)
        .file(
            new DataSetBuilder()
                .put(Tag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.7")
                .put(Tag.SOPInstanceUID, instance)
                .put(Tag.StudyInstanceUID, study)
                .put(Tag.SeriesInstanceUID, series)
                .put(Tag.StudyDate, "20260115")
                .put(Tag.StudyTime, "101112")
                .put(Tag.StudyDescription, "Bench")
                .put(Tag.AccessionNumber, "BENCH")
                .put(Tag.PatientID, "BENCH")
                .put(Tag.PatientName, "Bench")
                .put(Tag.Modality, "OT")
                .put(Tag.Rows, side)
                .put(Tag.Columns, side)
                .put(Tag.BitsAllocated, 16)
                .put(Tag.BitsStored, 16)
                .put(Tag.HighBit, 15)
                .put(Tag.PixelRepresentation, 0)
                .put(Tag.SamplesPerPixel, 1)
                .put(Tag.PhotometricInterpretation, "MONOCHROME2")
                .put(Tag.PixelData, VR.OW, pixels));
  }
}
