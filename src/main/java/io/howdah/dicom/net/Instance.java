package io.howdah.dicom.net;

import java.nio.file.Path;

/**
 * One object to be sent, as its file says it is.
 *
 * @param dataSetOffset where the data set begins in the file, after preamble and meta information
 */
public record Instance(
    Path file, String sopClass, String sopInstance, String transferSyntax, long dataSetOffset) {
  public Instance {
    if (!UidSyntax.holds(sopClass)
        || !UidSyntax.holds(sopInstance)
        || !UidSyntax.holds(transferSyntax)) {
      throw new IllegalArgumentException("an instance needs three well-formed UIDs");
    }
    if (dataSetOffset < 0) {
      throw new IllegalArgumentException("a data set cannot begin at " + dataSetOffset);
    }
  }
}
