package io.howdah.dicom.net;

import java.util.Set;

/** The SOP classes and syntaxes this package knows the meaning of (PS3.6 §A). */
final class Services {
  static final String APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1";
  static final String VERIFICATION = "1.2.840.10008.1.1";
  static final String COMMITMENT = "1.2.840.10008.1.20.1";
  static final String COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1";
  static final String PROCEDURE_STEP = "1.2.840.10008.3.1.2.3.3";
  static final String STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1";

  static final String IMPLICIT_LITTLE = "1.2.840.10008.1.2";
  static final String EXPLICIT_LITTLE = "1.2.840.10008.1.2.1";
  static final String EXPLICIT_BIG = "1.2.840.10008.1.2.2";
  static final Set<String> DEFLATED =
      Set.of("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205");

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
  private static final String SYNTAX = "1.2.840.10008.1.2";

  private Services() {}

  static boolean isStorage(String sopClass) {
    return sopClass.startsWith(STORAGE) || OTHER_STORAGE.contains(sopClass);
  }

  /** True for the services of PS3.4 that are not storage and never hold an object. */
  static boolean isOther(String sopClass) {
    return !isStorage(sopClass)
        && (sopClass.equals(VERIFICATION)
            || sopClass.startsWith("1.2.840.10008.1.20.")
            || sopClass.startsWith("1.2.840.10008.1.40")
            || sopClass.startsWith("1.2.840.10008.1.42")
            || sopClass.startsWith("1.2.840.10008.3.1.2.")
            || sopClass.startsWith("1.2.840.10008.5.1.1.")
            || sopClass.startsWith("1.2.840.10008.5.1.4."));
  }

  /** True for an encoding of stored objects; not for those of mail, XML and live video. */
  static boolean isStorageSyntax(String transferSyntax) {
    return transferSyntax.equals(SYNTAX)
        || transferSyntax.startsWith(SYNTAX + ".1")
        || transferSyntax.equals(EXPLICIT_BIG)
        || transferSyntax.startsWith(SYNTAX + ".4.")
        || transferSyntax.equals(SYNTAX + ".5")
        || transferSyntax.startsWith(SYNTAX + ".8.");
  }
}
