package io.howdah.dicom;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Puts a DICOM file together byte by byte, as wrong as a test wants it; Explicit VR Little Endian.
 */
final class RawFile {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  static RawFile dataSet() {
    return new RawFile();
  }

  /** A preamble and sound file meta information. */
  static RawFile file() {
    return file(Uids.ExplicitVRLittleEndian);
  }

  static RawFile file(String transferSyntax) {
    RawFile meta =
        new RawFile()
            .text(Tag.MediaStorageSOPClassUID, "UI", Uids.CTImageStorage + '\0')
            .text(Tag.MediaStorageSOPInstanceUID, "UI", "1.2.30")
            .text(
                Tag.TransferSyntaxUID,
                "UI",
                transferSyntax + (transferSyntax.length() % 2 == 1 ? "\0" : ""));
    return preamble(new byte[128])
        .head(Tag.FileMetaInformationGroupLength, "UL", 4)
        .u32(meta.out.size())
        .bytes(meta.toBytes());
  }

  static RawFile preamble(byte[] preamble) {
    return new RawFile().bytes(preamble).bytes('D', 'I', 'C', 'M');
  }

  RawFile bytes(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  RawFile bytes(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  RawFile u16(int value) {
    return bytes(value, value >>> 8);
  }

  RawFile u32(long value) {
    return u16((int) value).u16((int) (value >>> 16));
  }

  RawFile tag(int tag) {
    return u16(tag >>> 16).u16(tag);
  }

  /** Tag, VR and a length in the VR's form. */
  RawFile head(int tag, String vr, long length) {
    tag(tag).bytes(vr.charAt(0), vr.charAt(1));
    VR known = VR.of(vr);
    return known != null && known.hasLongLength() ? u16(0).u32(length) : u16((int) length);
  }

  RawFile text(int tag, String vr, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
    return head(tag, vr, bytes.length).bytes(bytes);
  }

  /** Tag and 32 bit length: an item, a delimiter, or an element in Implicit VR. */
  RawFile item(int tag, long length) {
    return tag(tag).u32(length);
  }

  byte[] toBytes() {
    return out.toByteArray();
  }

  int size() {
    return out.size();
  }
}
