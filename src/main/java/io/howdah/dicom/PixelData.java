package io.howdah.dicom;

import java.util.List;

/**
 * Where a file's pixel data is; it is never decoded.
 *
 * @param tag Pixel Data, Float Pixel Data or Double Float Pixel Data
 * @param offset of the value in the file
 * @param length bytes of the value, -1 when encapsulated
 * @param fragments where each fragment is, the offset table first; empty unless encapsulated and
 *     read to its end
 */
public record PixelData(int tag, VR vr, long offset, long length, List<Fragment> fragments) {
  /** One fragment of encapsulated pixel data (PS3.5 §A.4), without its item header. */
  public record Fragment(long offset, long length) {}

  public PixelData {
    fragments = fragments instanceof Fragments ? fragments : List.copyOf(fragments);
  }

  /** True when the pixel data comes in fragments. */
  public boolean isEncapsulated() {
    return length < 0;
  }
}
