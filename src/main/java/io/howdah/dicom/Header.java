package io.howdah.dicom;

import java.util.List;
import java.util.Optional;

/**
 * What was read of a file: everything but pixel data and long values.
 *
 * @param preamble true when the file begins with 128 bytes and DICM
 * @param transferSyntax what the data set was read as; null when it was not read at all
 * @param transferSyntaxGuessed true when the file does not say, or says something else than it is
 * @param dataSetOffset where the data set begins in the file
 * @param pixelData null when there is none, or reading ended before
 * @param length bytes of the file: as read to the end, or as the file system said; -1 when unknown
 * @param complete true when every element to the end of the file was read
 * @param defects the first ones found, in the order of the file
 */
public record Header(
    boolean preamble,
    FileMeta fileMeta,
    TransferSyntax transferSyntax,
    boolean transferSyntaxGuessed,
    long dataSetOffset,
    DataSet dataSet,
    PixelData pixelData,
    long length,
    boolean complete,
    List<Defect> defects) {

  public Header {
    defects = List.copyOf(defects);
  }

  /** The defect at which reading ended, if one did. */
  public Optional<Defect> fatal() {
    return defects.stream().filter(d -> d.severity() == Defect.Severity.FATAL).findFirst();
  }

  /** True when a defect with this code was found. */
  public boolean has(Defect.Code code) {
    return defects.stream().anyMatch(d -> d.code() == code);
  }
}
