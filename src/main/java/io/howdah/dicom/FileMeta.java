package io.howdah.dicom;

/**
 * The file meta information (PS3.10 §7.1), group 0002. Every value is null when the file has none.
 *
 * @param present false for a file without file meta information
 * @param dataSet all its elements
 */
public record FileMeta(boolean present, DataSet dataSet) {
  static final FileMeta NONE = new FileMeta(false, DataSet.EMPTY);

  public String transferSyntaxUID() {
    return dataSet.string(Tag.TransferSyntaxUID);
  }

  public String mediaStorageSOPClassUID() {
    return dataSet.string(Tag.MediaStorageSOPClassUID);
  }

  public String mediaStorageSOPInstanceUID() {
    return dataSet.string(Tag.MediaStorageSOPInstanceUID);
  }

  public String implementationClassUID() {
    return dataSet.string(Tag.ImplementationClassUID);
  }

  public String implementationVersionName() {
    return dataSet.string(Tag.ImplementationVersionName);
  }

  public String sourceApplicationEntityTitle() {
    return dataSet.string(Tag.SourceApplicationEntityTitle);
  }
}
