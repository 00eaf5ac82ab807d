package io.howdah.dicom;

import io.howdah.dicom.Defect.Code;
import io.howdah.dicom.Defect.Severity;
import java.util.ArrayList;
import java.util.List;

/**
 * What a reading found wrong; a thousand defects of one code must not hide the first of another.
 */
final class Defects {
  private final int limit;
  private final List<Defect> list = new ArrayList<>(4);
  private int[] reported;
  private boolean fatal;

  /**
   * @param limit so many of each code are kept
   */
  Defects(int limit) {
    this.limit = limit;
  }

  void report(Code code, int tag, long offset, Severity severity, String sentence) {
    if (reported == null) {
      reported = new int[Code.values().length];
    }
    if (reported[code.ordinal()]++ < limit) {
      list.add(new Defect(code, tag, offset, severity, sentence));
    }
  }

  /** Ends the reading; only the first reason counts. */
  void fail(Code code, int tag, long offset, String sentence) {
    if (!fatal) {
      fatal = true;
      list.add(new Defect(code, tag, offset, Severity.FATAL, sentence));
    }
  }

  /** True when nothing more can be read. */
  boolean isFatal() {
    return fatal;
  }

  List<Defect> list() {
    return list;
  }
}
