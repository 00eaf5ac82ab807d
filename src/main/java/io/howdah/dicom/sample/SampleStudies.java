package io.howdah.dicom.sample;

import io.howdah.dicom.DataSetBuilder;
import io.howdah.dicom.Tag;
import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.Uids;
import io.howdah.dicom.VR;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;

/**
 * Makes small studies that look like what modalities send, of people who do not exist: their names
 * begin with SAMPLE and their ids with HOWDAH. The same seed makes the same bytes.
 */
public final class SampleStudies {
  private static final String DATE = "20260115";

  private final long seed;

  public SampleStudies(long seed) {
    this.seed = seed;
  }

  /** A CT of 12 slices, an MR of 8, a secondary capture and a report. */
  public List<SampleStudy> all() {
    return List.of(ct(12), mr(8), secondaryCapture(), report());
  }

  /** A CT series of a drawn head: 512 × 512, 16 bit, about 0.5 MB a slice. */
  public SampleStudy ct(int slices) {
    List<SampleFile> files = new ArrayList<>();
    for (int i = 1; i <= slices; i++) {
      int slice = i;
      double z = slices == 1 ? 0 : -0.7 + 1.4 * (slice - 1) / (slices - 1);
      files.add(
          file(
              "ct",
              slice,
              () ->
                  image("ct", slice, Uids.CTImageStorage, 512, 512)
                      .put(Tag.ImageType, "ORIGINAL", "PRIMARY", "AXIAL")
                      .put(Tag.Modality, "CT")
                      .put(Tag.StudyDescription, "Head without contrast")
                      .put(Tag.SeriesDescription, "Axial 5 mm")
                      .put(Tag.BodyPartExamined, "HEAD")
                      .put(Tag.KVP, "120")
                      .put(Tag.ExposureTime, "1000")
                      .put(Tag.XRayTubeCurrent, "250")
                      .put(Tag.Exposure, "250")
                      .put(Tag.ConvolutionKernel, "H31s")
                      .put(Tag.SliceThickness, "5")
                      .put(Tag.SliceLocation, Integer.toString(5 * slice))
                      .put(Tag.ImagePositionPatient, "-125", "-125", Integer.toString(5 * slice))
                      .put(Tag.RescaleIntercept, "-1024")
                      .put(Tag.RescaleSlope, "1")
                      .put(Tag.RescaleType, "HU")
                      .put(Tag.WindowCenter, "40")
                      .put(Tag.WindowWidth, "80")
                      .put(Tag.PixelData, VR.OW, Phantom.head(512, z, 1024, 900, seed + slice))));
    }
    return new SampleStudy("CT, " + slices + " slices", uid("ct"), files);
  }

  /** An MR series of the same head: 256 × 256, 16 bit, in Implicit VR. */
  public SampleStudy mr(int slices) {
    List<SampleFile> files = new ArrayList<>();
    for (int i = 1; i <= slices; i++) {
      int slice = i;
      double z = slices == 1 ? 0 : -0.6 + 1.2 * (slice - 1) / (slices - 1);
      files.add(
          new SampleFile(
              name("mr", slice),
              uid("mr." + slice),
              TransferSyntax.IMPLICIT_VR_LITTLE_ENDIAN,
              () ->
                  image("mr", slice, Uids.MRImageStorage, 256, 256)
                      .put(Tag.ImageType, "ORIGINAL", "PRIMARY", "M", "SE")
                      .put(Tag.Modality, "MR")
                      .put(Tag.StudyDescription, "Brain")
                      .put(Tag.SeriesDescription, "T1 axial")
                      .put(Tag.BodyPartExamined, "BRAIN")
                      .put(Tag.ScanningSequence, "SE")
                      .put(Tag.SequenceVariant, "NONE")
                      .empty(Tag.ScanOptions)
                      .put(Tag.MRAcquisitionType, "2D")
                      .put(Tag.RepetitionTime, "550")
                      .put(Tag.EchoTime, "14")
                      .put(Tag.EchoTrainLength, "1")
                      .put(Tag.FlipAngle, "90")
                      .put(Tag.MagneticFieldStrength, "1.5")
                      .put(Tag.SliceThickness, "5")
                      .put(Tag.SpacingBetweenSlices, "6")
                      .put(Tag.SliceLocation, Integer.toString(6 * slice))
                      .put(Tag.ImagePositionPatient, "-125", "-125", Integer.toString(6 * slice))
                      .put(Tag.WindowCenter, "300")
                      .put(Tag.WindowWidth, "600")
                      .put(Tag.PixelData, VR.OW, Phantom.head(256, z, 40, 420, seed - slice))));
    }
    return new SampleStudy("MR, " + slices + " slices", uid("mr"), files);
  }

  /** A colour picture as a scanner or frame grabber makes it, with a name in UTF-8. */
  public SampleStudy secondaryCapture() {
    SampleFile file =
        file(
            "sc",
            1,
            () ->
                common("sc", 1, Uids.SecondaryCaptureImageStorage)
                    .put(Tag.SpecificCharacterSet, "ISO_IR 192")
                    .put(Tag.PatientName, "SAMPLE^Jérôme=山田^太郎=やまだ^たろう")
                    .put(Tag.Modality, "OT")
                    .put(Tag.ConversionType, "SYN")
                    .put(Tag.StudyDescription, "Colour bars")
                    .empty(Tag.PatientOrientation)
                    .empty(Tag.Laterality)
                    .put(Tag.SamplesPerPixel, 3)
                    .put(Tag.PhotometricInterpretation, "RGB")
                    .put(Tag.PlanarConfiguration, 0)
                    .put(Tag.Rows, 240)
                    .put(Tag.Columns, 320)
                    .put(Tag.BitsAllocated, 8)
                    .put(Tag.BitsStored, 8)
                    .put(Tag.HighBit, 7)
                    .put(Tag.PixelRepresentation, 0)
                    .put(Tag.PixelData, VR.OB, Phantom.colourBars(320, 240)));
    return new SampleStudy("Secondary capture", uid("sc"), List.of(file));
  }

