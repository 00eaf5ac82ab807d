package io.howdah.dicom.net;

import io.howdah.dicom.TransferSyntax;
import io.howdah.dicom.Uids;
import java.util.Set;

/** Which SOP classes and transfer syntaxes belong to storage (PS3.4 §B.5, PS3.6 §A). */
final class Services {
  private static final String STORAGE = "1.2.840.10008.5.1.4.1.1.";
  private static final Set<String> OTHER_STORAGE =
      Set.of(
          "1.2.840.10008.5.1.1.27",
          "1.2.840.10008.5.1.1.29",
          "1.2.840.10008.5.1.1.30",
          "1.2.840.10008.5.1.4.34.1",
          "1.2.840.10008.5.1.4.34.7",
          "1.2.840.10008.5.1.4.34.10",
          "1.2.840.10008.5.1.4.38.1",
          "1.2.840.10008.5.1.4.39.1",
          "1.2.840.10008.5.1.4.43.1",
          "1.2.840.10008.5.1.4.44.1",
          "1.2.840.10008.5.1.4.45.1");

  private Services() {}

  /** True when a data set in this encoding is deflated as a whole (PS3.5 §A.5). */
  static boolean isDeflated(String transferSyntax) {
    TransferSyntax known = TransferSyntax.of(transferSyntax);
    return known != null && known.deflated();
  }

  static boolean isStorage(String sopClass) {
    return sopClass.startsWith(STORAGE) || OTHER_STORAGE.contains(sopClass);
  }

  /** True for the services of PS3.4 that are not storage and never hold an object. */
  static boolean isOther(String sopClass) {
    return !isStorage(sopClass)
        && (sopClass.equals(Uids.Verification)
            || sopClass.startsWith("1.2.840.10008.1.20.")
            || sopClass.startsWith("1.2.840.10008.1.40")
            || sopClass.startsWith("1.2.840.10008.1.42")
            || sopClass.startsWith("1.2.840.10008.3.1.2.")
            || sopClass.startsWith("1.2.840.10008.5.1.1.")
            || sopClass.startsWith("1.2.840.10008.5.1.4."));
  }

  /** True for an encoding of stored objects; not for those of mail, XML and live video. */
  static boolean isStorageSyntax(String transferSyntax) {
    return transferSyntax.equals(Uids.ImplicitVRLittleEndian)
        || transferSyntax.startsWith(Uids.ImplicitVRLittleEndian + ".1")
        || transferSyntax.equals(Uids.ExplicitVRBigEndian)
        || transferSyntax.startsWith(Uids.ImplicitVRLittleEndian + ".4.")
        || transferSyntax.equals(Uids.ImplicitVRLittleEndian + ".5")
        || transferSyntax.startsWith(Uids.ImplicitVRLittleEndian + ".8.");
  }
}
