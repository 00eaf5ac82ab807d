package io.howdah.support;

import io.howdah.dicom.DataSetBuilder;
import io.howdah.dicom.DicomWriter;
import io.howdah.dicom.Tag;
import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.Uids;
import io.howdah.dicom.VR;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/**
 * DICOM objects for tests, made from a seed: the same seed gives the same bytes, another gives
 * other UIDs. Each is valid, and has every element that the contract requires.
 */
public final class DicomFixtures {
  private DicomFixtures() {}

  /** A UID that only this seed and name have. */
  public static String uid(long seed, String name) {
    return Uids.of(UUID.nameUUIDFromBytes((seed + name).getBytes(StandardCharsets.UTF_8)));
  }

  /** Study Instance UID of everything made from this seed. */
  public static String studyUid(long seed) {
    return uid(seed, "study");
  }

  /** SOP Instance UID of a study's instance, counted from 1. */
  public static String instanceUid(long seed, int number) {
    return uid(seed, "instance " + number);
  }

  /** The header of a CT instance, without pixels. */
  public static DataSetBuilder header(long seed, int number) {
    return new DataSetBuilder()
        .put(Tag.SpecificCharacterSet, "ISO_IR 100")
        .put(Tag.ImageType, "ORIGINAL", "PRIMARY", "AXIAL")
        .put(Tag.SOPClassUID, Uids.CTImageStorage)
        .put(Tag.SOPInstanceUID, instanceUid(seed, number))
        .put(Tag.StudyDate, "20260115")
        .put(Tag.SeriesDate, "20260115")
        .put(Tag.ContentDate, "20260115")
        .put(Tag.StudyTime, "101112")
        .put(Tag.SeriesTime, "101112")
        .put(Tag.ContentTime, "101112")
        .put(Tag.AccessionNumber, "ACC" + Math.floorMod(seed, 1_000_000L))
        .put(Tag.Modality, "CT")
        .put(Tag.Manufacturer, "Howdah")
        .put(Tag.InstitutionName, "Test Hospital")
        .put(Tag.ReferringPhysicianName, "TEST^Referrer")
        .put(Tag.StudyDescription, "Test study")
        .put(Tag.SeriesDescription, "Test series")
        .put(Tag.PatientName, "TEST^Patient" + Math.floorMod(seed, 1_000_000L))
        .put(Tag.PatientID, "PID" + Math.floorMod(seed, 1_000_000L))
        .put(Tag.PatientBirthDate, "19700101")
        .put(Tag.PatientSex, "O")
        .put(Tag.SliceThickness, "5")
        .put(Tag.KVP, "120")
        .put(Tag.Exposure, "250")
        .put(Tag.StudyInstanceUID, studyUid(seed))
        .put(Tag.SeriesInstanceUID, uid(seed, "series"))
        .put(Tag.StudyID, "1")
        .put(Tag.SeriesNumber, "1")
        .put(Tag.AcquisitionNumber, "1")
        .put(Tag.InstanceNumber, Integer.toString(number))
        .put(Tag.ImagePositionPatient, "-125", "-125", Integer.toString(5 * number))
        .put(Tag.ImageOrientationPatient, "1", "0", "0", "0", "1", "0")
        .put(Tag.FrameOfReferenceUID, uid(seed, "frame"))
        .empty(Tag.PositionReferenceIndicator)
        .put(Tag.RescaleIntercept, "-1024")
        .put(Tag.RescaleSlope, "1");
  }

  /** Adds pixels of {@code rows × columns} 16 bit noise. */
  public static DataSetBuilder pixels(DataSetBuilder dataSet, int rows, int columns, long seed) {
    byte[] noise = new byte[rows * columns * 2];
    new Random(seed).nextBytes(noise);
    for (int i = 1; i < noise.length; i += 2) {
      noise[i] &= 0x0F;
    }
    return pixelDescription(dataSet, rows, columns).put(Tag.PixelData, VR.OW, noise);
  }

  /** Says that there are {@code rows × columns} 12 bit pixels in 16, and leaves them out. */
  public static DataSetBuilder pixelDescription(DataSetBuilder dataSet, int rows, int columns) {
    return dataSet
        .put(Tag.SamplesPerPixel, 1)
        .put(Tag.PhotometricInterpretation, "MONOCHROME2")
        .put(Tag.Rows, rows)
        .put(Tag.Columns, columns)
        .put(Tag.PixelSpacing, "0.5", "0.5")
        .put(Tag.BitsAllocated, 16)
        .put(Tag.BitsStored, 12)
        .put(Tag.HighBit, 11)
        .put(Tag.PixelRepresentation, 0);
  }

  /** One small CT instance (about 9 KB) in Explicit VR Little Endian. */
  public static byte[] ct(long seed) {
    return instance(seed, 1, 8192);
  }

  /**
   * One CT instance with about {@code pixelBytes} of pixels, rounded down to whole 64 pixel rows.
   */
  public static byte[] instance(long seed, int number, int pixelBytes) {
    return instance(seed, number, pixelBytes, TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN);
  }

  /** One CT instance in a transfer syntax; an encapsulated one gets one fragment of noise. */
  public static byte[] instance(long seed, int number, int pixelBytes, TransferSyntax syntax) {
    int columns = pixelBytes >= 1 << 18 ? 512 : 64;
    int rows = Math.max(1, pixelBytes / (2 * columns));
    DataSetBuilder dataSet = pixels(header(seed, number), rows, columns, seed + number);
    if (syntax.encapsulated()) {
      byte[] fragment = new byte[Math.max(2, pixelBytes & ~1)];
      new Random(seed + number).nextBytes(fragment);
      dataSet.encapsulatedPixelData(fragment);
    }
    return new DicomWriter(syntax).file(dataSet);
  }

  /** A study of {@code n} CT instances with about {@code pixelBytes} of pixels each. */
  public static List<byte[]> study(long seed, int n, int pixelBytes) {
    List<byte[]> files = new ArrayList<>(n);
    for (int i = 1; i <= n; i++) {
      files.add(instance(seed, i, pixelBytes));
    }
    return files;
  }

  /** Writes a multi-frame object with {@code pixelBytes} of pixels (as zeros), never in memory. */
  public static void large(long seed, long pixelBytes, Path file) throws IOException {
    int frame = 1024 * 1024 * 2;
    long frames = Math.max(1, pixelBytes / frame);
    DataSetBuilder dataSet =
        pixelDescription(header(seed, 1), 1024, 1024)
            .put(Tag.NumberOfFrames, Long.toString(frames))
            .put(Tag.PixelData, VR.OW, frames * frame, Zeros::new);
    new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN).file(dataSet, file);
  }

  private static final class Zeros extends InputStream {
    @Override
    public int read() {
      return 0;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      java.util.Arrays.fill(into, offset, offset + length, (byte) 0);
      return length;
    }
  }
}
