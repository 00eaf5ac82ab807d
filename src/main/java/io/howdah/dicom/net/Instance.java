package io.howdah.dicom.net;

import io.howdah.dicom.DicomReader;
import io.howdah.dicom.Header;
import io.howdah.dicom.Tag;
import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.Uids;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One object to be sent, as its file says it is.
 *
 * @param dataSetOffset where the data set begins in the file, after preamble and meta information
 */
public record Instance(
    Path file, String sopClass, String sopInstance, String transferSyntax, long dataSetOffset) {
  public Instance {
    if (!Uids.isSafe(sopClass) || !Uids.isSafe(sopInstance) || !Uids.isSafe(transferSyntax)) {
      throw new IllegalArgumentException("an instance needs three well-formed UIDs");
    }
    if (dataSetOffset < 0) {
      throw new IllegalArgumentException("a data set cannot begin at " + dataSetOffset);
    }
  }

  /**
   * The instance in a file, as its data set names it.
   *
   * @return empty when the file does not say what it is, or not in a way a peer would accept
   * @throws IOException when the file cannot be read
   */
  public static Optional<Instance> read(Path file, DicomReader reader) throws IOException {
    Header header = reader.header(file);
    String sopClass = header.dataSet().string(Tag.SOPClassUID);
    String sopInstance = header.dataSet().string(Tag.SOPInstanceUID);
    TransferSyntax syntax = header.transferSyntax();
    if (header.fatal().isPresent()
        || syntax == null
        || sopClass == null
        || sopInstance == null
        || !Uids.isSafe(sopClass)
        || !Uids.isSafe(sopInstance)) {
      return Optional.empty();
    }
    return Optional.of(
        new Instance(file, sopClass, sopInstance, syntax.uid(), header.dataSetOffset()));
  }
}
