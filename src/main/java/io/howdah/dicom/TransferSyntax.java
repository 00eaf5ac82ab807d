package io.howdah.dicom;

/**
 * How a data set is encoded (PS3.5 §10).
 *
 * @param deflated the data set as a whole is deflated (PS3.5 §A.5)
 * @param encapsulated pixel data comes in fragments (PS3.5 §A.4)
 */
public record TransferSyntax(
    String uid, boolean explicitVR, boolean bigEndian, boolean deflated, boolean encapsulated) {
  public static final TransferSyntax IMPLICIT_VR_LITTLE_ENDIAN =
      new TransferSyntax(Uids.ImplicitVRLittleEndian, false, false, false, false);
  public static final TransferSyntax EXPLICIT_VR_LITTLE_ENDIAN =
      new TransferSyntax(Uids.ExplicitVRLittleEndian, true, false, false, false);
  public static final TransferSyntax EXPLICIT_VR_BIG_ENDIAN =
      new TransferSyntax(Uids.ExplicitVRBigEndian, true, true, false, false);
  public static final TransferSyntax DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN =
      new TransferSyntax(Uids.DeflatedExplicitVRLittleEndian, true, false, true, false);

  /** The transfer syntax with this UID, or null when it is not one of the registry's. */
  public static TransferSyntax of(String uid) {
    return switch (uid) {
      case Uids.ImplicitVRLittleEndian -> IMPLICIT_VR_LITTLE_ENDIAN;
      case Uids.ExplicitVRLittleEndian -> EXPLICIT_VR_LITTLE_ENDIAN;
      case Uids.ExplicitVRBigEndian -> EXPLICIT_VR_BIG_ENDIAN;
      case Uids.DeflatedExplicitVRLittleEndian -> DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN;
      // Papyrus 3, and the private one of an old modality whose pixel data alone is big endian
      case "1.2.840.10008.1.20", "1.2.840.113619.5.2" ->
          new TransferSyntax(uid, false, false, false, false);
      // JPIP Referenced: the pixel data is elsewhere
      case "1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.204" ->
          new TransferSyntax(uid, true, false, false, false);
      case "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205" ->
          new TransferSyntax(uid, true, false, true, false);
      default ->
          Uids.isOfType(uid, "Transfer Syntax")
              ? new TransferSyntax(uid, true, false, false, true)
              : null;
    };
  }
}
