package io.howdah.dicom;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Writes DICOM files (PS3.10) and data sets in one transfer syntax. */
public final class DicomWriter {
  /** How the end of sequences and items is told (PS3.5 §7.5). */
  public enum Lengths {
    DEFINED,
    UNDEFINED
  }

  private static final int UNDEFINED = -1;

  private final TransferSyntax syntax;
  private final Lengths lengths;

  public DicomWriter(TransferSyntax syntax) {
    this(syntax, Lengths.DEFINED);
  }

  public DicomWriter(TransferSyntax syntax, Lengths lengths) {
    this.syntax = syntax;
    this.lengths = lengths;
  }

  /** A file: preamble, file meta information made from the SOP UIDs, and the data set. */
  public byte[] file(DataSetBuilder dataSet) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      file(dataSet, out);
    } catch (IOException e) {
      throw new UncheckedIOException("a value's source failed", e);
    }
    return out.toByteArray();
  }

  /**
   * Writes a file.
   *
   * @throws java.nio.file.FileAlreadyExistsException when there is one already
   */
  public void file(DataSetBuilder dataSet, Path file) throws IOException {
    try (OutputStream out =
        new BufferedOutputStream(
            Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            1 << 16)) {
      file(dataSet, out);
    }
  }

  /** Writes a file to a stream, which stays open. */
  public void file(DataSetBuilder dataSet, OutputStream out) throws IOException {
    out.write(new byte[128]);
    out.write(new byte[] {'D', 'I', 'C', 'M'});
    out.write(meta(dataSet));
    dataSet(dataSet, out);
  }

  private byte[] meta(DataSetBuilder dataSet) {
    String sopClass = dataSet.text(Tag.SOPClassUID);
    String sopInstance = dataSet.text(Tag.SOPInstanceUID);
    DataSetBuilder meta =
        new DataSetBuilder()
            .put(Tag.FileMetaInformationVersion, VR.OB, new byte[] {0, 1})
            .put(Tag.TransferSyntaxUID, syntax.uid())
            .put(Tag.ImplementationClassUID, Uids.HOWDAH_IMPLEMENTATION)
            .put(Tag.ImplementationVersionName, Uids.HOWDAH_VERSION_NAME);
    if (sopClass != null) {
      meta.put(Tag.MediaStorageSOPClassUID, sopClass);
    }
    if (sopInstance != null) {
      meta.put(Tag.MediaStorageSOPInstanceUID, sopInstance);
    }
    DicomWriter writer = new DicomWriter(TransferSyntax.EXPLICIT_VR_LITTLE_ENDIAN);
    byte[] elements = writer.dataSet(meta);
    byte[] groupLength =
        writer.dataSet(
            new DataSetBuilder().put(Tag.FileMetaInformationGroupLength, elements.length));
    byte[] whole = Arrays.copyOf(groupLength, groupLength.length + elements.length);
    System.arraycopy(elements, 0, whole, groupLength.length, elements.length);
    return whole;
  }

  /** The data set alone. */
  public byte[] dataSet(DataSetBuilder dataSet) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      dataSet(dataSet, out);
    } catch (IOException e) {
      throw new UncheckedIOException("a value's source failed", e);
    }
    return out.toByteArray();
  }

  /** Writes the data set alone to a stream, which stays open. */
  public void dataSet(DataSetBuilder dataSet, OutputStream out) throws IOException {
    if (!syntax.deflated()) {
      elements(dataSet, CharacterSets.DEFAULT, out);
      return;
    }
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      DeflaterOutputStream deflated = new DeflaterOutputStream(out, deflater, 1 << 13);
      elements(dataSet, CharacterSets.DEFAULT, deflated);
      deflated.finish();
      if ((deflater.getBytesWritten() & 1) != 0) {
        out.write(0);
      }
    } finally {
      deflater.end();
    }
  }

  private void elements(DataSetBuilder dataSet, CharacterSets outer, OutputStream out)
      throws IOException {
    CharacterSets charset = outer;
    for (DataSetBuilder.Content content : dataSet.contents()) {
      if (content instanceof DataSetBuilder.Text text) {
        if (text.tag() == Tag.SpecificCharacterSet) {
          charset = CharacterSets.of(text.values());
        }
        byte[] value = charset.encode(String.join("\\", text.values()), text.vr());
        header(text.tag(), text.vr(), even(value.length), out);
        out.write(value);
        pad(value.length, text.vr(), out);
      } else if (content instanceof DataSetBuilder.Bytes bytes) {
        header(bytes.tag(), bytes.vr(), even(bytes.length()), out);
        bytes(bytes, out);
        pad(bytes.length(), bytes.vr(), out);
      } else if (content instanceof DataSetBuilder.Items items) {
        sequence(items, charset, out);
      } else if (content instanceof DataSetBuilder.Fragments fragments) {
        header(fragments.tag(), fragments.vr(), UNDEFINED, out);
        for (byte[] fragment : fragments.fragments()) {
          item(Tag.Item, (int) even(fragment.length), out);
          out.write(fragment);
          pad(fragment.length, VR.OB, out);
        }
        item(Tag.SequenceDelimitationItem, 0, out);
      }
    }
  }

  private void sequence(DataSetBuilder.Items sequence, CharacterSets charset, OutputStream out)
      throws IOException {
    List<DataSetBuilder> items = sequence.items();
    if (lengths == Lengths.UNDEFINED) {
      header(sequence.tag(), VR.SQ, UNDEFINED, out);
      for (DataSetBuilder item : items) {
        item(Tag.Item, UNDEFINED, out);
        elements(item, charset, out);
        item(Tag.ItemDelimitationItem, 0, out);
      }
      item(Tag.SequenceDelimitationItem, 0, out);
      return;
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (DataSetBuilder item : items) {
      ByteArrayOutputStream inside = new ByteArrayOutputStream();
      elements(item, charset, inside);
      item(Tag.Item, inside.size(), whole);
      inside.writeTo(whole);
    }
    header(sequence.tag(), VR.SQ, whole.size(), out);
    whole.writeTo(out);
  }

  private void bytes(DataSetBuilder.Bytes value, OutputStream out) throws IOException {
    int width = value.vr() == VR.AT ? 2 : value.vr().width();
    byte[] chunk = new byte[(int) Math.min(value.length(), 1 << 16)];
    long left = value.length();
    try (InputStream source = value.source().get()) {
      while (left > 0) {
        int n = source.readNBytes(chunk, 0, (int) Math.min(left, chunk.length));
        if (n == 0) {
          throw new IOException(
              "the value of " + Tag.toString(value.tag()) + " is shorter than announced");
        }
        if (syntax.bigEndian() && width > 1) {
          Element.swap(chunk, width);
        }
        out.write(chunk, 0, n);
        left -= n;
      }
    }
  }

  private static long even(long length) {
    return length + (length & 1);
  }

  private static void pad(long length, VR vr, OutputStream out) throws IOException {
    if ((length & 1) != 0) {
      out.write(vr.padding());
    }
  }

  private void header(int tag, VR vr, long length, OutputStream out) throws IOException {
    if (length > 0xFFFFFFFEL || syntax.explicitVR() && !vr.hasLongLength() && length > 0xFFFF) {
      throw new IllegalArgumentException(
          "the value of " + Tag.toString(tag) + " is too long for its VR " + vr);
    }
    u16(tag >>> 16, out);
    u16(tag, out);
    if (syntax.explicitVR()) {
      out.write(vr.code());
      if (!vr.hasLongLength()) {
        u16((int) length, out);
        return;
      }
      u16(0, out);
    }
    u32((int) length, out);
  }

  private void item(int tag, int length, OutputStream out) throws IOException {
    u16(tag >>> 16, out);
    u16(tag, out);
    u32(length, out);
  }

  private void u16(int value, OutputStream out) throws IOException {
    if (syntax.bigEndian()) {
      out.write(value >>> 8);
      out.write(value);
    } else {
      out.write(value);
      out.write(value >>> 8);
    }
  }

  private void u32(int value, OutputStream out) throws IOException {
    u16(syntax.bigEndian() ? value >>> 16 : value, out);
    u16(syntax.bigEndian() ? value : value >>> 16, out);
  }
}
