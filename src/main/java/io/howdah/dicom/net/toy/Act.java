package io.howdah.dicom.net.toy;

import java.util.Locale;

/** What a toy peer does when it is its turn to speak. */
public enum Act {
  /** What a good peer would do, with the status the script gives. */
  ANSWER,
  /** A-ABORT instead; for a C-STORE after its data set was read. */
  ABORT,
  /** A-ABORT as soon as the command of a C-STORE was read. */
  ABORT_DURING,
  /** Nothing, but goes on reading. */
  SILENT,
  /** Nothing, and reads no more. */
  STALL,
  /** Closes the connection. */
  CLOSE,
  /** Resets the connection. */
  RESET,
  /** Answers, then resets the connection. */
  ANSWER_AND_RESET,
  /** Answers, then closes the connection. */
  ANSWER_AND_CLOSE,
  /** Answers two times. */
  TWICE,
  /** Answers as soon as the command was read, before the data set. */
  EARLY,
  /** Answers with the message id of nothing that was asked. */
  WRONG_MESSAGE_ID,
  /** Answers in a context that was not accepted. */
  WRONG_CONTEXT,
  /** Answers for another SOP instance. */
  WRONG_INSTANCE,
  /** Answers as if to C-ECHO. */
  WRONG_KIND,
  /** Answers without status. */
  WITHOUT_STATUS,
  /** Answers with a command of more than a megabyte. */
  GIANT,
  /** Sends bytes that are no PDU. */
  GARBAGE,
  /** Sends half of its answer and no more. */
  HALF,
  /** Asks to release instead. */
  RELEASE;

  static Act named(String text) {
    String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
    for (Act each : values()) {
      if (each.name().equals(name)) {
        return each;
      }
    }
    throw new IllegalArgumentException("no act is called \"" + text + "\"");
  }
}
