package io.howdah.dicom.sample;

import io.howdah.dicom.DataSetBuilder;
import io.howdah.dicom.DicomWriter;
import io.howdah.dicom.TransferSyntax;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * One file of a sample study; its pixels are drawn each time it is written.
 *
 * @param name such as {@code ct-001.dcm}
 */
public record SampleFile(
    String name, String sopInstanceUID, TransferSyntax syntax, Supplier<DataSetBuilder> dataSet) {
  /** The file's bytes. */
  public byte[] bytes() {
    return new DicomWriter(syntax).file(dataSet.get());
  }

  /** Writes the file's bytes; the stream stays open. */
  public void writeTo(OutputStream out) throws IOException {
    new DicomWriter(syntax).file(dataSet.get(), out);
  }

  /** Writes a new file. */
  public void writeTo(Path file) throws IOException {
    new DicomWriter(syntax).file(dataSet.get(), file);
  }
}
