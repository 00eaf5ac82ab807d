package io.howdah.validate;

import io.howdah.dicom.DataSet;
import io.howdah.dicom.Dictionary;
import io.howdah.dicom.Element;
import io.howdah.dicom.Tag;
import io.howdah.dicom.VR;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Whether values are as PS3.5 §6 demands, in the outermost data set and in every item. */
final class ValueChecks {
  /** So many elements of a file are looked at. */
  static final int LIMIT = 100_000;

  /** The padding of longer values is not looked at. */
  private static final int SHORT = 1024;

  private final Findings findings;
  private int left = LIMIT;

  private ValueChecks(Findings findings) {
    this.findings = findings;
  }

  /** Checks a data set and everything in it. */
  static void check(DataSet outermost, Findings findings) {
    new ValueChecks(findings).walk(outermost);
  }

  private void walk(DataSet outermost) {
    Deque<DataSet> waiting = new ArrayDeque<>();
    waiting.add(outermost);
    while (!waiting.isEmpty()) {
      DataSet dataSet = waiting.remove();
      characterSet(dataSet);
      for (Element element : dataSet.elements()) {
        if (--left < 0) {
          findings.add(
              Check.VALUES_NOT_CHECKED,
              "",
              () -> "the values of the first " + LIMIT + " elements were looked at, and no more");
          return;
        }
        if (element.isSequence()) {
          waiting.addAll(element.items());
        } else if (element.hasValue() && element.length() > 0) {
          value(element);
        }
      }
    }
  }

  private void characterSet(DataSet dataSet) {
    if (dataSet.contains(Tag.SpecificCharacterSet) && !dataSet.charset().unknownTerms().isEmpty()) {
      findings.add(
          Check.CHARSET_UNKNOWN,
          Tag.toString(Tag.SpecificCharacterSet),
          () ->
              ProfileExamination.name(Tag.SpecificCharacterSet)
                  + " has a term that the standard does not define (PS3.3 §C.12.1.1.2)");
    }
  }

  private void value(Element element) {
    VR vr = element.vr();
    if (vr.isNumber()) {
      if (element.length() % vr.width() != 0) {
        found(
            Check.VALUE_LENGTH,
            element.tag(),
            " has a length that is no multiple of " + vr.width() + ", as " + vr + " needs");
      }
      count(element.tag(), element.length() / vr.width());
    } else if (vr.isText()) {
      text(element, vr);
    }
  }

  private void text(Element element, VR vr) {
    if (!element.isCleanText()) {
      found(
          Check.CHARSET_BYTES,
          element.tag(),
          " has bytes that are no text in its character set (PS3.5 §6.1)");
      return;
    }
    List<String> values = element.strings();
    for (String value : values) {
      ValueSyntax.check(vr, value).ifPresent(breach -> breach(breach, element.tag(), vr));
    }
    if (vr != VR.UI && element.length() < SHORT && endsWithNul(element.bytes())) {
      found(
          Check.VALUE_REPERTOIRE, element.tag(), " is padded with NUL, and " + vr + " with spaces");
    }
    if (vr.isMultiValued()) {
      count(element.tag(), values.size());
    }
  }

  private static boolean endsWithNul(byte[] bytes) {
    return bytes[bytes.length - 1] == 0;
  }

  private void breach(ValueSyntax.Breach breach, int tag, VR vr) {
    switch (breach) {
      case TOO_LONG ->
          found(Check.VALUE_LENGTH, tag, " is longer than " + vr + " allows (PS3.5 §6.2)");
      case REPERTOIRE ->
          found(
              vr == VR.UI ? Check.UID_SYNTAX : Check.VALUE_REPERTOIRE,
              tag,
              " has characters that " + vr + " does not allow (PS3.5 §6.2)");
      case FORM ->
          found(
              vr == VR.UI ? Check.UID_SYNTAX : Check.VALUE_FORM,
              tag,
              vr == VR.UI
                  ? " is no well-formed UID (PS3.5 §9.1)"
                  : " does not have the form of " + vr + " (PS3.5 §6.2)");
    }
  }

  private void count(int tag, long count) {
    Dictionary.Entry entry = count == 0 || Tag.isPrivate(tag) ? null : Dictionary.entry(tag);
    if (entry != null && !Multiplicity.allows(entry.vm(), count)) {
      found(Check.VALUE_COUNT, tag, " has another number of values than " + entry.vm());
    }
  }

  private void found(Check check, int tag, String what) {
    findings.add(check, Tag.toString(tag), () -> ProfileExamination.name(tag) + what);
  }
}
