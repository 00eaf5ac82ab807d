package io.howdah.dicom.net;

import java.io.IOException;

/** This attempt on this association is over; says how. */
final class AssociationEnded extends IOException {
  private static final long serialVersionUID = 1;

  private final transient AssociationEnd end;

  AssociationEnded(AssociationEnd end) {
    super(end.toString());
    this.end = end;
  }

  static AssociationEnded violated(AbortReason reason, String what) {
    return new AssociationEnded(new AssociationEnd.Violated(reason, what));
  }

  AssociationEnd end() {
    return end;
  }
}
