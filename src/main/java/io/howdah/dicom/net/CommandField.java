package io.howdah.dicom.net;

/** Kinds of DIMSE messages (PS3.7 §E.1); an answer is its request with the highest bit set. */
final class CommandField {
  static final int C_STORE = 0x0001;
  static final int C_FIND = 0x0020;
  static final int C_ECHO = 0x0030;
  static final int C_CANCEL = 0x0fff;
  static final int N_EVENT_REPORT = 0x0100;
  static final int N_SET = 0x0120;
  static final int N_ACTION = 0x0130;
  static final int N_CREATE = 0x0140;
  static final int RESPONSE = 0x8000;

  private CommandField() {}
}
