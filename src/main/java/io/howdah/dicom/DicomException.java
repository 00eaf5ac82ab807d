package io.howdah.dicom;

import java.io.IOException;

/** Reading DICOM ended here; names code, tag and offset, never a value. */
public final class DicomException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Defect defect;

  public DicomException(Defect defect) {
    super(defect.toString());
    this.defect = defect;
  }

  /** Why. */
  public Defect defect() {
    return defect;
  }
}