  /** A structured report of a few sentences (Basic Text SR). */
  public SampleStudy report() {
    SampleFile file =
        file(
            "sr",
            1,
            () ->
                common("sr", 1, Uids.BasicTextSRStorage)
                    .put(Tag.Modality, "SR")
                    .put(Tag.StudyDescription, "Radiology report")
                    .put(Tag.ValueType, "CONTAINER")
                    .sequence(Tag.ConceptNameCodeSequence, code("18747-6", "LN", "CT Report"))
                    .put(Tag.ContinuityOfContent, "SEPARATE")
                    .put(Tag.CompletionFlag, "COMPLETE")
                    .put(Tag.VerificationFlag, "UNVERIFIED")
                    .empty(Tag.ReferencedPerformedProcedureStepSequence)
                    .empty(Tag.PerformedProcedureCodeSequence)
                    .sequence(
                        Tag.ContentSequence,
                        text("121071", "Finding", "The drawn head has no finding."),
                        text("121077", "Conclusion", "This person does not exist.")));
    return new SampleStudy("Structured report", uid("sr"), List.of(file));
  }

  private static DataSetBuilder text(String code, String meaning, String text) {
    return new DataSetBuilder()
        .put(Tag.RelationshipType, "CONTAINS")
        .put(Tag.ValueType, "TEXT")
        .sequence(Tag.ConceptNameCodeSequence, code(code, "DCM", meaning))
        .put(Tag.TextValue, text);
  }

  private static DataSetBuilder code(String value, String scheme, String meaning) {
    return new DataSetBuilder()
        .put(Tag.CodeValue, value)
        .put(Tag.CodingSchemeDesignator, scheme)
        .put(Tag.CodeMeaning, meaning);
  }

  private SampleFile file(
      String study, int number, java.util.function.Supplier<DataSetBuilder> dataSet) {
    return new SampleFile(
        name(study, number),
        uid(study + "." + number),
        TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN,
        dataSet);
  }

  private static String name(String study, int number) {
    return String.format(Locale.ROOT, "%s-%03d.dcm", study, number);
  }

  private String uid(String of) {
    return Uids.of(
        UUID.nameUUIDFromBytes(
            ("howdah sample " + seed + " " + of).getBytes(StandardCharsets.UTF_8)));
  }

  private DataSetBuilder common(String study, int number, String sopClass) {
    long person = Math.floorMod(new Random(seed ^ study.hashCode()).nextLong(), 9000L) + 1000;
    return new DataSetBuilder()
        .put(Tag.SpecificCharacterSet, "ISO_IR 100")
        .put(Tag.InstanceCreationDate, DATE)
        .put(Tag.InstanceCreationTime, "101500")
        .put(Tag.SOPClassUID, sopClass)
        .put(Tag.SOPInstanceUID, uid(study + "." + number))
        .put(Tag.StudyDate, DATE)
        .put(Tag.SeriesDate, DATE)
        .put(Tag.ContentDate, DATE)
        .put(Tag.StudyTime, "101112")
        .put(Tag.SeriesTime, "101112")
        .put(Tag.ContentTime, "101112")
        .put(Tag.AccessionNumber, "HWD" + person)
        .put(Tag.Manufacturer, "Howdah")
        .put(Tag.InstitutionName, "Sample Hospital")
        .put(Tag.ReferringPhysicianName, "SAMPLE^Referrer")
        .put(Tag.StationName, "SAMPLE1")
        .put(Tag.ManufacturerModelName, "Sample studies")
        .put(Tag.PatientName, "SAMPLE^" + study.toUpperCase(Locale.ROOT) + person)
        .put(Tag.PatientID, "HOWDAH-" + person)
        .put(Tag.PatientBirthDate, "19700101")
        .put(Tag.PatientSex, "O")
        .put(Tag.PatientAge, "056Y")
        .put(Tag.DeviceSerialNumber, "0")
        .put(Tag.SoftwareVersions, "1")
        .put(Tag.ProtocolName, "Sample")
        .put(Tag.StudyInstanceUID, uid(study))
        .put(Tag.SeriesInstanceUID, uid(study + " series"))
        .put(Tag.StudyID, Long.toString(person))
        .put(Tag.SeriesNumber, "1")
        .put(Tag.InstanceNumber, Integer.toString(number));
  }

  private DataSetBuilder image(String study, int number, String sopClass, int rows, int columns) {
    return common(study, number, sopClass)
        .put(Tag.PatientPosition, "HFS")
        .put(Tag.AcquisitionNumber, "1")
        .put(Tag.ImageOrientationPatient, "1", "0", "0", "0", "1", "0")
        .put(Tag.FrameOfReferenceUID, uid(study + " frame"))
        .empty(Tag.PositionReferenceIndicator)
        .put(Tag.SamplesPerPixel, 1)
        .put(Tag.PhotometricInterpretation, "MONOCHROME2")
        .put(Tag.Rows, rows)
        .put(Tag.Columns, columns)
        .put(Tag.PixelSpacing, pixelSpacing(columns), pixelSpacing(columns))
        .put(Tag.BitsAllocated, 16)
        .put(Tag.BitsStored, 12)
        .put(Tag.HighBit, 11)
        .put(Tag.PixelRepresentation, 0);
  }

  private static String pixelSpacing(int columns) {
    return Double.toString(250.0 / columns);
  }
}
