package io.howdah.dicom.net;

/** How this implementation names itself to peers and in files (PS3.7 §D.3.3.2). */
final class Implementation {
  static final String CLASS_UID = "2.25.127150113066230515607023563230086482080";
  static final String VERSION = "HOWDAH_0_1";

  private Implementation() {}
}
