package io.howdah.dicom.net;

/**
 * The answers of DIMSE services this package itself gives or tells apart (PS3.7 §C, PS3.4 §B.2.3).
 */
public final class Status {
  public static final int SUCCESS = 0x0000;
  public static final int INVALID_ATTRIBUTE_VALUE = 0x0106;
  public static final int PROCESSING_FAILURE = 0x0110;
  public static final int DUPLICATE_INSTANCE = 0x0111;
  public static final int NO_SUCH_INSTANCE = 0x0112;
  public static final int NO_SUCH_EVENT_TYPE = 0x0113;
  public static final int INVALID_INSTANCE = 0x0117;
  public static final int MISSING_ATTRIBUTE = 0x0120;
  public static final int SOP_CLASS_NOT_SUPPORTED = 0x0122;
  public static final int NOT_AUTHORIZED = 0x0124;
  public static final int UNRECOGNIZED_OPERATION = 0x0211;
  public static final int MISTYPED_ARGUMENT = 0x0212;
  public static final int RESOURCE_LIMITATION = 0x0213;
  public static final int OUT_OF_RESOURCES = 0xA700;
  public static final int DATA_SET_MISMATCH = 0xA900;
  public static final int CANNOT_UNDERSTAND = 0xC000;

  private Status() {}

  /** True for a warning: the service was done, with a remark (PS3.7 §C.3). */
  public static boolean isWarning(int status) {
    return (status & 0xf000) == 0xb000 || status == 0x0001 || status == 0x0107 || status == 0x0116;
  }

  /** True for a C-FIND answer after which more follow (PS3.4 §C.4.1.1.4). */
  static boolean isPending(int status) {
    return status == 0xff00 || status == 0xff01;
  }
}
