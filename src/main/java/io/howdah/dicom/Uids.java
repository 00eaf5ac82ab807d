package io.howdah.dicom;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * UIDs: the registry of PS3.6, in the edition that the first line of its table names, their syntax,
 * and new ones.
 */
public final class Uids {
  public static final String ImplicitVRLittleEndian = "1.2.840.10008.1.2";
  public static final String ExplicitVRLittleEndian = "1.2.840.10008.1.2.1";
  public static final String DeflatedExplicitVRLittleEndian = "1.2.840.10008.1.2.1.99";
  public static final String ExplicitVRBigEndian = "1.2.840.10008.1.2.2";
  public static final String JPEGBaseline8Bit = "1.2.840.10008.1.2.4.50";
  public static final String JPEGLossless = "1.2.840.10008.1.2.4.57";
  public static final String JPEGLosslessSV1 = "1.2.840.10008.1.2.4.70";
  public static final String JPEGLSLossless = "1.2.840.10008.1.2.4.80";
  public static final String JPEG2000Lossless = "1.2.840.10008.1.2.4.90";
  public static final String JPEG2000 = "1.2.840.10008.1.2.4.91";
  public static final String HTJ2KLossless = "1.2.840.10008.1.2.4.201";
  public static final String RLELossless = "1.2.840.10008.1.2.5";
  public static final String DICOMApplicationContext = "1.2.840.10008.3.1.1.1";
  public static final String Verification = "1.2.840.10008.1.1";
  public static final String MediaStorageDirectoryStorage = "1.2.840.10008.1.3.10";
  public static final String StorageCommitmentPushModel = "1.2.840.10008.1.20.1";
  public static final String StorageCommitmentPushModelInstance = "1.2.840.10008.1.20.1.1";
  public static final String ModalityPerformedProcedureStep = "1.2.840.10008.3.1.2.3.3";
  public static final String ModalityWorklistInformationModelFind = "1.2.840.10008.5.1.4.31";
  public static final String StudyRootQueryRetrieveInformationModelFind =
      "1.2.840.10008.5.1.4.1.2.2.1";
  public static final String ComputedRadiographyImageStorage = "1.2.840.10008.5.1.4.1.1.1";
  public static final String DigitalXRayImageStorageForPresentation = "1.2.840.10008.5.1.4.1.1.1.1";
  public static final String DigitalMammographyXRayImageStorageForPresentation =
      "1.2.840.10008.5.1.4.1.1.1.2";
  public static final String CTImageStorage = "1.2.840.10008.5.1.4.1.1.2";
  public static final String MRImageStorage = "1.2.840.10008.5.1.4.1.1.4";
  public static final String UltrasoundImageStorage = "1.2.840.10008.5.1.4.1.1.6.1";
  public static final String SecondaryCaptureImageStorage = "1.2.840.10008.5.1.4.1.1.7";
  public static final String BasicTextSRStorage = "1.2.840.10008.5.1.4.1.1.88.11";
  public static final String EnhancedSRStorage = "1.2.840.10008.5.1.4.1.1.88.22";
  public static final String EncapsulatedPDFStorage = "1.2.840.10008.5.1.4.1.1.104.1";

  /** Names this software in the files it writes: 2.25 and a UUID of its own (PS3.5 §B.2). */
  public static final String HOWDAH_IMPLEMENTATION = "2.25.189465027979844490126358784869973634678";

  /** The one study of all the gateway's own synthetic objects, which never leaves it. */
  public static final String HOWDAH_CANARY = "2.25.212259498440613707275360968846602930812";

  /** At most 16 characters (PS3.7 §D.3.3.2). */
  public static final String HOWDAH_VERSION_NAME = "HOWDAH_0";

  private Uids() {}

  /** What the registry says about a UID. */
  public record Entry(String uid, String keyword, String type, boolean retired, String name) {}

  private static final class Registry {
    static final Map<String, Entry> ENTRIES = new HashMap<>(1000);
    static final Map<String, String> BY_KEYWORD = new HashMap<>(1000);

    static {
      new String(Dictionary.read("uids.txt"), StandardCharsets.US_ASCII)
          .lines()
          .skip(1)
          .map(line -> line.split("\\|", 5))
          .map(f -> new Entry(f[0], f[1], f[2], !f[3].isEmpty(), f[4]))
          .forEach(
              entry -> {
                ENTRIES.put(entry.uid(), entry);
                BY_KEYWORD.put(entry.keyword(), entry.uid());
              });
    }
  }

  /** The registry's entry, or null for a UID it does not list. */
  public static Entry entry(String uid) {
    return Registry.ENTRIES.get(uid);
  }

  /** The UID with this keyword such as {@code CTImageStorage}, or null when there is none. */
  public static String uid(String keyword) {
    return Registry.BY_KEYWORD.get(keyword);
  }

  /** The registry's name such as {@code CT Image Storage}; the UID itself when it has none. */
  public static String name(String uid) {
    Entry entry = entry(uid);
    return entry == null ? uid : entry.name();
  }

  static boolean isOfType(String uid, String type) {
    Entry entry = entry(uid);
    return entry != null && entry.type().equals(type);
  }

  /** True when the registry lists it as a SOP class. */
  public static boolean isSopClass(String uid) {
    return isOfType(uid, "SOP Class");
  }

  /**
   * PS3.5 §9.1: 1 to 64 characters, digits and full stops, no empty component, no leading zero in a
   * component of several digits. Padding must be gone already.
   */
  public static boolean isValid(String uid) {
    int length = uid.length();
    if (length == 0 || length > 64) {
      return false;
    }
    int start = 0;
    for (int i = 0; i <= length; i++) {
      char c = i == length ? '.' : uid.charAt(i);
      if (c == '.') {
        if (i == start || i - start > 1 && uid.charAt(start) == '0') {
          return false;
        }
        start = i + 1;
      } else if (c < '0' || c > '9') {
        return false;
      }
    }
    return true;
  }

  /**
   * True when it may serve as a key although not quite valid: 1 to 64 ASCII digits and full stops,
   * no empty component. Leading zeros, which real devices write, pass.
   */
  public static boolean isSafe(String uid) {
    int length = uid.length();
    if (length == 0 || length > 64) {
      return false;
    }
    char before = '.';
    for (int i = 0; i < length; i++) {
      char c = uid.charAt(i);
      if (c == '.' ? before == '.' : c < '0' || c > '9') {
        return false;
      }
      before = c;
    }
    return before != '.';
  }

  /** A new UID nobody else has: 2.25 and a random UUID as a number (PS3.5 §B.2). */
  public static String create() {
    return of(UUID.randomUUID());
  }

  /** 2.25 and this UUID as a number. */
  public static String of(UUID uuid) {
    byte[] bytes =
        ByteBuffer.allocate(16)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .array();
    return "2.25." + new BigInteger(1, bytes);
  }
}
