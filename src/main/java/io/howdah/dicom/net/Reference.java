package io.howdah.dicom.net;

import io.howdah.dicom.Uids;

/** One instance as a commitment request or report names it. */
public record Reference(String sopClass, String sopInstance) {
  public Reference {
    if (!Uids.isSafe(sopClass) || !Uids.isSafe(sopInstance)) {
      throw new IllegalArgumentException("a reference needs two well-formed UIDs");
    }
  }
}
