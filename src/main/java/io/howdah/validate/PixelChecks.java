package io.howdah.validate;

import io.howdah.dicom.DataSet;
import io.howdah.dicom.Header;
import io.howdah.dicom.PixelData;
import io.howdah.dicom.Tag;
import io.howdah.dicom.Uids;

/**
 * Whether the pixel data has the length its dimensions demand (PS3.5 §8, PS3.3 §C.7.6.3); it is
 * measured and never decoded.
 */
final class PixelChecks {
  private static final int PIXEL_DATA_PROVIDER_URL = 0x00287FE0;

  private final Header header;
  private final DataSet object;
  private final Findings findings;

  PixelChecks(Header header, Findings findings) {
    this.header = header;
    this.object = header.dataSet();
    this.findings = findings;
  }

  /** Checks an object of this SOP class. */
  void check(String sopClass) {
    PixelData pixels = header.pixelData();
    if (pixels == null) {
      if (isImage(sopClass) && !object.contains(PIXEL_DATA_PROVIDER_URL)) {
        findings.add(
            Check.PIXEL_DATA_MISSING,
            Tag.toString(Tag.PixelData),
            () -> "an object of this SOP class has pixel data, and this one has none");
      }
      return;
    }
    Integer rows = object.integer(Tag.Rows);
    Integer columns = object.integer(Tag.Columns);
    Integer bits = object.integer(Tag.BitsAllocated);
    int samples = object.integer(Tag.SamplesPerPixel, 1);
    int frames = Math.max(1, object.integer(Tag.NumberOfFrames, 1));
    if (rows == null
        || columns == null
        || bits == null
        || rows < 1
        || columns < 1
        || samples < 1
        || bits != 1 && (bits < 8 || bits % 8 != 0)
        || object.integer(Tag.BitsStored, bits) > bits) {
      findings.add(
          Check.PIXEL_ATTRIBUTES,
          Tag.toString(pixels.tag()),
          () ->
              "rows, columns, samples or bits of the pixel data are absent or impossible, so its length was not checked");
      return;
    }
    if (pixels.isEncapsulated()) {
      fragments(pixels, frames);
    } else {
      length(pixels, bytes(rows, columns, bits, samples, frames));
    }
  }

  private static boolean isImage(String sopClass) {
    Uids.Entry entry = Uids.entry(sopClass);
    return entry != null
        && (entry.keyword().contains("ImageStorage")
            || entry.keyword().equals("SegmentationStorage")
            || entry.keyword().equals("ParametricMapStorage"));
  }

  /** Bytes of all frames, without padding; Long.MAX_VALUE when there are more than that. */
  private long bytes(int rows, int columns, int bits, int samples, int frames) {
    String photometric = String.valueOf(object.string(Tag.PhotometricInterpretation));
    try {
      long values = Math.multiplyExact(Math.multiplyExact((long) rows * columns, samples), frames);
      if (photometric.equals("YBR_FULL_422") || photometric.equals("YBR_PARTIAL_422")) {
        values = values / 3 * 2;
      } else if (photometric.equals("YBR_PARTIAL_420")) {
        values = values / 2;
      }
      return bits == 1 ? (values + 7) / 8 : Math.multiplyExact(values, bits / 8);
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  private void length(PixelData pixels, long bytes) {
    if (pixels.length() < bytes) {
      findings.add(
          Check.PIXEL_DATA_SHORT,
          Tag.toString(pixels.tag()),
          () -> "the pixel data is shorter than rows × columns × samples × bits × frames");
    } else if (pixels.length() > bytes + (bytes & 1)) {
      findings.add(
          Check.PIXEL_DATA_LONG,
          Tag.toString(pixels.tag()),
          () -> "the pixel data is longer than rows × columns × samples × bits × frames");
    }
  }

  /** PS3.5 §A.4: at least one fragment a frame, but for video, which is one stream. */
  private void fragments(PixelData pixels, int frames) {
    boolean isVideo =
        header.transferSyntax().uid().matches("1\\.2\\.840\\.10008\\.1\\.2\\.4\\.10\\d(\\.1)?");
    if (pixels.fragments().size() - 1 < (isVideo ? 1 : frames)) {
      findings.add(
          Check.PIXEL_FRAGMENTS,
          Tag.toString(pixels.tag()),
          () -> "the compressed pixel data has fewer fragments than frames");
    }
  }
}
