package io.howdah.dicom;

/**
 * Tells DICOM files from others by their first bytes; the whole of it comes with the dicom package.
 */
public final class Part10 {
  private Part10() {}

  public static boolean looksLikeDicom(byte[] head, int n) {
    return n >= 132 && head[128] == 'D' && head[129] == 'I' && head[130] == 'C' && head[131] == 'M';
  }

  public static boolean isDicomdir(byte[] head, int n) {
    return false;
  }
}
