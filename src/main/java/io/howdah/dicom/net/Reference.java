package io.howdah.dicom.net;

/** One instance as a commitment request or report names it. */
public record Reference(String sopClass, String sopInstance) {
  public Reference {
    if (!UidSyntax.holds(sopClass) || !UidSyntax.holds(sopInstance)) {
      throw new IllegalArgumentException("a reference needs two well-formed UIDs");
    }
  }
}
